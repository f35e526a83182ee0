"""Classes: opened, filled, handed to a teacher, closed; and nobody sees another's."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.core.errors import NotFound
from idp.services import scope
from idp.services.classes import Classes
from idp.services.forms import Wrong
from idp.services.listing import Asked
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.people import Enrolment, Membership
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment
from tests.factories.rows import add_membership, add_person, add_school


@pytest.fixture
def ground(uow: UnitOfWork, clock: FixedClock) -> dict[str, Any]:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        seven, six = add_class(tx, school, shift="1"), add_class(tx, school, "6 «Б»", grade="6")
        people = {}
        for name, role, at in (
            ("aigerim", "pupil", school), ("ilyas", "pupil", school), ("marat", "teacher", school),
            ("dinara", "teacher", school), ("foreign", "pupil", other),
        ):  # fmt: skip
            people[name] = add_person(tx, name, given_name=name, sort_key=name)
            add_membership(tx, people[name], at, role, grade="7" if role == "pupil" else "")
        add_enrolment(tx, school, seven, people["aigerim"], "pupil")
        add_enrolment(tx, school, seven, people["marat"], "teacher", is_primary=True)
    return {
        "service": Classes(uow, clock), "scope": scope.of_person("boss", "director", (school,)), "school": school,
        "other": other, "seven": seven, "six": six, **people,
    }  # fmt: skip


def test_the_list_counts_names_teachers_and_narrows(ground: dict[str, Any], uow: UnitOfWork) -> None:
    service, here = ground["service"], ground["scope"]
    found = service.listed(here, Asked())
    assert [(line.title, line.pupils, line.teacher) for line in found.rows] == [
        ("6 «Б»", 0, ""), ("7 «Ә»", 1, "marat"),
    ]  # fmt: skip
    for asked, titles in (
        (Asked(words="7 а"), ["7 «Ә»"]), (Asked(words="marat"), ["7 «Ә»"]), (Asked(filters={"grade": "6"}), ["6 «Б»"]),
        (Asked(filters={"shift": "1"}), ["7 «Ә»"]), (Asked(filters={"status": "ended"}), []),
        (Asked(filters={"kind": "scheduled"}), []),
    ):  # fmt: skip
        assert [line.title for line in service.listed(here, asked).rows] == titles
    own = scope.of_actor("marat", "teacher", (ground["school"],), classes=(ground["six"],))
    assert [line.title for line in service.listed(own, Asked()).rows] == ["6 «Б»"]
    with pytest.raises(NotFound):
        service.page(own, ground["seven"])


def test_a_class_is_added_renamed_and_closed(ground: dict[str, Any], uow: UnitOfWork) -> None:
    service, here = ground["service"], ground["scope"]
    new = service.add(here, "boss", ground["school"], {"title": "8 «Ә»", "grade": "8", "language": "kk", "shift": "2"})
    assert service.page(here, new).line.shift == "2"
    with pytest.raises(Wrong) as refused:
        service.add(here, "boss", ground["school"], {"title": "", "grade": "13", "language": "fr", "shift": "9"})
    assert set(refused.value.fields) == {"title", "grade", "language", "shift"}
    form = {"title": "8 «А»", "grade": "8", "shift": "1"}
    service.change(here, "boss", ground["seven"], form)
    service.change(here, "boss", ground["seven"], form)
    assert (service.close(here, "boss", ground["seven"]), service.close(here, "boss", ground["seven"])) == (2, 0)
    page = service.page(here, ground["seven"])
    assert (page.line.is_open, list(page.pupils)) == (False, [])
    with pytest.raises(NotFound):
        service.put(here, "boss", ground["seven"], [ground["ilyas"]])
    with uow.read() as tx:
        grade = select(Membership.grade).where(Membership.person_id == ground["aigerim"])
        assert tx.connection.scalar(grade) == "8"
        told = Counter(tuple(row) for row in tx.connection.execute(select(Change.kind, Change.action)))
        assert told == {
            ("classes", "added"): 1, ("classes", "changed"): 1, ("classes", "ended"): 1, ("memberships", "changed"): 1,
            ("memberships", "ended"): 2,
        }  # fmt: skip
        events = list(tx.connection.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))
    assert events == ["class_added", "class_changed", "class_closed"]


def test_a_pupil_stands_in_one_class_and_has_its_grade(ground: dict[str, Any], uow: UnitOfWork) -> None:
    service, here = ground["service"], ground["scope"]
    free = service.page(here, ground["six"], may_change=True).free
    assert [name for _, name in free] == ["ilyas · 7"]
    assert service.put(here, "boss", ground["six"], [ground["aigerim"], ground["ilyas"], ground["ilyas"]]) == 2
    assert service.put(here, "boss", ground["six"], [ground["ilyas"]]) == 0
    page = service.page(here, ground["six"], may_change=True)
    assert [member.name for member in page.pupils] == ["aigerim", "ilyas"]
    assert (list(page.free), len(page.staff)) == ([], 2)
    with uow.read() as tx:
        open_places = select(Enrolment.class_id).where(
            Enrolment.person_id == ground["aigerim"], Enrolment.end.is_(None)
        )
        assert list(tx.connection.scalars(open_places)) == [ground["six"]]
        assert set(tx.connection.scalars(select(Membership.grade).where(Membership.role == "pupil"))) == {"6", "7"}
    for people in ([], [ground["foreign"]], [ground["marat"]], ["0" * 32], ["x"] * 200 + [str(n) for n in range(101)]):
        with pytest.raises(Wrong):
            service.put(here, "boss", ground["six"], people)
    place = page.pupils[0].id
    service.take_out(here, "boss", ground["six"], place)
    service.take_out(here, "boss", ground["six"], place)
    assert [member.name for member in service.page(here, ground["six"]).pupils] == ["ilyas"]


def test_a_class_has_one_class_teacher(ground: dict[str, Any], uow: UnitOfWork) -> None:
    service, here = ground["service"], ground["scope"]
    for name in ("dinara", "dinara", "marat"):
        service.set_teacher(here, "boss", ground["seven"], ground[name])
        teachers = service.page(here, ground["seven"]).teachers
        assert [one.name for one in teachers if one.role == "class_teacher"] == [name]
        assert service.page(here, ground["seven"]).line.teacher == name
    with uow.read() as tx:
        primary = select(Enrolment.role).where(Enrolment.is_primary, Enrolment.end.is_(None))
        assert list(tx.connection.scalars(primary)) == ["class_teacher"], "nobody keeps a class teacher's view"
    for name in ("aigerim", "foreign"):
        with pytest.raises(Wrong):
            service.set_teacher(here, "boss", ground["seven"], ground[name])
    stranger = scope.of_person("x", "director", (ground["other"],))
    with pytest.raises(NotFound):
        service.set_teacher(stranger, "x", ground["seven"], ground["foreign"])
