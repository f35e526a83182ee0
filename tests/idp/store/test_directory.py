"""Who is within a scope."""

from __future__ import annotations

from datetime import date

from idp.core.scope import Scope
from idp.store import directory
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import add_membership, add_person, add_school


def test_a_scope_reaches_its_own_people_and_their_guardians_and_nobody_else(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5 ауыл мектебі")
        klass, next_class = add_class(tx, school), add_class(tx, school, "8 «Ә»")
        pupil, gone, stranger, parent, teacher = (add_person(tx, name) for name in ("a", "b", "c", "d", "e"))
        add_membership(tx, pupil, school)
        add_membership(tx, gone, school, end=date(2026, 8, 1))
        add_membership(tx, stranger, other)
        add_membership(tx, teacher, school, "teacher")
        add_enrolment(tx, school, klass, pupil, "pupil")
        add_enrolment(tx, school, next_class, gone, "pupil", end=date(2026, 8, 1))
        add_guardianship(tx, school, pupil, parent)
    whole = Scope("", "director", (school,))
    of_class = Scope("", "class_teacher", (school,), classes=(klass,))
    of_next = Scope("", "class_teacher", (school,), classes=(next_class,))
    today = date(2026, 9, 1)
    with uow.read() as tx:
        assert [directory.within(tx, whole, one) for one in (pupil, gone, stranger, parent, teacher)] == [
            True, True, False, True, True,
        ]  # fmt: skip
        assert not directory.within(tx, whole, gone, today=today)
        assert [directory.within(tx, of_class, one) for one in (pupil, gone, parent, teacher)] == [
            True, False, True, False,
        ]  # fmt: skip
        assert directory.within(tx, of_next, gone)
        assert not directory.within(tx, of_next, gone, today=today)
        assert directory.one(tx, whole, stranger) is None
        assert directory.roles(tx, whole, teacher, today=today) == ["teacher"]
        assert directory.class_titles(tx, whole, pupil, today=today) == ["7 «Ә»"]
        assert directory.is_guardian(tx, whole, parent)
        assert not directory.is_guardian(tx, whole, pupil)
