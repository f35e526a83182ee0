"""`bilim-client`: names what exists, says what is wrong, brings a database back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clients.cli import cli


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BILIM_TEXTBOOKS_DATABASE_URL", f"sqlite:///{tmp_path / 'textbooks.sqlite3'}")
    monkeypatch.setenv("BILIM_TEXTBOOKS_CLIENT_FILE", str(tmp_path / "none.json"))


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_only_clients_that_exist_are_offered() -> None:
    offered = run("--help").output
    assert "cabinet" in offered
    assert "textbooks" in offered
    assert "lms" in offered
    assert not any(name in offered for name in ("canteen", "attendance"))
    assert run("canteen", "serve").exit_code == 2


def test_the_database_is_upgraded_once() -> None:
    assert json.loads(run("textbooks", "db", "upgrade", "--json").output) == ["kit 1", "kit 2", "textbooks 1"]
    assert run("textbooks", "db", "upgrade").output == "up to date\n"


def test_a_backup_is_written_and_restored(tmp_path: Path) -> None:
    file = str(tmp_path / "backup")
    counts = {"readers": 0, "places": 0, "reader_classes": 0, "results": 0}
    assert json.loads(run("textbooks", "db", "backup", file, "--json").output) == counts
    assert json.loads(run("textbooks", "db", "restore", file, "--json").output) == counts
    assert run("textbooks", "db", "restore", str(tmp_path / "missing")).exit_code == 2


def test_a_round_of_the_worker_ends() -> None:
    assert run("textbooks", "worker", "--once").exit_code == 0


def test_serving_without_a_client_file_says_what_to_do() -> None:
    answer = run("textbooks", "serve")
    assert answer.exit_code == 2
    assert "idp clients add" in answer.output


def test_a_saml_client_needs_no_file_and_prints_its_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lms.client.json"
    monkeypatch.setenv("BILIM_LMS_CLIENT_FILE", str(file))
    monkeypatch.setenv("BILIM_LMS_DATABASE_URL", f"sqlite:///{tmp_path / 'lms.sqlite3'}")
    assert json.loads(run("lms", "db", "upgrade", "--json").output) == ["kit 1", "kit 2", "lms 1"]
    assert 'entityID="http://localhost:8005/saml/metadata"' in run("lms", "metadata").output
    assert run("lms", "worker", "--once").exit_code == 0
    file.chmod(0o644)
    refused = run("lms", "metadata")
    assert refused.exit_code == 2
    assert "chmod 600" in refused.output


def test_a_wrong_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILIM_TEXTBOOKS_ISSUER", "localhost")
    answer = run("textbooks", "db", "upgrade")
    assert answer.exit_code == 2
    assert "BILIM_TEXTBOOKS_ISSUER" in answer.output
