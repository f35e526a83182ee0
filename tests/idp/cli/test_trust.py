"""`idp trust` and what `idp doctor` says of it, as an operator types them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idp.cli import Work
from idp.cli.trust import trust
from idp.core.clock import SystemClock
from idp.core.errors import Invalid
from tests.factories.nca import shared_nca

Run = Callable[..., Result]


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(trust, [str(part) for part in arguments], obj=Work())


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in (("ENV", "dev"), ("DATABASE_URL", sqlite_url), ("KEYS_DIR", str(tmp_path))):
        monkeypatch.setenv(f"IDP_{name}", value)
    return _run


def _files(folder: Path) -> list[tuple[Path, str]]:
    found = []
    for name, der in zip(("root", "nca"), shared_nca().anchors, strict=True):
        (folder / f"{name}.cer").write_bytes(der)
        found.append((folder / f"{name}.cer", hashlib.sha256(der).hexdigest()))
    return found


def test_certificates_are_added_listed_and_checked(run: Run, tmp_path: Path) -> None:
    empty = run("check")
    assert empty.exit_code == 1
    assert "no certificate is trusted" in empty.output
    assert json.loads(run("list", "--json").output) == []
    for file, sha256 in _files(tmp_path):
        added = run("add", file, "--sha256", sha256, "--note", "compared")
        assert added.exit_code == 0
        assert "until 20" in added.output
    rows = json.loads(run("list", "--json").output)
    assert [(row["sha256"], row["note"]) for row in rows] == [(sha, "compared") for _, sha in _files(tmp_path)]
    assert all(row["added_at"][:10] == f"{SystemClock().now():%Y-%m-%d}" for row in rows)
    assert all(row["sha256"] in run("list").output for row in rows)
    good = run("check")
    assert (good.exit_code, good.output) == (0, "every certificate is in order\n")
    assert json.loads(run("check", "--json").output) == []


def test_added_as_json(run: Run, tmp_path: Path) -> None:
    file, sha256 = _files(tmp_path)[0]
    assert json.loads(run("add", file, "--sha256", sha256, "--json").output)["sha256"] == sha256


def test_another_sha256_adds_nothing(run: Run, tmp_path: Path) -> None:
    (file, _), (_, other) = _files(tmp_path)
    refused = run("add", file, "--sha256", other)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, Invalid)
    assert run("list").output == ""


def test_the_sha256_must_be_given(run: Run, tmp_path: Path) -> None:
    assert run("add", _files(tmp_path)[0][0]).exit_code == 2


def test_a_test_authority_is_refused_in_production(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, sha256 = _files(tmp_path)[0]
    monkeypatch.setenv("IDP_ENV", "production")
    refused = run("add", file, "--sha256", sha256)
    assert refused.exit_code == 1
    assert "never trusted in production" in str(refused.exception)
