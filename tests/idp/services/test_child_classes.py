"""services/child_classes: the class of a child and who leads it, for a guardian."""

from __future__ import annotations

from sqlalchemy import delete

from idp.services.child_classes import ChildClass
from idp.store.models.people import Enrolment
from tests.factories.console import Console


def test_a_guardian_learns_who_leads_the_class(console: Console) -> None:
    parts, people = console.parts, console.people
    child = parts.guardians.child(people["guardian"], people["pupil"])
    found = parts.child_classes.of(people["guardian"], child)
    assert found == ChildClass(console.klass, "7 «Ә»", "Ахметов Марат")
    with parts.uow.write() as tx:
        tx.connection.execute(delete(Enrolment).where(Enrolment.role == "class_teacher"))
    assert parts.child_classes.of(people["guardian"], child) == ChildClass(console.klass, "7 «Ә»", "")
    with parts.uow.write() as tx:
        tx.connection.execute(delete(Enrolment))
    assert parts.child_classes.of(people["guardian"], child) is None
    child = parts.guardians.child(people["guardian"], people["pupil"])
    assert parts.child_classes.of(people["guardian"], child) is None
