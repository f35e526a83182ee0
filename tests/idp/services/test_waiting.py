"""What a school's overview counts: for whom, and only of the own classes for a class teacher."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from idp.core import levels
from idp.core.clock import FixedClock
from idp.services import scope
from idp.services.acting import Actor
from idp.services.rights import RIGHTS
from idp.services.waiting import NUMBERS, WAITS, Waiting
from idp.store.session import UnitOfWork
from idp.web.admin.waiting import WORDS
from tests.factories.console import add_class, add_enrolment
from tests.factories.rows import add_membership, add_person, add_school


def _actor(role: str, school: str) -> Actor:
    return Actor("p", "m", role, school, levels.EDS, ("pwd",), datetime(2026, 9, 1, tzinfo=UTC), "")


def test_numbers_stand_always_and_what_waits_only_when_there_is_something(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        room, empty = add_class(tx, school), add_class(tx, school, "6 «Б»", grade="6")
        for name, role in (("a", "pupil"), ("b", "pupil"), ("t", "teacher")):
            add_membership(tx, add_person(tx, name, id=name * 32), school, role)
        add_enrolment(tx, school, room, "a" * 32, "pupil")
        add_enrolment(tx, school, room, "t" * 32, "class_teacher")
    waiting = Waiting(uow, clock)
    whole = scope.of_person("p", "secretary", (school,))
    assert waiting.counted(whole, _actor("secretary", school)) == [
        ("pupils", 2), ("classes", 2), ("staff", 1), ("pupils_without_class", 1), ("classes_without_teacher", 1),
    ]  # fmt: skip
    own = scope.of_actor("p", "teacher", (school,), classes=(room,))
    assert waiting.counted(own, _actor("teacher", school)) == [("pupils", 1), ("classes", 1), ("staff", 1)]
    assert empty


@pytest.mark.parametrize("name", [*NUMBERS, *WAITS])
def test_every_line_has_its_words_and_rights(name: str) -> None:
    _, _, page_right = WORDS[name]
    right, _ = {**NUMBERS, **WAITS}[name]
    assert {right, page_right} <= RIGHTS.keys()
