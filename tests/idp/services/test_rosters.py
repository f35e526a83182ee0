"""Roster import against both databases: what it adds, changes, ends, refuses and leaves alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from idp.core.clock import FixedClock
from idp.core.errors import Conflict
from idp.core.iin import check_digit
from idp.oneroster.errors import Refused
from idp.services.rosters import Counts, Report, Rosters
from idp.store import rosters as stored
from idp.store.base import Base
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.people import Credential, Enrolment, Guardianship, Membership, Person
from idp.store.models.rosters import Import, ImportChange
from idp.store.models.sessions import LoginSession
from idp.store.session import UnitOfWork
from tests.factories.rosters import (
    CLASSES,
    ENROLLMENTS,
    ORGS,
    ROLES,
    SMALL,
    USERS,
    FakeVault,
    changed,
    write_bundle,
)
from tests.factories.rows import BEGINNING, add_person


def _number(serial: str) -> str:
    """A well-formed ИИН with a wrong check digit."""
    first = f"1305176{serial}"
    right = check_digit(first)
    return f"{first}{(0 if right is None else right + 1) % 10}"


IIN = _number("0012")


@pytest.fixture
def rosters(uow: UnitOfWork, clock: FixedClock) -> Rosters:
    return Rosters(uow, clock, FakeVault(), is_dev=True)


def _state(uow: UnitOfWork) -> dict[str, list[Any]]:
    """Every row of every table."""
    with uow.read() as tx:
        tables = Base.metadata.sorted_tables
        return {t.name: sorted(map(str, tx.connection.execute(t.select()).all())) for t in tables}


def _rows(uow: UnitOfWork, *columns: Any) -> Counter[Any]:
    with uow.read() as tx:
        return Counter(tuple(row) for row in tx.connection.execute(select(*columns)))


def _delta(folder: Path, **files: Any) -> Path:
    return write_bundle(folder, files, mode="delta")


def _code(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    problems = refused.value.problems
    return {code for code in problems.counts if problems.severity(code) == "error"}


def _total(report: Report) -> Counts:
    counts = report.kinds.values()
    return Counts(*(sum(getattr(c, f) for c in counts) for f in ("read", "added", "changed", "ended", "left")))


def test_a_bundle_becomes_people_classes_and_ties(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    report = rosters.import_path(write_bundle(tmp_path / "roster"))
    assert _total(report) == Counts(14, 14, 0, 0, 0)
    assert not report.problems.counts
    assert _rows(uow, Person.username, Person.status) == {(u, "active"): 1 for u in ("marat", "gulnara", "aigerim")}
    assert _rows(uow, Membership.role, Membership.grade) == {("teacher", ""): 1, ("guardian", ""): 1, ("pupil", "7"): 1}
    assert _rows(uow, Enrolment.role) == {("pupil",): 1, ("class_teacher",): 1}
    assert _rows(uow, Guardianship.relation) == {("parent",): 1}
    assert _rows(uow, AuditEvent.event) == {("import",): 1}
    kinds = {("people",): 3, ("memberships",): 5, ("classes",): 1, ("guardianships",): 1, ("calendar",): 1}
    assert _rows(uow, Change.kind) == kinds
    assert _rows(uow, Credential.id) == {}


def test_running_twice_changes_nothing(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "roster", users=changed(USERS, "p", metadata_iin=IIN))
    rosters.import_path(folder)
    before = _state(uow)
    report = rosters.import_path(folder)
    assert report.is_unchanged
    assert _total(report) == Counts(14, 0, 0, 0, 14)
    assert _state(uow) == before


def test_a_dry_run_shows_the_same_and_changes_nothing(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    folder = _delta(tmp_path / "b", classes=changed(CLASSES, "c", status="tobedeleted"))
    before = _state(uow)
    shown = rosters.import_path(folder, dry_run=True)
    assert _state(uow) == before
    done = rosters.import_path(folder)
    assert (shown.kinds, shown.ended_with) == (done.kinds, done.ended_with)
    assert done.ended_with["enrollments"] == 2


def test_a_refused_bundle_changes_nothing(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    before = _state(uow)
    with pytest.raises(Refused) as refused:
        rosters.import_path(
            write_bundle(tmp_path / "roster", enrollments=changed(ENROLLMENTS, "ep", userSourcedId="nobody"))
        )
    assert _code(refused) == {"dangling_owner"}
    item = refused.value.problems.items[0]
    assert (item.file, item.line, item.column, item.value) == ("enrollments.csv", 2, "userSourcedId", "nobody")
    assert _state(uow) == before


@pytest.mark.parametrize(
    ("kind", "rows", "code"),
    [
        ("users", [*USERS, USERS[0]], "duplicate_id"),
        ("orgs", changed(ORGS, "d", parentSourcedId="s"), "parent_cycle"),
        ("users", changed(changed(USERS, "p", metadata_iin=IIN), "g", metadata_iin=IIN), "duplicate_iin"),
        ("enrollments", changed(ENROLLMENTS, "et", userSourcedId="p"), "enrolled_as_teacher"),
        ("enrollments", changed(ENROLLMENTS, "ep", userSourcedId="g"), "enrolled_as_pupil"),
        ("classes", changed(CLASSES, "c", schoolSourcedId="d"), "class_outside_school"),
        ("classes", changed(CLASSES, "c", courseSourcedId="none"), "dangling_reference"),
        ("classes", changed(CLASSES, "c", termSourcedIds="y,none"), "dangling_reference"),
        ("users", changed(USERS, "p", agentSourcedIds="none"), "dangling_reference"),
        ("users", changed(USERS, "p", givenName="=cmd|'/c calc'!A1"), "formula"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    rosters: Rosters, tmp_path: Path, kind: str, rows: list[dict[str, str]], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        rosters.import_path(write_bundle(tmp_path / "roster", {**SMALL, kind: rows}))
    assert _code(refused) == {code}


def test_an_accepted_formula_stays_text(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(
        write_bundle(tmp_path / "roster", users=changed(USERS, "p", givenName="=1+1")), accept=["formula"]
    )
    assert ("=1+1",) in _rows(uow, Person.given_name)


def test_a_teacher_enrolled_as_student_gets_a_pupils_place_only(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    rows = changed(ENROLLMENTS, "et", role="student")
    rosters.import_path(write_bundle(tmp_path / "roster", enrollments=rows), accept=["enrolled_as_pupil"])
    assert _rows(uow, Enrolment.role) == {("pupil",): 2}
    assert ("teacher",) in _rows(uow, Membership.role)


def test_an_unreadable_file_is_named_beside_the_faults_of_others(rosters: Rosters, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "roster", users=changed(USERS, "p", enabledUser="maybe"))
    (folder / "classes.csv").write_bytes("sourcedId,Атауы".encode("cp1251"))
    with pytest.raises(Refused) as refused:
        rosters.import_path(folder)
    assert _code(refused) == {"encoding", "bad_value"}


def test_a_changed_row_changes_its_person_but_never_the_username(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    users = changed(USERS, "p", familyName="Омарова", username="other", grades="08")
    report = rosters.import_path(write_bundle(tmp_path / "b", users=users))
    assert report.kinds["users"] == Counts(3, 0, 1, 0, 2)
    assert ("aigerim", "Омарова") in _rows(uow, Person.username, Person.family_name)
    assert ("pupil", "8") in _rows(uow, Membership.role, Membership.grade)


def test_a_changed_address_is_no_longer_verified(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a", users=changed(USERS, "g", email="g@school.example")))
    with uow.write() as tx:
        tx.connection.execute(Person.__table__.update().values(email_verified=True))  # type: ignore[attr-defined]
    rosters.import_path(write_bundle(tmp_path / "b", users=changed(USERS, "g", email="new@school.example")))
    assert _rows(uow, Person.email, Person.email_verified)["new@school.example", False] == 1


def test_an_ended_person_ends_with_all_ties_and_sessions(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    with uow.write() as tx:
        person = tx.connection.execute(select(Person.id).where(Person.username == "aigerim")).scalar_one()
        session = {
            "id": "s", "token_hash": "h", "person_id": person, "acr": "", "amr": [], "auth_time": BEGINNING,
            "created_at": BEGINNING, "last_seen_at": BEGINNING, "idle_seconds": 60, "expires_at": BEGINNING,
        }  # fmt: skip
        tx.connection.execute(LoginSession.__table__.insert(), session)  # type: ignore[attr-defined]
    report = rosters.import_path(_delta(tmp_path / "b", users=changed(USERS, "p", status="tobedeleted")[2:]))
    assert report.kinds["users"] == Counts(1, 0, 0, 1, 0)
    assert report.ended_with == {"classes": 0, "roles": 1, "enrollments": 1, "agents": 0}
    assert report.kinds["guardianships"].ended == 1
    assert _rows(uow, Person.status) == {("active",): 2, ("ended",): 1}
    assert _rows(uow, Membership.end.is_(None)) == {(True,): 2, (False,): 1}
    assert _rows(uow, Guardianship.end.is_(None)) == {(False,): 1}
    assert _rows(uow, LoginSession.ended_at.is_(None)) == {(False,): 1}
    again = rosters.import_path(_delta(tmp_path / "c", users=changed(USERS, "p", status="tobedeleted")[2:]))
    assert again.is_unchanged


def test_an_ended_person_comes_back_with_the_full_roster(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    full = write_bundle(tmp_path / "a")
    rosters.import_path(full)
    rosters.import_path(_delta(tmp_path / "b", users=changed(USERS, "p", status="tobedeleted")[2:]))
    rosters.import_path(full)
    assert _rows(uow, Person.status) == {("active",): 3}
    assert _rows(uow, Guardianship.end.is_(None)) == {(True,): 1}
    assert rosters.import_path(full).is_unchanged


def test_an_ended_class_ends_its_enrolments(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    rosters.import_path(_delta(tmp_path / "b", classes=changed(CLASSES, "c", status="tobedeleted")))
    assert _rows(uow, Enrolment.end.is_(None)) == {(False,): 2}
    assert _rows(uow, Membership.end.is_(None)) == {(True,): 3}


def test_what_a_bulk_file_lost_is_told_and_ends_only_when_accepted(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    less = write_bundle(tmp_path / "b", enrollments=ENROLLMENTS[:1])
    report = rosters.import_path(less)
    assert report.is_unchanged
    assert report.problems.counts == {"absent": 1}
    report = rosters.import_path(less, accept=["absent"])
    assert report.ended_absent["enrollments"] == 1
    assert _rows(uow, Enrolment.role, Enrolment.end.is_(None))["class_teacher", False] == 1


def test_a_link_no_longer_named_ends_and_one_named_from_both_sides_stays(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    both = changed(USERS, "g", agentSourcedIds="p")
    rosters.import_path(write_bundle(tmp_path / "a", users=both))
    assert _rows(uow, Guardianship.end.is_(None)) == {(True,): 1}
    rosters.import_path(write_bundle(tmp_path / "b", users=changed(both, "p", agentSourcedIds="")))
    assert _rows(uow, Guardianship.end.is_(None)) == {(True,): 1}
    rosters.import_path(write_bundle(tmp_path / "c", users=changed(USERS, "p", agentSourcedIds="")))
    assert _rows(uow, Guardianship.end.is_(None)) == {(False,): 1}


def test_a_blocked_guardian_stays_blocked(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    full = write_bundle(tmp_path / "a")
    rosters.import_path(full)
    rosters.import_path(write_bundle(tmp_path / "b", users=changed(USERS, "p", agentSourcedIds="")))
    with uow.write() as tx:
        tx.connection.execute(Guardianship.__table__.update().values(blocked_at=BEGINNING))  # type: ignore[attr-defined]
    rosters.import_path(full)
    assert _rows(uow, Guardianship.blocked_at.is_(None), Guardianship.end.is_(None)) == {(False, False): 1}


def test_an_agent_without_a_guardians_role_is_a_warning(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    report = rosters.import_path(write_bundle(tmp_path / "roster", users=changed(USERS, "p", agentSourcedIds="t")))
    assert report.problems.counts == {"agent_role": 1}
    assert _rows(uow, Guardianship.id) == {}


def test_a_role_that_changes_is_a_new_membership(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    report = rosters.import_path(write_bundle(tmp_path / "b", roles=changed(ROLES, "rt", role="principal")))
    assert report.kinds["roles"].changed == 1
    found = _rows(uow, Membership.role, Membership.end.is_(None))
    assert (found["teacher", False], found["director", True]) == (1, 1)
    assert rosters.import_path(tmp_path / "b").is_unchanged


def test_a_known_iin_is_the_same_person(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    vault = FakeVault()
    with uow.write() as tx:
        person = add_person(tx, "old.name", iin_lookup=vault.lookup(IIN), iin_sealed=b"x")
    folder = write_bundle(tmp_path / "roster", users=changed(USERS, "p", metadata_iin=IIN))
    report = rosters.import_path(folder)
    assert report.matched == 1
    assert _rows(uow, func.count(Person.id)) == {(3,): 1}
    assert _rows(uow, Membership.person_id)[(person,)] == 1
    assert rosters.import_path(folder).is_unchanged


def test_an_iin_of_somebody_else_is_refused(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    with uow.write() as tx:
        add_person(tx, "else", iin_lookup=FakeVault().lookup(IIN), iin_sealed=b"x")
    with pytest.raises(Refused) as refused:
        rosters.import_path(write_bundle(tmp_path / "b", users=changed(USERS, "p", metadata_iin=IIN)))
    assert _code(refused) == {"iin_taken"}


def test_the_iin_is_sealed_for_its_person_and_nowhere_in_clear(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    rosters.import_path(write_bundle(tmp_path / "b", users=changed(USERS, "p", metadata_iin=IIN)))
    with uow.read() as tx:
        row = tx.connection.execute(select(Person).where(Person.username == "aigerim")).one()
    assert row.iin_sealed == FakeVault().seal(row.id, IIN)
    assert IIN not in str(_state(uow))


def test_clear_text_passwords_are_told_and_kept_nowhere(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    report = rosters.import_path(write_bundle(tmp_path / "roster", users=changed(USERS, "p", password="Batman.Ru1ez")))
    assert report.problems.counts == {"password_ignored": 1}
    assert "Batman" not in str(_state(uow))
    assert "Batman" not in str([item.record("ru") for item in report.problems.items])


def test_usernames_are_readable_and_unique(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    with uow.write() as tx:
        add_person(tx, "marat")
    more = [{**USERS[2], "sourcedId": f"p{n}", "username": ""} for n in range(3)]
    users = [*changed(USERS, "g", username="O'Keefe"), *more]
    roles = [*ROLES, *({**ROLES[2], "sourcedId": f"r{n}", "userSourcedId": f"p{n}"} for n in range(3))]
    report = rosters.import_path(write_bundle(tmp_path / "roster", users=users, roles=roles))
    assert report.problems.counts == {"username_invalid": 1}
    names = {name for (name,) in _rows(uow, Person.username)}
    made = {"aigerim.serikova", "aigerim.serikova2", "aigerim.serikova3"}
    assert names == {"marat", "marat2", "gulnara.serikova", "aigerim", *made}


def test_a_delta_without_organisations_finds_its_source(rosters: Rosters, tmp_path: Path) -> None:
    first = rosters.import_path(write_bundle(tmp_path / "a"))
    role = {**ROLES[0], "sourcedId": "new", "role": "parent"}
    report = rosters.import_path(_delta(tmp_path / "b", roles=[role]))
    assert (report.source, report.kinds["roles"].added) == (first.source, 1)
    with pytest.raises(Refused) as refused:
        rosters.import_path(
            _delta(tmp_path / "c", roles=[{**role, "orgSourcedId": "elsewhere", "userSourcedId": "nobody"}])
        )
    assert _code(refused) == {"school_needed"}


def test_two_schools_with_the_same_foreign_ids_are_two_sources_by_school(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    users = [{"sourcedId": "p", "enabledUser": "true", "role": "student", "orgSourcedIds": "?", "givenName": "Ә"}]
    lone = write_bundle(tmp_path / "b", {"users": users}, version="1.1")
    (lone / "manifest.csv").unlink()
    with uow.read() as tx:
        school = next(iter(stored.known(tx, stored.sources_of(tx, "orgs", ["s"])[0])))
    target = next(row[2] for row in school if row[:2] == ("orgs", "s"))
    report = rosters.import_path(lone, school=target)
    assert (report.source, report.kinds["users"].added) == (target, 1)
    assert rosters.import_path(lone, school=target).is_unchanged
    with pytest.raises(Refused) as refused:
        rosters.import_path(lone, school="nowhere")
    assert _code(refused) == {"school_unknown"}
    with pytest.raises(Refused) as refused:
        rosters.import_path(tmp_path / "a", school=target)
    assert "school_unexpected" in _code(refused)


def test_an_import_that_came_between_is_noticed(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    folder = write_bundle(tmp_path / "b", users=changed(USERS, "p", givenName="Ә"))

    def meddle(step: str, _rows: int) -> None:
        if step == "plan":
            with uow.write() as tx:
                stored.next_generation(tx, stored.generation(tx), "other")

    with pytest.raises(Conflict) as conflict:
        rosters.import_path(folder, progress=meddle)
    assert conflict.value.code == "roster_changed"
    assert ("Ә",) not in _rows(uow, Person.given_name)


def test_production_refuses_a_failing_checksum(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        Rosters(uow, clock, FakeVault(), is_dev=False).import_path(
            write_bundle(tmp_path / "roster", users=changed(USERS, "p", metadata_iin=IIN))
        )
    assert _code(refused) == {"iin_checksum"}


def test_an_import_of_the_command_line_leaves_a_line_and_keeps_no_changes(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    folder = write_bundle(tmp_path / "roster")
    source = rosters.import_path(folder).source
    assert rosters.import_path(folder).is_unchanged
    assert _rows(uow, Import.school_id, Import.file_name, Import.applied_by) == Counter([(source, "roster", "")])
    assert _rows(uow, ImportChange.row_id) == Counter()
