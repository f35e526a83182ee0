"""`idp people` as an operator meets it."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from idp.cli.people import people
from idp.core.clock import FixedClock
from idp.core.errors import BilimError
from idp.services.people import People
from idp.services.rosters import Rosters
from idp.store.models.people import Credential, Person
from idp.store.session import UnitOfWork
from tests.factories.rosters import USERS, FakeVault, changed, write_bundle
from tests.factories.rows import add_school


@dataclass
class Idp:
    """The command group on a database of its own."""

    uow: UnitOfWork
    clock: FixedClock

    def run(self, *arguments: str, text: str = "") -> Result:
        parts = SimpleNamespace(
            uow=self.uow,
            clock=self.clock,
            rosters=Rosters(self.uow, self.clock, FakeVault(), is_dev=True),
            people=People(self.uow, self.clock, lambda password: f"hash of {password}"),
        )
        settings = SimpleNamespace(issuer="https://id.school.example", is_dev=True)
        work = SimpleNamespace(parts=parts, settings=settings)
        return CliRunner().invoke(people, arguments, obj=work, input=text)


@pytest.fixture
def idp(uow: UnitOfWork, clock: FixedClock) -> Idp:
    return Idp(uow, clock)


def test_an_import_prints_a_table_and_a_second_one_says_nothing_changed(idp: Idp, tmp_path: Path) -> None:
    folder = str(write_bundle(tmp_path / "b"))
    first = idp.run("import", folder, "--lang", "en")
    assert first.exit_code == 0
    assert "users                        3           3           0           0           0" in first.output
    assert first.output.endswith("Done\n")
    assert idp.run("import", folder, "--lang", "en").output.endswith("Nothing changed\n")
    assert "Ештеңе өзгерген жоқ" in idp.run("import", folder).output


def test_a_refusal_names_lines_and_what_could_be_accepted(idp: Idp, tmp_path: Path) -> None:
    folder = str(write_bundle(tmp_path / "b", users=changed(USERS, "p", enabledUser="TRUE")))
    refused = idp.run("import", folder, "--lang", "ru")
    assert refused.exit_code == 1
    assert "letter_case          users.csv:4 [enabledUser]" in refused.output
    assert "--accept letter_case" in refused.output
    record = json.loads(idp.run("import", folder, "--json", "--lang", "en").output)
    assert (record["refused"], record["errors"], record["acceptable"]) == (True, 1, ["letter_case"])
    assert record["problems"][0] == {
        "file": "users.csv", "line": 4, "column": "enabledUser", "code": "letter_case", "severity": "error",
        "value": "TRUE", "acceptable": True,
        "message": "Wrong letter case: “TRUE”. If accepted it is read as meant",
    }  # fmt: skip
    assert idp.run("import", folder, "--accept", "letter_case").exit_code == 0


def test_a_dry_run_says_so(idp: Idp, uow: UnitOfWork, tmp_path: Path) -> None:
    shown = json.loads(idp.run("import", str(write_bundle(tmp_path / "b")), "--dry-run", "--json").output)
    assert (shown["dry_run"], shown["kinds"]["users"]["added"]) == (True, 3)
    with uow.read() as tx:
        assert tx.connection.execute(select(Person.id)).all() == []


def test_a_code_nobody_can_accept_is_an_error(idp: Idp, tmp_path: Path) -> None:
    result = idp.run("import", str(write_bundle(tmp_path / "b")), "--accept", "column_missing")
    assert isinstance(result.exception, BilimError)
    assert result.exception.code == "code_not_acceptable"


def test_a_sheet_is_private_and_its_passwords_work(idp: Idp, uow: UnitOfWork, tmp_path: Path) -> None:
    idp.run("import", str(write_bundle(tmp_path / "b")))
    out = tmp_path / "sheet.pdf"
    result = idp.run("sheets", "--class", "7 «Ә»", "--out", str(out), "--json")
    assert json.loads(result.output)["people"] == 1
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    from pypdf import PdfReader

    words = PdfReader(out).pages[0].extract_text().split()
    with uow.read() as tx:
        credential = tx.connection.execute(select(Credential)).one()
    assert credential.must_change
    from idp.methods.password import verify

    assert [word for word in words if "-" in word and verify(credential.data["hash"], word)]


def test_a_template_needs_its_ending(idp: Idp, tmp_path: Path) -> None:
    assert idp.run("template", str(tmp_path / "t.xls")).exit_code == 2
    assert idp.run("template", "--lang", "ru", str(tmp_path / "t.xlsx")).exit_code == 0
    assert (tmp_path / "t.xlsx").is_file()


def test_a_person_is_added_with_claims(idp: Idp, uow: UnitOfWork, tmp_path: Path) -> None:
    with uow.write() as tx:
        add_school(tx, identifier="900012")
    claims = tmp_path / "claims.json"
    claims.write_text(json.dumps({"given_name": "Сәуле", "website": "https://a.example"}))
    arguments = ("add", "--username", "Saule", "--password-stdin", "--role", "director", "--school", "900012")
    result = idp.run(*arguments, "--claims", str(claims), "--json", text="a long secret\n")
    assert json.loads(result.output)["username"] == "saule"
    with uow.read() as tx:
        person = tx.connection.execute(select(Person)).one()
        credential = tx.connection.execute(select(Credential)).one()
    assert (person.given_name, person.claims) == ("Сәуле", {"website": "https://a.example"})
    assert credential.data == {"hash": "hash of a long secret"}
    claims.write_text("not json")
    assert idp.run(*arguments, "--claims", str(claims), text="x\n").exit_code == 1
    assert idp.run("add", "--username", "x").exit_code == 2
