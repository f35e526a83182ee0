"""Whoever acts for a child is asked for the link each time."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from idp.core.errors import NotFound
from idp.store.models.people import Guardianship
from tests.factories.console import Console


def test_a_block_is_felt_in_the_next_question(console: Console) -> None:
    guardians, people = console.parts.guardians, console.people
    assert guardians.child(people["guardian"], people["pupil"]).school_id == console.school
    assert [child.person_id for child in guardians.children(people["guardian"])] == [people["pupil"]]
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Guardianship).values(blocked_at=console.clock.now()))
    with pytest.raises(NotFound):
        guardians.child(people["guardian"], people["pupil"])
    assert guardians.children(people["guardian"]) == []


def test_a_strangers_child_does_not_exist(console: Console) -> None:
    with pytest.raises(NotFound):
        console.parts.guardians.child(console.people["guardian"], console.people["other_pupil"])
