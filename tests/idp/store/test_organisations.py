"""Organisations keep to the scope, and are counted in one query."""

from __future__ import annotations

import pytest

from idp.core.ids import new_id
from idp.services import scope
from idp.store import organisations, reach
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school


def test_a_scope_sees_counts_and_changes_its_own(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        district = add_school(tx, "Аудан", type="district", identifier="190940000123")
        school, other = add_school(tx, parent_id=district), add_school(tx, "№ 5", parent_id=district)
        for name, role, at in (("a", "pupil", school), ("b", "teacher", school), ("c", "pupil", other)):
            add_membership(tx, add_person(tx, name), at, role)
        add_membership(tx, add_person(tx, "left"), school, end=BEGINNING.date())
        here = scope.of_operator((school,))
        assert [row["id"] for row in organisations.every(tx, here)] == [school]
        assert organisations.numbers(tx, here, [school, other], today=BEGINNING.date()) == {school: (1, 1)}
        assert organisations.one(tx, here, other) is None
        assert not organisations.change(tx, here, other, {"name": "x"})
        assert organisations.holders_of(tx, "190940000123") == [district]
        row = {"id": new_id(), "parent_id": district, "type": "secondary", "name": "x", "created_at": BEGINNING}
        with pytest.raises(ValueError, match="outside"):
            organisations.add(tx, here, row)
        organisations.add(tx, scope.of_operator((district,)), row)
        assert set(reach.above(tx, school)) == {school, district}
        assert set(reach.below(tx, district)) == {school, other, district, row["id"]}
