"""Applying: what is written where."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from idp.core.clock import FixedClock
from idp.services.rosters import Rosters
from idp.store.models.audit import Change
from idp.store.models.org import AcademicSession, Organisation
from idp.store.models.people import Course, Enrolment, Guardianship, Person, SchoolClass
from idp.store.session import UnitOfWork
from tests.factories.rosters import (
    CLASSES,
    DEMOGRAPHICS,
    ENROLLMENTS,
    SESSIONS,
    USERS,
    FakeVault,
    changed,
    write_bundle,
)


@pytest.fixture
def rosters(uow: UnitOfWork, clock: FixedClock) -> Rosters:
    return Rosters(uow, clock, FakeVault(), is_dev=True)


def test_classes_know_their_course_and_terms(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    courses = [{"sourcedId": "m", "title": "Алгебра", "orgSourcedId": "d", "subjects": "Математика"}]
    term = {**SESSIONS[0], "sourcedId": "q", "type": "term", "title": "1-тоқсан", "parentSourcedId": "y"}
    classes = changed(
        CLASSES, "c", courseSourcedId="m", termSourcedIds="q,y", metadata_language="kk", metadata_shift="2"
    )
    rosters.import_path(
        write_bundle(tmp_path / "a", courses=courses, academicSessions=[term, *SESSIONS], classes=classes)
    )
    with uow.read() as tx:
        klass = tx.connection.execute(select(SchoolClass)).one()
        course = tx.connection.execute(select(Course)).one()
        sessions = {row.title: row for row in tx.connection.execute(select(AcademicSession))}
    assert (klass.course_id, klass.language, klass.shift, klass.grade) == (course.id, "kk", "2", "7")
    assert course.subjects == ["Математика"]
    assert klass.sessions == [sessions["1-тоқсан"].id, sessions["2026–2027"].id]
    assert sessions["1-тоқсан"].parent_id == sessions["2026–2027"].id


def test_birth_date_and_sex_come_with_the_person_or_later(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    with uow.read() as tx:
        before = tx.connection.execute(select(func.max(Change.seq))).scalar() or 0
    more = [
        {"sourcedId": "g", "birthDate": "1985-05-25", "sex": "female"},
        {"sourcedId": "t", "birthDate": "1980-01-02", "sex": "male"},
    ]
    rosters.import_path(write_bundle(tmp_path / "b", {"demographics": more}, mode="delta"))
    with uow.read() as tx:
        # Who reads the feed hears of a birth date that came alone, at every school where the person is.
        query = select(Person.username, Person.updated_at, Change.action, Change.at).join(
            Change, Change.record_id == Person.id
        )
        told = tx.connection.execute(query.where(Change.seq > before, Change.kind == "people")).all()
        assert {row[0] for row in told} == {"gulnara", "marat"}
        assert all(row[1] == row[3] for row in told)
        found = {r.username: (str(r.birth_date), r.sex) for r in tx.connection.execute(select(Person))}
    assert found["aigerim"] == ("2013-05-17", "female")
    assert found["gulnara"] == ("1985-05-25", "female")


def test_the_class_decides_the_school_of_an_enrolment(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a", enrollments=changed(ENROLLMENTS, "ep", schoolSourcedId="d")))
    with uow.read() as tx:
        school = tx.connection.execute(select(SchoolClass.school_id)).scalar_one()
        assert set(tx.connection.execute(select(Enrolment.school_id)).scalars()) == {school}


def test_a_class_that_moves_to_another_role_ends_and_begins_anew(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    rows = changed(ENROLLMENTS, "et", primary="false")
    report = rosters.import_path(write_bundle(tmp_path / "b", enrollments=rows))
    assert report.kinds["enrollments"].changed == 1
    with uow.read() as tx:
        found = {(r.role, r.end is None) for r in tx.connection.execute(select(Enrolment))}
    assert found == {("pupil", True), ("class_teacher", False), ("teacher", True)}


def test_a_guardian_may_name_the_child(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    users = changed(changed(USERS, "p", agentSourcedIds=""), "g", agentSourcedIds="p")
    rosters.import_path(write_bundle(tmp_path / "a", users=users))
    with uow.read() as tx:
        names = {r.id: r.username for r in tx.connection.execute(select(Person))}
        link = tx.connection.execute(select(Guardianship)).one()
        schools = {r.id: r.name for r in tx.connection.execute(select(Organisation))}
    assert (names[link.child_id], names[link.guardian_id]) == ("aigerim", "gulnara")
    assert schools[link.school_id] == "№ 12 мектеп"


def test_somebody_switched_off_is_disabled_and_back_on(rosters: Rosters, uow: UnitOfWork, tmp_path: Path) -> None:
    def status() -> str:
        with uow.read() as tx:
            query = select(Person.status).where(Person.username == "aigerim")
            return str(tx.connection.execute(query).scalar_one())

    rosters.import_path(write_bundle(tmp_path / "a", users=changed(USERS, "p", enabledUser="false")))
    assert status() == "disabled"
    rosters.import_path(write_bundle(tmp_path / "b"))
    assert status() == "active"


def _links(uow: UnitOfWork) -> list[tuple[Any, ...]]:
    """(open, waiting, verified by, comes of age)."""
    columns = (Guardianship.end.is_(None), Guardianship.verified_at.is_(None), Guardianship.verified_by)
    with uow.read() as tx:
        rows = tx.connection.execute(select(*columns, Guardianship.of_age_on).where(Guardianship.child_id != ""))
        return [(bool(row[0]), bool(row[1]), row[2], row[3]) for row in rows]


def test_no_file_brings_back_what_a_person_decided_and_a_list_confirms_what_waits(
    rosters: Rosters, uow: UnitOfWork, tmp_path: Path
) -> None:
    full, less = write_bundle(tmp_path / "a"), changed(USERS, "p", agentSourcedIds="")
    rosters.import_path(full)
    assert _links(uow) == [(True, False, "roster", date(2031, 5, 17))]
    links = Guardianship.__table__
    assert isinstance(links, Table)
    rosters.import_path(write_bundle(tmp_path / "b", users=less))
    with uow.write() as tx:
        tx.connection.execute(links.update().values(end_reason="disowned"))
    rosters.import_path(full)
    assert not _links(uow)[0][0]
    rosters.import_path(write_bundle(tmp_path / "c", users=less))
    with uow.write() as tx:
        tx.connection.execute(links.update().values(end=None, end_reason="", verified_at=None, verified_by=""))
    rosters.import_path(full)
    assert _links(uow)[0][:3] == (True, False, "roster")
    born = changed(DEMOGRAPHICS, "p", birthDate="2012-02-29")
    rosters.import_path(write_bundle(tmp_path / "d", demographics=born))
    assert _links(uow)[0][3] == date(2030, 2, 28)
