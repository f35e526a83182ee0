"""Who may act for a child: the one condition under which a link holds, and the questions that need it at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, or_, select, update

from idp.core.calendar import OF_AGE, years_after
from idp.core.names import full_name
from idp.store.models.org import Organisation
from idp.store.models.people import Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.session import Tx

_GROUP = 500
DECIDED = ("disowned", "refused", "mistake", "grown_up")
"""Reasons for which a person ended a link. Other ends come with a file, and may go with the next one."""


def holds(today: Any) -> ColumnElement[bool]:
    """Verified, begun, not ended, not blocked, and the child not of age or keeping it. `today` is a date or a bind.

    Asked anew at every question about a child, so that a block is felt in the next request.
    """
    return and_(
        Guardianship.verified_at.is_not(None),
        Guardianship.blocked_at.is_(None),
        or_(Guardianship.begin.is_(None), Guardianship.begin <= today),
        or_(Guardianship.end.is_(None), Guardianship.end > today),
        or_(Guardianship.of_age_on.is_(None), Guardianship.of_age_on > today, Guardianship.kept_at.is_not(None)),
    )


def acts(today: Any) -> ColumnElement[bool]:
    """It holds and the child is not of age: a link that somebody of age keeps lets the guardian see, and do nothing."""
    return and_(holds(today), ~_is_adult(today))


def _is_adult(today: Any) -> ColumnElement[bool]:
    return and_(Guardianship.of_age_on.is_not(None), Guardianship.of_age_on <= today)


def is_open(today: Any) -> ColumnElement[bool]:
    """Not ended: waiting, holding, paused or blocked."""
    return or_(Guardianship.end.is_(None), Guardianship.end > today)


@dataclass(frozen=True, slots=True)
class Child:
    """A child whose link holds, at the school it learns at now; `school_id` is empty between two schools.

    `is_adult`: of age, and lets the guardian see school, class and card. Everything else is theirs alone.
    `is_restricted`: processing of their data is blocked; nothing of them goes to another system.
    """

    link_id: str
    person_id: str
    given_name: str
    family_name: str
    middle_name: str
    birth_date: date | None
    relation: str
    school_id: str
    school_name: str
    school_name_ru: str
    grade: str
    class_title: str
    is_adult: bool = False
    is_restricted: bool = False

    @property
    def may_act(self) -> bool:
        return not self.is_adult

    @property
    def name(self) -> str:
        return full_name(self.family_name, self.given_name, self.middle_name)


_today = bindparam("today", type_=Guardianship.__table__.c.begin.type)


def _at(table: type[Membership] | type[Enrolment]) -> ColumnElement[bool]:
    return and_(or_(table.begin.is_(None), table.begin <= _today), or_(table.end.is_(None), table.end > _today))


_CHILDREN: Select[*tuple[Any, ...]] = (
    select(
        Guardianship.id,
        Person.id,
        Person.given_name,
        Person.family_name,
        Person.middle_name,
        Person.birth_date,
        Guardianship.relation,
        Membership.school_id,
        Organisation.name,
        Organisation.name_ru,
        Membership.grade,
        SchoolClass.title,
        case((_is_adult(_today), True), else_=False),
        Person.restricted_at.is_not(None),
    )
    .join(Person, Person.id == Guardianship.child_id)
    .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.role == "pupil", _at(Membership)))
    .outerjoin(Organisation, Organisation.id == Membership.school_id)
    .outerjoin(
        Enrolment,
        and_(
            Enrolment.person_id == Person.id,
            Enrolment.school_id == Membership.school_id,
            Enrolment.role == "pupil",
            _at(Enrolment),
        ),
    )
    .outerjoin(
        SchoolClass,
        and_(
            SchoolClass.id == Enrolment.class_id,
            SchoolClass.school_id == Enrolment.school_id,
            SchoolClass.kind == "homeroom",
            SchoolClass.status == "active",
        ),
    )
    .where(Guardianship.guardian_id == bindparam("guardian_id"), holds(_today), Person.status == "active")
    .order_by(Person.sort_key, Person.id, Membership.is_primary.desc(), Membership.id, SchoolClass.title.desc())
)
_CHILD = _CHILDREN.where(Guardianship.child_id == bindparam("child_id"))


def children(tx: Tx, guardian_id: str, *, today: date) -> list[Child]:
    """Everybody whose link to this person holds today, in all schools, in Kazakh alphabetical order."""
    return _each(tx.connection.execute(_CHILDREN, {"guardian_id": guardian_id, "today": today}))


def child(tx: Tx, guardian_id: str, child_id: str, *, today: date) -> Child | None:
    """One of them; None when the link does not hold now, for whatever reason."""
    bound = {"guardian_id": guardian_id, "child_id": child_id, "today": today}
    return next(iter(_each(tx.connection.execute(_CHILD, bound))), None)


def _each(rows: Iterable[Sequence[Any]]) -> list[Child]:
    """One for each child: the class among taught groups, the primary school among several."""
    found: dict[str, Child] = {}
    for row in rows:
        values = [*row[:7], *(value or "" for value in row[7:12]), *(bool(value) for value in row[12:])]
        made = Child(*values)
        known = found.setdefault(made.person_id, made)
        if not known.class_title and made.class_title and made.school_id == known.school_id:
            found[made.person_id] = made
    return list(found.values())


def of_age_on(birth_date: date | None) -> date | None:
    """The 18th birthday; None when the date of birth is not known, and then nothing pauses."""
    return None if birth_date is None else years_after(birth_date, OF_AGE)


def birthdays(tx: Tx, people: Sequence[str]) -> dict[str, date | None]:
    """18th birthdays by person."""
    found: dict[str, date | None] = {}
    for start in range(0, len(people), _GROUP):
        query = select(Person.id, Person.birth_date).where(Person.id.in_(people[start : start + _GROUP]))
        found.update((row[0], of_age_on(row[1])) for row in tx.connection.execute(query))
    return found


_SET_OF_AGE = (
    update(Guardianship).where(Guardianship.child_id == bindparam("b_child")).values(of_age_on=bindparam("b_day"))
)


def set_of_age(tx: Tx, person_ids: Sequence[str]) -> None:
    """To be called wherever a date of birth changes: the links about these people pause on the right day again."""
    rows = [{"b_child": person, "b_day": day} for person, day in birthdays(tx, person_ids).items()]
    if rows:
        tx.connection.execute(_SET_OF_AGE, rows)
