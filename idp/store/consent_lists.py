"""Who has answered one text, pupil by pupil: for the school's list, for campaigns, for printed reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, false, func, select, true

from idp.core.names import full_name
from idp.core.scope import Scope
from idp.store import words
from idp.store.consent_records import state as state_of
from idp.store.consent_texts import TextRow
from idp.store.directory import holds
from idp.store.models.consents import ConsentRecord, ConsentText
from idp.store.models.people import Enrolment, Person, SchoolClass
from idp.store.session import Tx

STATES = ("missing", "given", "declined", "withdrawn", "stopped", "expired")


class AnswerRow(NamedTuple):
    """One pupil of one class, and the latest answer to one text; `record_id` is empty while `state` is `missing`."""

    person_id: str
    family_name: str
    given_name: str
    middle_name: str
    birth_date: date | None
    class_id: str
    class_title: str
    record_id: str | None
    state: str
    channel: str | None
    version: int | None
    given_at: datetime | None
    expires_on: date | None
    acknowledged_at: datetime | None
    stop_by: date | None

    @property
    def name(self) -> str:
        return full_name(self.family_name, self.given_name, self.middle_name)


@dataclass(frozen=True, slots=True)
class Sieve:
    """`typed` are words of names, `state` one of STATES, `class_ids` narrow further than the scope; empty is all."""

    typed: str = ""
    state: str = ""
    class_ids: tuple[str, ...] = ()


def page(
    tx: Tx, scope: Scope, text: TextRow, sieve: Sieve, *, today: date, limit: int, offset: int
) -> tuple[list[AnswerRow], int]:
    """One page in class and Kazakh alphabetical order, and how many rows there are in all."""
    query, state = _answers(scope, text, sieve, today)
    query = query.add_columns(func.count().over()).where(_is(state, sieve.state))
    rows = tx.connection.execute(query.limit(limit).offset(offset)).all()
    if not rows and offset:
        first = tx.connection.execute(query.limit(1)).first()
        return [], first[-1] if first else 0
    return [AnswerRow(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def everybody(tx: Tx, scope: Scope, text: TextRow, sieve: Sieve, *, today: date) -> list[AnswerRow]:
    """Every row at once: a school has some thousand pupils."""
    query, state = _answers(scope, text, sieve, today)
    return [AnswerRow(*row) for row in tx.connection.execute(query.where(_is(state, sieve.state)))]


def homerooms(tx: Tx, scope: Scope) -> list[tuple[str, str]]:
    """(id, title) of open classes that the scope reaches, in order of grades."""
    query = select(SchoolClass.id, SchoolClass.title, SchoolClass.grade).where(
        SchoolClass.school_id.in_(scope.schools), SchoolClass.kind == "homeroom", SchoolClass.status == "active"
    )
    if scope.classes is not None:
        query = query.where(SchoolClass.id.in_(scope.classes))
    rows = sorted(tx.connection.execute(query), key=lambda row: (_grade(row[2]), row[1]))
    return [(row[0], row[1]) for row in rows]


def _grade(grade: str) -> int:
    return int(grade) if grade.isdigit() else 99


def _is(state: Any, wanted: str) -> Any:
    if not wanted:
        return true()
    return state == wanted if wanted in STATES else false()


def _answers(scope: Scope, text: TextRow, sieve: Sieve, today: date) -> tuple[Select[Any], Any]:
    """The latest answer of each. Who declined an older version is asked again, so has not answered."""
    latest = _latest(text, today)
    state = case(
        (latest.c.id.is_(None), "missing"),
        (and_(latest.c.state == "declined", latest.c.version < text.version), "missing"),
        else_=latest.c.state,
    )
    query = (
        select(
            Person.id, Person.family_name, Person.given_name, Person.middle_name, Person.birth_date, SchoolClass.id,
            SchoolClass.title, latest.c.id, state, latest.c.channel, latest.c.version, latest.c.given_at,
            latest.c.expires_on, latest.c.acknowledged_at, latest.c.stop_by,
        )
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .join(SchoolClass, and_(SchoolClass.id == Enrolment.class_id, SchoolClass.school_id == Enrolment.school_id))
        .outerjoin(latest, and_(latest.c.person_id == Person.id, latest.c.place == 1))
        .where(Enrolment.school_id.in_(scope.schools), Enrolment.school_id == text.school_id)
        .where(Enrolment.role == "pupil", holds(Enrolment, today), Person.status == "active")
        .where(SchoolClass.kind == "homeroom", SchoolClass.status == "active")
        .order_by(func.length(SchoolClass.grade), SchoolClass.grade, SchoolClass.title, Person.sort_key, Person.id)
    )  # fmt: skip
    for classes in (scope.classes, sieve.class_ids or None):
        if classes is not None:
            query = query.where(Enrolment.class_id.in_(classes))
    for condition in words.found(sieve.typed):
        query = query.where(condition)
    return query, state


def _latest(text: TextRow, today: date) -> Any:
    record = ConsentRecord
    place = func.row_number().over(
        partition_by=record.person_id, order_by=(record.given_at.desc(), record.id.desc())
    )  # fmt: skip
    return (
        select(
            record.id, record.person_id, state_of(today).label("state"), record.channel, ConsentText.version,
            record.given_at, record.expires_on, record.acknowledged_at, record.stop_by, place.label("place"),
        )
        .join(ConsentText, ConsentText.id == record.text_id)
        .where(
            record.school_id == text.school_id, record.purpose == text.purpose, record.recipient == text.recipient
        )
        .subquery()
    )  # fmt: skip


def names(tx: Tx, people: Sequence[str]) -> dict[str, str]:
    """Full names by id, of people whose rows the caller may see."""
    columns = (Person.id, Person.family_name, Person.given_name, Person.middle_name)
    rows = tx.connection.execute(select(*columns).where(Person.id.in_(people)))
    return {row[0]: full_name(row[1], row[2], row[3]) for row in rows}
