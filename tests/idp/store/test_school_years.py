"""School years and bells keep to their school."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from idp.core.ids import new_id
from idp.services import scope
from idp.store import school_years
from idp.store.session import UnitOfWork
from tests.factories.rows import add_school


def test_a_school_reads_and_writes_its_own(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        here, there = scope.of_operator((school,)), scope.of_operator((other,))
        row: dict[str, Any] = {
            "id": new_id(), "school_id": other, "parent_id": None, "type": "schoolYear", "title": "2026–2027",
            "begin": date(2026, 9, 1), "end": date(2027, 5, 25), "school_year": 2027,
        }  # fmt: skip
        bell: dict[str, Any] = {"id": new_id(), "school_id": other, "shift": "1", "lesson": 1, "begin": 480, "end": 525}
        school_years.add_session(tx, there, row)
        assert school_years.replace_bells(tx, there, other, "1", [bell]) == []
        assert (school_years.sessions(tx, here), school_years.bells(tx, here)) == ([], [])
        assert school_years.end_sessions(tx, here, [row["id"]]) == 0
        for write in (
            lambda: school_years.add_session(tx, here, row),
            lambda: school_years.replace_bells(tx, here, other, "1", []),
        ):
            with pytest.raises(ValueError, match="outside"):
                write()
        assert school_years.replace_bells(tx, there, other, "1", []) == [bell["id"]]
        assert school_years.end_sessions(tx, there, [row["id"]]) == 1
