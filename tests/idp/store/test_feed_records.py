"""Which records changes bear on, and who among them is told of."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from idp.core.scope import Scope
from idp.store import feed_records
from idp.store.feed import Entry, Position
from idp.store.models.people import Person
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_a_change_reaches_every_record_it_bears_on(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5 ауыл мектебі")
        child, parent, gone, stranger = (add_person(tx, name) for name in ("child", "parent", "gone", "stranger"))
        learns = add_membership(tx, child, school)
        add_membership(tx, gone, school, end=TODAY)
        add_membership(tx, stranger, other)
        klass = add_class(tx, school)
        place = add_enrolment(tx, school, klass, child, "pupil")
        add_enrolment(tx, school, klass, gone, "pupil")
        link = add_guardianship(tx, other, child, parent)
        add_guardianship(tx, other, stranger, parent)
        tx.connection.execute(update(Person).where(Person.id == parent).values(status="active"))
    scope = Scope("", "client", (school,))

    def touched(kind: str, *changes: tuple[str, str]) -> list[str]:
        with uow.read() as tx:
            return feed_records.touched(tx, scope, kind, [Entry(*one, Position(0, 1)) for one in changes])

    assert touched("people", ("people", gone), ("memberships", learns), ("people", gone)) == [gone, child]
    assert touched("memberships", ("memberships", learns), ("memberships", place)) == [learns]
    assert touched("memberships", ("people", child)) == [learns]
    assert touched("classes", ("memberships", place), ("classes", "c")) == ["c", klass]
    assert touched("classes", ("people", child)) == [klass]
    assert touched("guardianships", ("people", parent)) == touched("guardianships", ("memberships", learns)) == [link]
    assert touched("calendar", ("calendar", "d")) == ["d"]
    # The parent is a guardian at the other school too; its link is nobody's business here.
    assert touched("guardianships", ("people", stranger)) == []
    with uow.read() as tx:
        told = feed_records.by_id(tx, scope, "people", [child, gone, stranger], today=TODAY)
        assert list(told) == [child]
        [row] = feed_records.page(tx, scope, "classes", "", today=TODAY, limit=5)
        assert [one["person_id"] for one in row["members"]] == [child]
        assert [one["id"] for one in feed_records.page(tx, scope, "guardianships", "", today=TODAY, limit=5)] == [link]
        assert feed_records.page(tx, scope, "guardianships", link, today=TODAY, limit=5) == []
