"""`idp doctor`: one line per finding; the ЭЦҚ may be off without anything being wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.cli import Work
from idp.cli.doctor import doctor
from idp.core.clock import SystemClock
from idp.store import credentials
from tests.factories.nca import shared_nca
from tests.factories.rows import add_person
from tests.factories.trusting import trusting
from tests.fakes.servers import prepare_idp


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found = {
        "IDP_ENV": "dev",
        "IDP_DATABASE_URL": sqlite_url,
        "IDP_KEYS_DIR": str(tmp_path),
        "IDP_SECRET_FILE": str(tmp_path / "master.key"),
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


def _said(*arguments: str) -> dict[str, str]:
    result = CliRunner().invoke(doctor, [*arguments, "--json"], obj=Work())
    said: dict[str, str] = json.loads(result.output)
    assert (result.exit_code == 0) == (said.get("ready", "yes") == "yes")
    return said


def test_without_keys_it_is_not_ready(environment: dict[str, str]) -> None:
    assert _said()["ready"] == "keys"


def test_it_says_why_the_eds_is_off(environment: dict[str, str]) -> None:
    prepare_idp(environment)
    said = _said()
    assert said["ready"] == "yes"
    assert said["eds"].startswith("off: no issuing certificate")
    assert said["only_by_eds"] == "0"
    work = Work()
    with work.parts.uow.write() as tx:
        credentials.add(tx, add_person(tx), "eds", {}, now=SystemClock().now())
    assert _said()["only_by_eds"] == "1; locked out until it is on or the school office helps"


def test_it_says_that_the_eds_is_on_and_with_what(environment: dict[str, str], tmp_path: Path) -> None:
    prepare_idp(environment)
    trusting(tmp_path, SystemClock(), shared_nca())
    said = _said()
    assert (said["eds"], said["eds_trusted"]) == ("on", "2")
    assert said["eds_library"] in ("libgcrypt", "ecdsa")
    (tmp_path / "trust" / "stranger.cer").write_bytes(b"x")
    assert _said()["eds"] == "on; `idp trust check` names what wants attention: 1"


def test_stores_are_listed_without_passwords(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_STORES", "backup.example.kz:/copies")
    monkeypatch.setenv("IDP_SMTP_URL", "smtps://sender:geheim@mail.example.kz:465")
    monkeypatch.setenv("IDP_MAIL_FROM", "id@school.example")
    said = _said("--stores")
    assert {"database", "database_host", "keys", "master_key", "logs", "queue"} <= said.keys()
    assert (said["told_1"], said["mail"]) == ("backup.example.kz:/copies", "mail.example.kz")
    assert "geheim" not in str(said)
