"""A school moves into the next year: once, as planned, and back again while nothing else has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from idp.core.clock import FixedClock
from idp.core.errors import Conflict, NotFound
from idp.core.ids import new_id
from idp.services import scope
from idp.services.classes import Classes
from idp.services.promotion import Years
from idp.store import audit, feed, promotion
from idp.store.base import Base
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.cards import Card
from idp.store.models.people import Enrolment, Membership, SchoolClass
from idp.store.session import Tx, UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

JUNE = datetime(2027, 6, 1, 5, tzinfo=UTC)


class School:
    """7 «Ә» with three pupils and a class teacher, 11 «А» with one who has a card; `ended` hears whose consents end."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow, self.clock = uow, FixedClock(JUNE)
        self.ended: list[str] = []
        self.people: dict[str, str] = {}
        self.years = Years(uow, self.clock, self._hear)
        with uow.write() as tx:
            self.id = add_school(tx)
            self.seven, self.eleven = add_class(tx, self.id), add_class(tx, self.id, "11 «А»", grade="11")
            for name, room, grade in (
                ("aigerim", self.seven, "7"), ("ilyas", self.seven, "7"), ("polina", self.seven, "7"),
                ("daniyar", self.eleven, "11"),
            ):  # fmt: skip
                self.people[name] = add_person(tx, name)
                add_membership(tx, self.people[name], self.id, grade=grade)
                add_enrolment(tx, self.id, room, self.people[name], "pupil")
            self.people["marat"] = add_person(tx, "marat")
            add_membership(tx, self.people["marat"], self.id, "teacher")
            add_enrolment(tx, self.id, self.seven, self.people["marat"], "class_teacher", is_primary=True)
            tx.connection.execute(insert(Card), {
                "id": new_id(), "school_id": self.id, "person_id": self.people["daniyar"], "number_hash": b"1",
                "number_hint": "0001", "issued_at": BEGINNING, "issued_by": "x", "changed_at": BEGINNING,
                "changed_by": "x",
            })  # fmt: skip
        self.scope = scope.of_operator((self.id,))

    def _hear(self, _tx: Tx, _school: str, people: Sequence[str], _today: date) -> int:
        self.ended += people
        return len(people)

    def rows(self) -> dict[str, list[str]]:
        """Every row of what a year changes."""
        names = ("classes", "enrolments", "memberships", "cards")
        with self.uow.read() as tx:
            return {n: sorted(map(str, tx.connection.execute(Base.metadata.tables[n].select()))) for n in names}

    def places(self) -> Counter[Any]:
        """(class, person) of open places."""
        by_id = {person: name for name, person in self.people.items()}
        with self.uow.read() as tx:
            query = select(SchoolClass.title, Enrolment.person_id).join(SchoolClass).where(Enrolment.end.is_(None))
            return Counter((title, by_id[person]) for title, person in tx.connection.execute(query))


@pytest.fixture
def school(uow: UnitOfWork) -> School:
    return School(uow)


def test_a_year_is_closed_once_and_as_planned(school: School) -> None:
    preview = school.years.preview(school.scope, school.id)
    assert [(step.title, step.new_title, step.action, step.pupils) for step in preview.steps] == [
        ("7 «Ә»", "8 «Ә»", "raise", 3), ("11 «А»", "11 «А»", "leave", 1),
    ]  # fmt: skip
    people = school.people
    school.years.decide(
        school.scope, "boss", school.id, of_classes={"nonsense": "raise", school.eleven: "wrong"},
        of_pupils={people["polina"]: "leaves", people["ilyas"]: "stays", "somebody": "leaves"},
    )  # fmt: skip
    with school.uow.read() as tx:
        assert audit.happened(tx, "year_planned", since=school.clock.now(), actor_id="boss")
    planned = school.years.preview(school.scope, school.id)
    assert (planned.raised, planned.leaving) == (1, 2)
    said = {person: word for person, _, word in school.years.pupils(school.scope, school.id, school.seven)}
    assert said == {people["aigerim"]: "", people["ilyas"]: "stays", people["polina"]: "leaves"}
    numbers = school.years.apply(school.scope, "boss", school.id)
    assert numbers == {"classes": 1, "closed": 2, "raised": 1, "left": 2, "homeless": 1}
    assert school.places() == Counter([("8 «Ә»", "aigerim"), ("8 «Ә»", "marat")])
    assert sorted(school.ended) == sorted([people["polina"], people["daniyar"]])
    before = school.rows()
    assert school.years.apply(school.scope, "boss", school.id) == numbers
    assert school.rows() == before, "a second press changes nothing"
    with school.uow.read() as tx:
        held = dict(tx.connection.execute(select(Membership.person_id, Membership.grade)).all())
        assert (held[people["aigerim"]], held[people["ilyas"]]) == ("8", "7")
        ended = set(tx.connection.scalars(select(Membership.person_id).where(Membership.end.is_not(None))))
        assert ended == {people["polina"], people["daniyar"]}
        assert tx.connection.execute(select(Card.state, Card.reason)).one() == ("returned", "left")
        events = Counter(tx.connection.scalars(select(AuditEvent.event)))
        assert (events["year_promoted"], events["school_left"]) == (1, 2)
        told = Counter(tuple(row) for row in tx.connection.execute(select(Change.kind, Change.action)))
    assert told["classes", "added"] == 1
    assert told["classes", "ended"] == 2
    assert told["cards", "ended"] == 1
    with pytest.raises(Conflict, match="already"):
        school.years.decide(school.scope, "boss", school.id, of_classes={}, of_pupils={})


def test_it_is_taken_back_whole_until_something_else_changes(school: School) -> None:
    with pytest.raises(Conflict) as nothing:
        school.years.undo(school.scope, "boss", school.id)
    assert nothing.value.code == "year_not_applied"
    before = school.rows()
    school.years.apply(school.scope, "boss", school.id)
    school.clock.advance(minutes=5)
    assert school.years.preview(school.scope, school.id).may_undo
    school.years.undo(school.scope, "boss", school.id)
    assert school.rows() == before
    school.years.apply(school.scope, "boss", school.id)
    school.clock.advance(minutes=5)
    Classes(school.uow, school.clock).add(school.scope, "boss", school.id, {"title": "8 «Б»", "grade": "8"})
    assert not school.years.preview(school.scope, school.id).may_undo
    with pytest.raises(Conflict) as touched:
        school.years.undo(school.scope, "boss", school.id)
    assert touched.value.code == "year_touched"
    assert school.years.preview(school.scope, school.id).report["classes"] == 1


def test_a_region_moves_school_by_school_and_once(school: School) -> None:
    with school.uow.write() as tx:
        other = add_school(tx, "№ 5", type="basic")
        room = add_class(tx, other, "9 «А»", grade="9")
        person = add_person(tx, "daulet")
        add_membership(tx, person, other, grade="9")
        add_enrolment(tx, other, room, person, "pupil")
    heard: list[int] = []
    everywhere = scope.of_operator((school.id, other))
    total = school.years.promote_many(everywhere, "boss", progress=lambda _step, done: heard.append(done))
    assert (heard, total["raised"], total["left"]) == ([1, 2], 3, 2)
    before = school.rows()
    school.years.promote_many(everywhere, "boss")
    assert school.rows() == before


def test_another_school_is_out_of_reach(school: School) -> None:
    stranger = scope.of_operator(("0" * 32,))
    for act in (school.years.preview, lambda s, i: school.years.apply(s, "x", i)):
        with pytest.raises(NotFound):
            act(stranger, school.id)
    with pytest.raises(NotFound):
        school.years.pupils(scope.of_operator((school.id,)), school.id, "0" * 32)
    with school.uow.write() as tx, pytest.raises(ValueError, match="outside"):
        promotion.save_plan(tx, stranger, {"id": new_id(), "school_id": school.id, "year": 2027, "plan": {}})


def test_nobody_is_raised_twice_in_one_school_year(school: School) -> None:
    school.clock.moment = datetime(2027, 9, 20, 5, tzinfo=UTC)
    numbers = school.years.apply(school.scope, "boss", school.id)
    before = school.rows()
    school.clock.moment = datetime(2027, 10, 5, 5, tzinfo=UTC)
    assert school.years.apply(school.scope, "boss", school.id) == numbers
    assert (school.years.preview(school.scope, school.id).year, school.rows()) == (2027, before)
    school.clock.moment = datetime(2028, 4, 1, 5, tzinfo=UTC)
    assert school.years.preview(school.scope, school.id).applied_at is None
    with pytest.raises(Conflict) as early:
        school.years.apply(school.scope, "boss", school.id)
    assert early.value.code == "year_too_early"
    assert school.years.promote_many(school.scope, "boss") == {"early": 1}
    assert school.rows() == before
    school.clock.moment = datetime(2028, 5, 2, 5, tzinfo=UTC)
    assert school.years.apply(school.scope, "boss", school.id)["raised"] == 3


def test_guardians_leave_with_their_last_child_and_come_back_with_the_undo(school: School) -> None:
    with school.uow.write() as tx:
        for name, children in (("gulnara", ("daniyar",)), ("bolat", ("daniyar", "aigerim"))):
            school.people[name] = add_person(tx, name)
            add_membership(tx, school.people[name], school.id, "guardian")
            for child in children:
                add_guardianship(tx, school.id, school.people[child], school.people[name])
    before = school.rows()
    school.years.apply(school.scope, "boss", school.id)
    with school.uow.read() as tx:
        left = select(Membership.person_id).where(Membership.role == "guardian", Membership.end.is_not(None))
        assert list(tx.connection.scalars(left)) == [school.people["gulnara"]]
    school.clock.advance(minutes=5)
    school.years.undo(school.scope, "boss", school.id)
    assert school.rows() == before
    school.years.apply(school.scope, "boss", school.id)
    with school.uow.write() as tx:
        feed.append(
            tx, "people", "ended", [(school.id, school.people["daniyar"])], now=school.clock.now() + timedelta(hours=1)
        )
    with pytest.raises(Conflict) as erased:
        school.years.undo(school.scope, "boss", school.id)
    assert erased.value.code == "year_touched"
