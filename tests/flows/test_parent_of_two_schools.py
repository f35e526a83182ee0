"""A parent whom the lists of two schools name signs in by ЭЦҚ and finds both children in one account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.core.clock import FixedClock
from idp.services.eds_login import Newcomer
from idp.services.sessions import Opened
from tests.factories.citizens import IIN, VISITOR, Citizens, house
from tests.factories.rosters import CLASSES, ENROLLMENTS, ORGS, ROLES, USERS, Rows, changed, write_bundle


@pytest.fixture
def citizens(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Citizens]:
    with house(database_url, tmp_path, clock, eds_second_factor=()) as parts:
        yield Citizens(parts, clock)


def _import(citizens: Citizens, folder: Path, school: str, child: str) -> None:
    """The list of one school: a child and its mother, by her ИИН."""
    orgs = [dict(row, sourcedId=f"{school}{row['sourcedId']}") for row in ORGS if row["type"] == "school"]
    for row in orgs:
        row |= {"name": school, "parentSourcedId": ""}
    users = changed(changed(USERS, "g", metadata_iin=IIN), "p", givenName=child)

    def placed(rows: Rows, column: str) -> list[dict[str, str]]:
        return [{**row, column: f"{school}s"} for row in rows]

    bundle = write_bundle(
        folder, users=users, orgs=orgs, classes=placed(CLASSES, "schoolSourcedId"),
        roles=placed(ROLES, "orgSourcedId"), enrollments=placed(ENROLLMENTS, "schoolSourcedId"),
    )  # fmt: skip
    citizens.parts.rosters.import_path(bundle)


def test_both_children_are_there_in_one_account(citizens: Citizens, tmp_path: Path) -> None:
    newcomer = citizens.sign_in(citizens.key())
    assert isinstance(newcomer, Newcomer)
    assert isinstance(citizens.parts.eds_login.finish_welcome(newcomer.ticket, VISITOR), Opened)
    (person,) = citizens.everybody()
    assert citizens.parts.guardians.children(person.id) == []
    _import(citizens, tmp_path / "a", "A", "Айгерім")
    _import(citizens, tmp_path / "b", "B", "Нұрлан")
    assert isinstance(citizens.sign_in(citizens.key()), Opened), "known, and nothing is asked"
    children = citizens.parts.guardians.children(person.id)
    assert sorted((child.given_name, child.school_name) for child in children) == [("Айгерім", "A"), ("Нұрлан", "B")]
    held = [school for school, role, end in citizens.memberships(person.id) if role == "guardian" and end is None]
    assert None not in held
    assert len(held) == 2, "a role at each school, and none left at no school"
