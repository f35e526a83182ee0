"""An import in the console: previewed, accepted, applied, taken back; and what it refuses."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, insert, select, update

from idp.core.clock import FixedClock
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import new_id
from idp.services import scope
from idp.services.consent_ends import Ends
from idp.services.rosters import Rosters
from idp.services.school_imports import WAITS, Imports
from idp.store import feed
from idp.store.base import Base
from idp.store.models.audit import AuditEvent
from idp.store.models.cards import Card
from idp.store.models.people import Enrolment, Membership, Person, SchoolClass
from idp.store.models.rosters import Import, ImportUpload
from idp.store.session import Tx, UnitOfWork
from tests.factories.console import add_enrolment
from tests.factories.rosters import CLASSES, DEMOGRAPHICS, ENROLLMENTS, ROLES, USERS, FakeVault, changed, write_bundle
from tests.factories.rosters import zipped as zip_folder
from tests.factories.rows import add_person, add_school

FILES = {
    "classes": changed(CLASSES, "c", termSourcedIds=""), "users": USERS, "roles": ROLES, "demographics": DEMOGRAPHICS,
    "enrollments": ENROLLMENTS,
}  # fmt: skip


class Rebound(Ends):
    """Notes whose date of birth moved, with the date at that moment."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def rebound(self, tx: Tx, person_id: str, *, now: datetime) -> None:
        born = tx.connection.execute(select(Person.birth_date).where(Person.id == person_id)).scalar_one()
        self.seen.append(str(born))


class Desk:
    """A school, and files for it made of rows."""

    def __init__(self, uow: UnitOfWork, clock: FixedClock, folder: Path) -> None:
        self.uow, self.clock, self._folder, self._made = uow, clock, folder, 0
        self.ends = Rebound()
        rosters = Rosters(uow, clock, FakeVault(), is_dev=True, ends=self.ends)
        self.imports = Imports(uow, clock, rosters, lambda _use: b"k" * 32, self.ends)
        with uow.write() as tx:
            self.id, self.other = add_school(tx), add_school(tx, "№ 5")
            self.district = add_school(tx, "Аудан", type="district")
        self.scope = scope.of_operator((self.id, self.other, self.district))

    def file(self, **replaced: Any) -> bytes:
        self._made += 1
        folder = write_bundle(self._folder / f"roster{self._made}", FILES | replaced)
        return zip_folder(folder, self._folder / f"roster{self._made}.zip").read_bytes()

    def keep(self, **replaced: Any) -> str:
        return self.imports.keep(self.scope, "boss", self.id, "тізім.zip", self.file(**replaced))

    def apply(self, accept: tuple[str, ...] = (), **replaced: Any) -> Any:
        self.clock.advance(minutes=1)
        return self.imports.apply(self.scope, "boss", self.id, self.keep(**replaced), accept=accept)

    def newest(self) -> Any:
        return self.imports.history(self.scope, self.id)[0]

    def undo(self) -> int:
        self.clock.advance(minutes=1)
        return self.imports.undo(self.scope, "boss", self.id, self.newest().id)

    def open_rows(self) -> tuple[int, ...]:
        """Open memberships, open places, open classes, active people."""
        with self.uow.read() as tx:

            def count(table: type[Base], condition: ColumnElement[bool]) -> int:
                return tx.connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()

            return (
                count(Membership, Membership.end.is_(None)), count(Enrolment, Enrolment.end.is_(None)),
                count(SchoolClass, SchoolClass.status == "active"), count(Person, Person.status == "active"),
            )  # fmt: skip


@pytest.fixture
def desk(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> Desk:
    return Desk(uow, clock, tmp_path)


def _state(desk: Desk) -> dict[str, list[str]]:
    with desk.uow.read() as tx:
        left = {"audit_events", "import_uploads"}
        tables = [table for table in Base.metadata.sorted_tables if table.name not in left]
        return {table.name: sorted(map(str, tx.connection.execute(table.select()))) for table in tables}


def test_a_file_is_looked_at_and_then_applied(desk: Desk) -> None:
    before = _state(desk)
    upload = desk.keep()
    with desk.uow.read() as tx:
        sealed = tx.connection.execute(select(ImportUpload.sealed)).scalar_one()
    assert b"aigerim" not in sealed
    assert not sealed.startswith(b"PK")
    preview = desk.imports.preview(desk.scope, desk.id, upload)
    assert not preview.is_refused
    assert preview.report is not None
    assert preview.report.is_dry_run
    assert preview.report.kinds["users"].added == 3
    assert _state(desk) == before
    done = desk.imports.apply(desk.scope, "boss", desk.id, upload)
    assert not done.is_refused
    assert desk.open_rows() == (3, 2, 1, 3)
    applied = desk.newest()
    assert (applied.file_name, applied.by, applied.may_undo) == ("тізім.zip", "boss", True)
    assert applied.numbers["users"][1] == 3
    for again in (desk.imports.preview, lambda *a: desk.imports.apply(a[0], "boss", *a[1:])):
        with pytest.raises(NotFound):
            again(desk.scope, desk.id, upload)


def test_errors_refuse_and_warnings_are_accepted_by_code(desk: Desk) -> None:
    older = [*DEMOGRAPHICS, {"sourcedId": "g", "birthDate": "2014-01-01", "sex": "female"}]
    upload = desk.keep(demographics=older)
    refused = desk.imports.preview(desk.scope, desk.id, upload, language="en")
    assert refused.is_refused
    finding = refused.findings[0]
    assert (finding.code, finding.is_error, finding.is_acceptable) == ("child_older_than_guardian", True, True)
    problem = refused.problems[0]
    assert (problem.file, problem.line, problem.value) == ("users.csv", 4, "g")
    assert desk.imports.apply(desk.scope, "boss", desk.id, upload).is_refused
    accepted = ("child_older_than_guardian", "nonsense", "duplicate_iin")
    assert not desk.imports.apply(desk.scope, "boss", desk.id, upload, accept=accepted).is_refused
    with desk.uow.read() as tx:
        data = tx.connection.execute(select(AuditEvent.data).where(AuditEvent.event == "import")).scalar_one()
    assert data["accepted"] == ["child_older_than_guardian"]


def test_two_people_under_one_iin_and_a_file_with_schools_of_its_own_are_refused(desk: Desk) -> None:
    number = "130517600127"
    users = [{**row, "metadata.iin": number} if row["sourcedId"] in "tp" else row for row in USERS]
    refused = desk.imports.preview(desk.scope, desk.id, desk.keep(users=users))
    assert "duplicate_iin" in {finding.code for finding in refused.findings if finding.is_error}
    assert number not in repr(refused)
    orgs = [{"sourcedId": "s", "name": "Бөтен мектеп", "type": "school"}]
    refused = desk.imports.preview(desk.scope, desk.id, desk.keep(orgs=orgs))
    assert "school_unexpected" in {finding.code for finding in refused.findings if finding.is_error}


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("list.csv", b"PK", "not_a_bundle"), ("list.zip", b"MZ", "not_a_bundle"), ("list.xlsx", b"", "not_a_bundle")],
)
def test_what_is_no_roster_is_not_kept(desk: Desk, name: str, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.imports.keep(desk.scope, "boss", desk.id, name, data)
    assert refused.value.code == code
    with pytest.raises(Invalid) as refused:
        desk.imports.keep(desk.scope, "boss", desk.district, "list.zip", b"PK")
    assert refused.value.code == "not_a_school"


def test_a_file_waits_an_hour_and_for_its_school_only(desk: Desk) -> None:
    upload = desk.keep()
    with pytest.raises(NotFound):
        desk.imports.preview(desk.scope, desk.other, upload)
    desk.clock.advance(seconds=WAITS.total_seconds())
    with pytest.raises(NotFound):
        desk.imports.preview(desk.scope, desk.id, upload)
    second = desk.keep()
    with desk.uow.read() as tx:
        assert list(tx.connection.scalars(select(ImportUpload.id))) == [second]
    desk.imports.drop(desk.scope, desk.id, second)
    desk.imports.drop(desk.scope, desk.id, second)
    with desk.uow.read() as tx:
        dropped = list(tx.connection.scalars(select(AuditEvent.data).where(AuditEvent.event == "import_dropped")))
    assert dropped == [{"upload": second}]
    with pytest.raises(NotFound):
        desk.imports.preview(desk.scope, desk.id, second)


def test_the_last_import_is_taken_back_and_can_come_again(desk: Desk) -> None:
    desk.apply()
    first = desk.open_rows()
    names = [{**row, "familyName": "Оспанова", "metadata.iin": "130517600127"} if row["sourcedId"] == "p" else row
             for row in USERS]  # fmt: skip
    extra = {"sourcedId": "n", "enabledUser": "true", "username": "nurlan", "givenName": "Нұрлан", "familyName": "С"}
    role = {"sourcedId": "rn", "userSourcedId": "n", "roleType": "primary", "role": "student", "orgSourcedId": "s"}
    more = {"users": [*names, extra], "roles": [*ROLES, role], "enrollments": ENROLLMENTS[1:]}
    assert not desk.apply(("absent",), **more).is_refused
    second = desk.open_rows()
    assert second == (4, 1, 1, 4)
    assert desk.undo() > 0
    assert desk.open_rows() == first
    with desk.uow.read() as tx:
        query = select(Person.family_name, Person.iin_lookup).where(Person.username == "aigerim")
        assert tuple(tx.connection.execute(query).one()) == ("Серікова", None)
    history = desk.imports.history(desk.scope, desk.id)
    assert [(one.undone_at is None, one.may_undo) for one in history] == [(False, False), (True, True)]
    assert desk.imports.undo(desk.scope, "boss", desk.id, history[0].id) == 0, "a second press does nothing"
    assert not desk.apply(("absent",), **more).is_refused
    assert desk.open_rows() == second
    with desk.uow.read() as tx:
        assert set(tx.connection.scalars(select(Person.username))) == {"aigerim", "gulnara", "marat", "nurlan"}
    desk.undo()
    assert desk.open_rows() == first
    standing = next(one for one in desk.imports.history(desk.scope, desk.id) if one.may_undo)
    with pytest.raises(Conflict, match="newer"):
        desk.imports.undo(desk.scope, "boss", desk.id, standing.id)


def test_what_hangs_on_a_date_of_birth_moves_with_it_and_back(desk: Desk) -> None:
    """Links and consents of who comes of age by the new date end (`consent_ends.Ends.rebound`)."""
    desk.apply()
    assert desk.ends.seen == [], "nothing hangs on somebody who is new"
    desk.apply(demographics=changed(DEMOGRAPHICS, "p", sex="male"))
    desk.apply(demographics=changed(DEMOGRAPHICS, "p", birthDate="2008-05-17"))
    assert desk.ends.seen == ["2008-05-17"]
    desk.undo()
    assert desk.ends.seen == ["2008-05-17", "2013-05-17"]


def _touch(desk: Desk) -> str:
    """Somebody corrects a pupil by hand afterwards."""
    with desk.uow.write() as tx:
        person = tx.connection.execute(select(Person.id).where(Person.username == "aigerim")).scalar_one()
        feed.append(tx, "people", "changed", [(desk.id, person)], now=desk.clock.now())
    return "import_touched"


def _card(desk: Desk) -> str:
    """The pupil it brought got a card."""
    with desk.uow.write() as tx:
        person = tx.connection.execute(select(Person.id).where(Person.username == "aigerim")).scalar_one()
        row = {
            "id": new_id(), "school_id": desk.id, "person_id": person, "number_hash": b"x", "number_hint": "0001",
            "issued_at": desk.clock.now(), "issued_by": "x", "changed_at": desk.clock.now(), "changed_by": "x",
        }  # fmt: skip
        tx.connection.execute(insert(Card), row)
    return "import_touched"


def _place(desk: Desk) -> str:
    """Somebody else learns by now in the class it brought."""
    with desk.uow.write() as tx:
        klass = tx.connection.execute(select(SchoolClass.id)).scalar_one()
        add_enrolment(tx, desk.id, klass, add_person(tx, "other"), "pupil")
    return "import_touched"


def _second(desk: Desk) -> str:
    """Another import came, and the first is asked for."""
    desk.apply(users=changed(USERS, "p", familyName="Оспанова"))
    with desk.uow.write() as tx:
        newest = select(Import.id).order_by(Import.applied_at.desc()).limit(1).scalar_subquery()
        tx.connection.execute(update(Import).where(Import.id == newest).values(school_id=desk.id))
    return "import_not_last"


def _by_command(desk: Desk) -> str:
    """The command line keeps no changes."""
    with desk.uow.write() as tx:
        tx.connection.execute(Base.metadata.tables["import_changes"].delete())
    return "import_not_kept"


@pytest.mark.parametrize("event", [_touch, _card, _place, _second, _by_command])
def test_it_is_not_taken_back_over_something_newer(desk: Desk, event: Callable[[Desk], str]) -> None:
    desk.apply()
    first = desk.newest().id
    desk.clock.advance(minutes=1)
    code = event(desk)
    before = _state(desk)
    desk.clock.advance(minutes=1)
    with pytest.raises(Conflict) as refused:
        desk.imports.undo(desk.scope, "boss", desk.id, first)
    assert refused.value.code == code
    assert _state(desk) == before
    with pytest.raises(NotFound):
        desk.imports.undo(desk.scope, "boss", desk.other, first)


@pytest.mark.soak
def test_a_hundred_thousand_rows_with_errors_in_five_hundred_are_reported_in_bounded_memory(
    desk: Desk, tmp_path: Path
) -> None:
    users = [
        {"sourcedId": f"u{n}", "enabledUser": "true", "username": f"u{n}", "givenName": "А", "familyName": "Б",
         "metadata.iin": "12" if n % 100 == 0 else ""}
        for n in range(50_000)
    ]  # fmt: skip
    roles = [
        {"sourcedId": f"r{n}", "userSourcedId": f"u{n}", "roleType": "primary", "role": "student", "orgSourcedId": "s"}
        for n in range(50_000)
    ]
    data = zip_folder(write_bundle(tmp_path / "large", {"users": users, "roles": roles}), tmp_path / "large.zip")
    upload = desk.imports.keep(desk.scope, "boss", desk.id, "large.zip", data.read_bytes())
    del users, roles
    before = _state(desk)
    tracemalloc.start()
    preview = desk.imports.preview(desk.scope, desk.id, upload)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert preview.is_refused
    assert [(one.code, one.count) for one in preview.findings if one.is_error] == [("iin_format", 500)]
    assert len(preview.problems) <= 210
    assert peak < 64 * 1024 * 1024
    assert _state(desk) == before
