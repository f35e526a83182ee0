"""The store of a year's end: a plan is claimed once, and rows outside the scope are never written."""

from __future__ import annotations

from typing import Any

import pytest

from idp.core.ids import new_id
from idp.services import scope
from idp.store import promotion
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING, add_school


def test_a_plan_is_claimed_once(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        here = scope.of_operator((school,))
        row: dict[str, Any] = {
            "id": new_id(),
            "school_id": school,
            "year": 2027,
            "plan": {"classes": {}},
            "changed_by": "a",
        }
        assert promotion.save_plan(tx, here, row)
        assert promotion.save_plan(tx, here, row | {"id": new_id(), "plan": {"pupils": {}}})
        assert promotion.claim(tx, here, row["id"], by="b", report={"left": 1}, now=BEGINNING)
        assert not promotion.claim(tx, here, row["id"], by="c", report={}, now=BEGINNING)
        assert not promotion.save_plan(tx, here, row)
        found = promotion.of_year(tx, here, school, 2027)
        assert found is not None
        assert promotion.last(tx, here, school) == (2027, BEGINNING)
        assert promotion.last(tx, scope.of_operator(()), school) is None
        assert (found["plan"], found["report"], found["changed_by"]) == ({"pupils": {}}, {"left": 1}, "b")
        assert promotion.of_year(tx, scope.of_operator(()), school, 2027) is None
        assert promotion.reopen(tx, here, row["id"], by="d")
        assert not promotion.reopen(tx, here, row["id"], by="d")
        with pytest.raises(ValueError, match="outside"):
            promotion.add(tx, here, row["id"], "classes", [{"id": new_id(), "school_id": "0" * 32}])
