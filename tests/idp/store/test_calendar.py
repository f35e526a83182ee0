"""Days of the country and of schools: who reads and who writes which."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from idp.services import scope
from idp.store import calendar
from idp.store.session import UnitOfWork
from tests.factories.rows import add_school


def _row(day_id: str, school_id: str | None, **fields: Any) -> dict[str, Any]:
    day = date(2026, 10, 5)
    row = {"id": day_id * 32, "school_id": school_id, "kind": "holiday", "title": "Мереке", "title_ru": ""}
    return row | {"begin": day, "end": day, "grades": []} | fields


def test_a_school_reads_the_country_and_writes_only_its_own(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        here = scope.of_person("p", "director", (school,))
        everywhere = scope.of_operator((school, other))
        calendar.add_day(tx, everywhere, _row("a", None))
        calendar.add_day(tx, here, _row("b", school))
        calendar.add_day(tx, everywhere, _row("c", other, kind="break"))
        for school_id in (None, other):
            with pytest.raises(ValueError, match="outside"):
                calendar.add_day(tx, here, _row("d", school_id))
        assert [row["id"][0] for row in calendar.days(tx, here)] == ["a", "b"]
        assert calendar.days(tx, here, begin=date(2026, 10, 6)) == []
        assert [row["id"][0] for row in calendar.days(tx, everywhere, kinds=("break",))] == ["c"]
        assert not calendar.change_day(tx, here, "a" * 32, {"title": "Өз күні"})
        assert not calendar.remove_day(tx, here, "c" * 32)
        assert calendar.day(tx, here, "a" * 32) is None
        assert calendar.change_day(tx, everywhere, "a" * 32, {"title": "Ұлттық"})
        assert calendar.remove_day(tx, here, "b" * 32)
        assert not calendar.add_day_if_new(tx, everywhere, _row("a", None))
        assert calendar.national_years(tx, everywhere) == {2026}
