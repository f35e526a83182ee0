"""A bundle names what the school has already: it is found, and nothing comes twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.services.rosters import Report, Rosters
from idp.store.models.org import AcademicSession
from idp.store.models.people import Enrolment, Membership, Person, SchoolClass
from idp.store.session import Tx, UnitOfWork
from tests.factories.console import add_class, add_enrolment
from tests.factories.rosters import CLASSES, DEMOGRAPHICS, ENROLLMENTS, ROLES, USERS, FakeVault, changed, write_bundle
from tests.factories.rows import add_membership, add_person, add_school

IIN = "130517600127"


def _run(uow: UnitOfWork, clock: FixedClock, folder: Path, school: str, **files: Any) -> Report:
    """A school's own file: one pupil of 7 «Ә», the teacher, the parent."""
    present = {
        "classes": changed(CLASSES, "c", termSourcedIds=""), "users": USERS, "roles": ROLES,
        "demographics": DEMOGRAPHICS, "enrollments": ENROLLMENTS,
    } | files  # fmt: skip
    return Rosters(uow, clock, FakeVault(), is_dev=True).import_path(write_bundle(folder, present), school=school)


def _year(tx: Tx, school: str, year: int) -> str:
    row = {
        "id": new_id(), "school_id": school, "type": "schoolYear", "title": str(year), "school_year": year,
        "begin": date(year - 1, 9, 1), "end": date(year, 5, 25), "status": "active",
    }  # fmt: skip
    tx.connection.execute(insert(AcademicSession), row)
    return str(row["id"])


def test_a_homeroom_is_known_by_its_title_on_either_keyboard(
    uow: UnitOfWork, clock: FixedClock, tmp_path: Path
) -> None:
    cases = [
        ("5А", "5 «а»", True), ("5 «А»", "5a", True), ("5A", "05-А", True), ("7 «Ә»", "7 Ə", True),
        ("7 «Ә»", "7 «А»", False), ("7 «Қ»", "7 «К»", False), ("7 «Ө»", "7 «О»", False),
    ]  # fmt: skip
    for number, (here, brought, is_same) in enumerate(cases):
        with uow.write() as tx:
            school = add_school(tx)
            klass = add_class(tx, school, here, sessions=[])
        classes = changed(CLASSES, "c", termSourcedIds="", title=brought)
        report = _run(uow, clock, tmp_path / f"a{number}", school, classes=classes)
        assert (report.kinds["classes"].added, report.kinds["classes"].left) == ((0, 1) if is_same else (1, 0)), here
        with uow.read() as tx:
            own = SchoolClass.school_id == school
            titles = set(tx.connection.execute(select(SchoolClass.title).where(own)).scalars())
            places = select(Enrolment.class_id).where(Enrolment.school_id == school)
            assert (set(tx.connection.execute(places).scalars()) == {klass}) is is_same
        assert titles == ({here} if is_same else {here, brought})
        assert _run(uow, clock, tmp_path / f"b{number}", school, classes=classes).is_unchanged


def test_the_same_title_in_another_year_school_or_group_is_another_class(
    uow: UnitOfWork, clock: FixedClock, tmp_path: Path
) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        last = add_class(tx, school, sessions=[_year(tx, school, 2026)])
        ended = add_class(tx, school, sessions=[], status="ended")
        group = add_class(tx, school, sessions=[], kind="scheduled")
        elsewhere = add_class(tx, other, sessions=[])
    assert _run(uow, clock, tmp_path / "a", school).kinds["classes"].added == 1
    with uow.read() as tx:
        (place,) = set(tx.connection.execute(select(Enrolment.class_id)).scalars())
    assert place not in (last, ended, group, elsewhere)


def test_a_class_of_the_year_that_runs_is_found_beside_one_of_the_last(
    uow: UnitOfWork, clock: FixedClock, tmp_path: Path
) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        add_class(tx, school, sessions=[_year(tx, school, 2026)])
        now = add_class(tx, school, "7Ә", sessions=[_year(tx, school, 2027)])
    assert _run(uow, clock, tmp_path / "a", school).kinds["classes"].added == 0
    with uow.read() as tx:
        assert set(tx.connection.execute(select(Enrolment.class_id)).scalars()) == {now}


def test_who_is_there_already_gets_neither_a_second_role_nor_a_second_place(
    uow: UnitOfWork, clock: FixedClock, tmp_path: Path
) -> None:
    vault = FakeVault()
    with uow.write() as tx:
        school = add_school(tx)
        klass = add_class(tx, school, sessions=[])
        pupil = add_person(tx, "old", family_name="Серікова", iin_lookup=vault.lookup(IIN))
        add_membership(tx, pupil, school, "pupil", grade="7")
        add_enrolment(tx, school, klass, pupil, "pupil")
    report = _run(uow, clock, tmp_path / "a", school, users=changed(USERS, "p", metadata_iin=IIN))
    assert report.matched == 1
    with uow.read() as tx:
        for table in (Membership, Enrolment):
            query = select(func.count()).select_from(table).where(table.person_id == pupil)
            assert tx.connection.execute(query).scalar_one() == 1
    assert _run(uow, clock, tmp_path / "b", school, users=changed(USERS, "p", metadata_iin=IIN)).is_unchanged


def test_a_name_that_comes_every_year_means_this_years_class(
    uow: UnitOfWork, clock: FixedClock, tmp_path: Path
) -> None:
    """As the workbook, which calls 7 «Ә» the same whatever the year: the old one ended with its year."""
    with uow.write() as tx:
        school = add_school(tx)
    _run(uow, clock, tmp_path / "a", school)
    with uow.write() as tx:
        (old,) = tx.connection.execute(select(SchoolClass.id)).scalars().all()
        tx.connection.execute(update(SchoolClass).where(SchoolClass.school_id == school).values(status="ended"))
        new = add_class(tx, school, "7 «ә»", sessions=[])
    newcomer = {"sourcedId": "n", "enabledUser": "true", "username": "nurlan", "givenName": "Н", "familyName": "С"}
    role = {"sourcedId": "rn", "userSourcedId": "n", "roleType": "primary", "role": "student", "orgSourcedId": "s"}
    place = {**ENROLLMENTS[0], "sourcedId": "en", "userSourcedId": "n"}
    more = {"users": [*USERS, newcomer], "roles": [*ROLES, role], "enrollments": [*ENROLLMENTS, place]}
    assert _run(uow, clock, tmp_path / "b", school, **more).kinds["classes"].added == 0
    with uow.read() as tx:
        query = select(Enrolment.class_id).join(Person, Person.id == Enrolment.person_id)
        assert set(tx.connection.execute(query.where(Person.username == "nurlan")).scalars()) == {new}
        assert old != new
    assert _run(uow, clock, tmp_path / "c", school, **more).is_unchanged
