"""The demo school and regions come in by the ordinary import."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.core.errors import Denied
from idp.core.iin import has_valid_check_digit, is_well_formed
from idp.services.demo import ACCOUNTS, adults, demo_school, region
from idp.services.people import People
from idp.services.rosters import Report, Rosters
from idp.store.models.org import Organisation
from idp.store.models.people import Credential, Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.session import UnitOfWork
from tests.factories.rosters import FakeVault


def _hash(text: str) -> str:
    return f"hash of {text}"


def _demo(uow: UnitOfWork, clock: FixedClock, word: str = "one") -> Report:
    passwords = {username: f"{word} {username}" for username in ACCOUNTS}
    rosters = Rosters(uow, clock, FakeVault(), is_dev=True)
    people = People(uow, clock, _hash)
    return demo_school(rosters, people, uow, clock, passwords=passwords, hash_password=_hash)


def test_the_demo_school_has_everybody_of_the_interface(uow: UnitOfWork, clock: FixedClock) -> None:
    # Made-up ИИН fail their check digit, which is a warning in development.
    assert set(_demo(uow, clock).problems.counts) == {"iin_checksum"}
    with uow.read() as tx:
        held = tx.connection.execute(select(Person.username, Membership.role).join(Membership))
        roles = {row[0]: row[1] for row in held}
        names = set(tx.connection.execute(select(Organisation.name)).scalars())
        grade = {r.username: (r.title, r.role) for r in tx.connection.execute(
            select(Person.username, SchoolClass.title, Enrolment.role).join(Enrolment, Enrolment.person_id == Person.id)
            .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        )}  # fmt: skip
        links = tx.connection.execute(
            select(Guardianship.child_id).join(Person, Person.id == Guardianship.guardian_id).where(
                Person.username == "gulnara")
        ).all()  # fmt: skip
    assert {name: roles[name] for name in ACCOUNTS} == {
        "aigerim": "pupil", "nurlan": "pupil", "gulnara": "guardian", "marat": "teacher", "asel": "canteen",
        "saule": "director", "admin": "operator",
    }  # fmt: skip
    assert {"№ 12 мектеп-гимназия", "№ 5 ауыл мектебі"} <= names
    assert grade["aigerim"] == ("7 «Ә»", "pupil")
    assert grade["nurlan"] == ("1 «А»", "pupil")
    assert grade["marat"] == ("7 «Ә»", "class_teacher")
    assert len(links) == 2


def test_every_adult_is_found_by_a_made_up_number(uow: UnitOfWork, clock: FixedClock) -> None:
    _demo(uow, clock)
    with uow.read() as tx:
        stored = {
            row.username: row.iin_lookup
            for row in tx.connection.execute(select(Person.username, Person.iin_lookup))
            if row.iin_lookup
        }
    adults_ = {adult.username: adult.iin for adult in adults()}
    assert not [iin for iin in adults_.values() if not is_well_formed(iin) or has_valid_check_digit(iin)]
    assert len(set(adults_.values())) == len(adults_)
    assert stored == {name: FakeVault().lookup(iin) for name, iin in adults_.items() if name != "admin"}


def test_a_second_start_changes_neither_people_nor_passwords(uow: UnitOfWork, clock: FixedClock) -> None:
    _demo(uow, clock)
    assert _demo(uow, clock, "two").is_unchanged
    with uow.read() as tx:
        hashes = [row.data["hash"] for row in tx.connection.execute(select(Credential))]
    assert sorted(hashes) == sorted(f"hash of one {username}" for username in ACCOUNTS)


def test_a_region_goes_straight_into_the_database(uow: UnitOfWork, clock: FixedClock) -> None:
    rosters = Rosters(uow, clock, FakeVault(), is_dev=True)
    report = region(rosters, people_count=120, schools=2, seed=5, out=None)
    assert report is not None
    assert report.kinds["users"].added == 120
    again = region(rosters, people_count=120, schools=2, seed=5, out=None)
    assert again is not None
    assert again.is_unchanged


def test_a_region_is_written_without_a_database_or_refused(tmp_path: Path) -> None:
    assert region(None, people_count=10, schools=1, seed=1, out=tmp_path / "r.zip") is None
    assert (tmp_path / "r.zip").is_file()
    with pytest.raises(Denied):
        region(None, people_count=10, schools=1, seed=1, out=None)
