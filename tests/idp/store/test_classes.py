"""Statements on classes keep to their scope."""

from __future__ import annotations

import pytest

from idp.core.ids import new_id
from idp.services import scope
from idp.store import classes
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment
from tests.factories.rows import BEGINNING, add_person, add_school

TODAY = BEGINNING.date()


def test_a_scope_reads_and_writes_its_own_classes_only(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        own, foreign = add_class(tx, school), add_class(tx, other)
        place = add_enrolment(tx, other, foreign, add_person(tx), "pupil")
        here = scope.of_person("p", "director", (school,))
        assert [row["id"] for row in classes.listed(tx, here, today=TODAY)] == [own]
        assert classes.one(tx, here, foreign) is None
        assert classes.members(tx, here, today=TODAY, class_id=foreign) == []
        assert not classes.change(tx, here, foreign, {"title": "x"})
        assert classes.end_places(tx, here, [place], today=TODAY) == []
        row = {"id": new_id(), "school_id": other}
        with pytest.raises(ValueError, match="outside"):
            classes.add(tx, here, row)
        with pytest.raises(ValueError, match="outside"):
            classes.enrol(tx, here, [row])
        narrow = scope.of_actor("t", "teacher", (school,), classes=())
        assert classes.listed(tx, narrow, today=TODAY) == []
        with pytest.raises(ValueError, match="outside"):
            classes.add(tx, narrow, {"id": new_id(), "school_id": school})
