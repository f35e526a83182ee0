"""The working days of one organisation: weekends, the country's holidays, what it or an authority put down."""

from __future__ import annotations

from datetime import date

from idp.core.calendar import WorkingDays
from idp.core.calendar import days as each
from idp.services import scope
from idp.store import calendar, reach
from idp.store.session import Tx, UnitOfWork


class SchoolDays:
    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def working_days(self, tx: Tx, school_id: str) -> WorkingDays:
        """For the clocks of the law, which are counted in working days. A break is no holiday: the staff works.

        An empty `school_id` gives the country's days alone.
        """
        at = scope.of_person("", "", tuple(reach.above(tx, school_id)) if school_id else ())
        rows = calendar.days(tx, at, kinds=("holiday", "working"))
        marked: dict[str, set[date]] = {"holiday": set(), "working": set()}
        for row in rows:
            marked[row["kind"]].update(each(row["begin"], row["end"]))
        return WorkingDays(frozenset(marked["holiday"]), frozenset(marked["working"]))

    def of(self, school_id: str) -> WorkingDays:
        """The same in a transaction of its own."""
        with self._uow.read() as tx:
            return self.working_days(tx, school_id)
