"""cli/saml: service providers by file and by address, sources, our own metadata, and SAML's keys."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from idp.cli import Work
from idp.cli.keys import keys
from idp.cli.saml import saml
from idp.core.clock import FixedClock
from idp.core.errors import Invalid
from idp.services.keys import Keys
from idp.services.saml_keys import SamlKeys, makers
from idp.store.session import UnitOfWork, open_engine
from idp.xml.parser import parse
from tests.factories.saml_federation import Federation, federation, member
from tests.factories.saml_metadata import entity, signed

LMS = "https://lms.example/sp"


class Shell:
    def __init__(self, fed: Federation, folder: Path) -> None:
        keys_ = Keys(fed.uow, fed.clock, lambda: b"m" * 32, makers(fed.clock, "id.example"))
        keys_.init()
        self.fed = fed
        self.folder = folder
        self.saml_keys = SamlKeys(fed.uow, fed.clock, keys_, "id.example")
        parts = SimpleNamespace(
            saml_providers=fed.providers, saml_sources=fed.sources, saml_enrolment=fed.enrolment,
            saml_metadata=lambda: b"<our/>", saml_keys=self.saml_keys,
            saml=SimpleNamespace(entity_id="https://id.example/saml/metadata", signing=self.saml_keys.signing),
        )  # fmt: skip
        self._work = SimpleNamespace(parts=parts)

    def run(self, *arguments: str, group: Any = saml) -> Result:
        return CliRunner().invoke(group, arguments, obj=self._work)

    def record(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def file(self, data: bytes, name: str = "sp.xml") -> str:
        (self.folder / name).write_bytes(data)
        return str(self.folder / name)

    def pinned(self, form: str = "pem") -> str:
        der = self.fed.key.certificate
        pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
        return self.file(pem if form == "pem" else der, f"key.{form}")


@pytest.fixture
def shell(sqlite_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Shell]:
    engine = open_engine(sqlite_url)
    with federation(UnitOfWork(engine), clock) as fed:
        yield Shell(fed, tmp_path)
    engine.dispose()


def test_a_file_is_registered_as_its_preset_and_the_options_say(shell: Shell) -> None:
    place = shell.file(entity())
    record = shell.record(
        "add-sp", place, "--preset", "moodle", "--name-id", "persistent", "--owner", "Білім",
        "--end-date", "2027-08-31", "--all-schools", "--rename", "mail=e-mail", "--idp-initiated", "--relay-state", "https://lms.example/",
        "--start", "https://lms.example/", "--client-id", "moodle",
    )  # fmt: skip
    assert record["settings"] == {
        "name_id": "persistent", "attribute_names": "basic", "renamed": {"mail": "e-mail"}, "idp_initiated": True,
        "relay_states": ["https://lms.example/"],
    }  # fmt: skip
    assert record["attributes"] == ["eduPersonAffiliation", "sn", "givenName", "mail", "uid"]
    assert (record["schools"], record["end_date"], record["owner"]) == ("all", "2027-08-31", "Білім")
    again = shell.record("add-sp", place, "--attribute", "uid", "--attribute", "mail", "--replace")
    assert (again["attributes"], again["settings"], again["client_id"]) == (["uid", "mail"], {}, "moodle")
    assert shell.record("add-sp", place, "--preset", "moodle", "--no-attributes", "--replace")["attributes"] == []
    assert shell.record("show", LMS) == shell.record("show", "moodle")
    assert "moodle" in shell.run("list").output
    assert "off" in shell.run("disable", LMS).output
    assert shell.record("list")[0]["is_disabled"] is True
    assert shell.run("remove", "moodle").exit_code == 0
    assert shell.record("list") == []


def test_an_unknown_preset_or_word_is_told(shell: Shell) -> None:
    place = shell.file(entity())
    assert "moodle" in shell.run("add-sp", place, "--preset", "blackboard").output
    failed = shell.run("add-sp", place, "--sign", "nothing", "--attribute", "iin")
    assert isinstance(failed.exception, Invalid)
    assert "sign:" in str(failed.exception)
    assert "attributes:" in str(failed.exception)
    assert shell.run("add-sp", place, "--school", "x", "--all-schools").exit_code == 2
    assert shell.run("add-sp", place, "--certificate", place).exit_code == 1


@pytest.mark.parametrize("form", ["pem", "der"])
def test_a_pinned_key_holds_for_files_and_addresses(shell: Shell, form: str) -> None:
    shell.fed.publish("/sp.xml", entity())
    key = shell.pinned(form)
    record = shell.record("add-sp", shell.fed.url("/sp.xml"), "--certificate", key)
    assert record["source"] == shell.fed.url("/sp.xml")
    failed = shell.run("add-sp", shell.file(signed(entity(entity_id="urn:other"))), "--certificate", key)
    assert failed.exit_code == 1
    assert len(shell.record("list")) == 1
    assert "no such file" in shell.run("add-sp", "nowhere.xml").output
    assert "no source knows it" in str(shell.run("add-sp", shell.fed.url("/nobody")).exception)


def test_a_source_is_added_read_listed_and_removed(shell: Shell) -> None:
    shell.fed.publish_all(member("lms"), member("library"))
    url, key = shell.fed.url("/all.xml"), shell.pinned()
    added = shell.record("add-source", url, "--kind", "aggregate", "--certificate", key, "--admit", "category")
    assert (added["providers"], added["added"]) == (2, 2)
    assert shell.record("sources")[0]["admits"] == "category"
    assert "2 known, 0 registered" in shell.run("sources").output
    assert shell.record("refresh", added["source"])["added"] == 0
    assert shell.run("add-source", url, "--kind", "aggregate", "--certificate", key).exit_code == 1
    shell.record("add-source", url, "--kind", "aggregate", "--certificate", key, "--replace")
    assert shell.record("sources")[0]["admits"] == ""
    assert shell.run("refresh").exit_code == 0
    shell.fed.withdraw_all()
    failed = shell.run("refresh")
    assert failed.exit_code == 1
    assert url in failed.stderr
    assert shell.run("remove-source", added["source"]).exit_code == 0
    assert shell.record("sources") == []


def test_our_metadata_is_printed_or_written(shell: Shell) -> None:
    assert shell.run("metadata").stdout == "<our/>\n"
    written = shell.run("metadata", "--output", str(shell.folder / "idp.xml"))
    first = hashlib.sha256(shell.saml_keys.signing()[0].certificate).hexdigest()
    assert written.output.splitlines()[1] == f"rsa-sha256 certificate, SHA-256: {first}"
    assert (shell.folder / "idp.xml").read_bytes() == b"<our/>"


def test_the_keys_of_saml_turn_step_by_step(shell: Shell) -> None:
    first = shell.run("rotate", "--saml", group=keys)
    assert "saml_sign rsa-sha256 next" in first.output
    assert "due from 2026-09-15T03:00+00:00" in first.output
    assert shell.run("rotate", "--saml", group=keys).output.startswith("the next step is due")
    assert "active" in shell.run("rotate", "--saml", "--now", group=keys).output
    assert "gone" in shell.run("rotate", "--saml", "--now", group=keys).output
    assert len(shell.saml_keys.signing()) == 2
    assert shell.run("rotate", "--saml", "--secret", "iin", group=keys).exit_code == 2


def test_the_parts_build_metadata_that_names_this_issuer(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDP_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("IDP_SECRET_FILE", str(tmp_path / "master.key"))
    work = Work()
    runner = CliRunner()
    assert runner.invoke(keys, ["init"], obj=work).exit_code == 0
    printed = runner.invoke(saml, ["metadata"], obj=work)
    assert parse(printed.stdout.strip().encode()).get("entityID") == "http://localhost:8000/saml/metadata"
    work.engine.dispose()
