"""Counting: what holds today, once for each person."""

from __future__ import annotations

from datetime import date

from idp.core.scope import Scope
from idp.store import statistics
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_only_what_holds_today_counts(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        of = Scope("", "director", (school,))
        klass = add_class(tx, school, language="kk")
        for name, end in (("one", None), ("gone", TODAY)):
            pupil = add_person(tx, name)
            add_membership(tx, pupil, school, grade="7", end=end)
            add_enrolment(tx, school, klass, pupil, "pupil", end=end)
            add_guardianship(tx, school, pupil, add_person(tx, f"parent-{name}"))
        assert statistics.by_role(tx, of, today=TODAY) == {"pupil": 1}
        assert statistics.pupils_by_grade(tx, of, today=TODAY) == {"7": 1}
        assert statistics.pupils_by_class(tx, of, "language", today=TODAY) == {"kk": 1}
        assert statistics.pupils_by_guardians(tx, of, today=TODAY) == {"1": 1}
        assert statistics.consents_by_purpose(tx, of, today=TODAY) == {}
