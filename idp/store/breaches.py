"""The register of breaches (Law № 94-V art. 25(2)(8)): what happened, when it must be told, and whose data it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, literal, select, update

from idp.core.names import full_name
from idp.core.scope import Scope
from idp.store.directory import holds, is_of
from idp.store.models.org import Organisation
from idp.store.models.people import Enrolment, Membership, Person, SchoolClass
from idp.store.models.subject_requests import Breach, BreachPerson
from idp.store.session import Tx

_COLUMNS = tuple(Breach.__table__.c)
_PEOPLE = (
    select(func.count())
    .select_from(BreachPerson)
    .where(BreachPerson.breach_id == Breach.id)
    .scalar_subquery()
    .label("people")
)


def listed(tx: Tx, scope: Scope, *, offset: int, limit: int) -> tuple[list[Mapping[str, Any]], int]:
    """Breaches of the scope's schools, open ones by their day first; with `people`, `school` and `school_ru`."""
    of = Breach.school_id.in_(scope.schools)
    query = (
        select(*_COLUMNS, _PEOPLE, Organisation.name.label("school"), Organisation.name_ru.label("school_ru"))
        .join(Organisation, Organisation.id == Breach.school_id)
        .where(of)
        .order_by(Breach.closed_at.is_not(None), Breach.notified_at.is_not(None), Breach.due_on, Breach.id)
    )
    rows = tx.connection.execute(query.offset(offset).limit(limit))
    total = tx.connection.execute(select(func.count()).select_from(Breach).where(of)).scalar_one()
    return [row._asdict() for row in rows], int(total)


def untold(tx: Tx, scope: Scope, *, today: date) -> tuple[int, int]:
    """How many wait to be told to the authorised body, and how many of them are overdue."""
    query = select(func.count(), func.sum(case((Breach.due_on < today, 1), else_=0))).where(
        Breach.school_id.in_(scope.schools), Breach.notified_at.is_(None), Breach.closed_at.is_(None)
    )
    count, late = tx.connection.execute(query).one()
    return int(count), int(late or 0)


def one(tx: Tx, scope: Scope, breach_id: str) -> Mapping[str, Any] | None:
    """A breach of one of the scope's schools, with `people`."""
    query = select(*_COLUMNS, _PEOPLE).where(Breach.id == breach_id, Breach.school_id.in_(scope.schools))
    row = tx.connection.execute(query).first()
    return None if row is None else row._asdict()


def add(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    """A row with the columns of `breaches`, for one of the scope's schools."""
    if not scope.allows(str(row["school_id"])):
        raise ValueError("outside the scope")
    tx.connection.execute(insert(Breach), dict(row))


def change(tx: Tx, scope: Scope, breach_id: str, values: Mapping[str, Any]) -> bool:
    """Of a breach that is not closed; False when it is."""
    query = update(Breach).where(
        Breach.id == breach_id, Breach.school_id.in_(scope.schools), Breach.closed_at.is_(None)
    )
    return bool(tx.connection.execute(query.values(**values)).rowcount)


def name_people(tx: Tx, scope: Scope, breach_id: str, *, who: str, today: date) -> int:
    """Adds people of the breach's school to it, each once; returns how many are new.

    `who` is `all`, `pupils`, `guardians`, `staff`, `class:<id>` or `person:<id>`.
    """
    row = one(tx, scope, breach_id)
    assert row is not None
    at = Scope(scope.person, scope.role, (row["school_id"],))
    is_named = select(BreachPerson.person_id).where(BreachPerson.breach_id == breach_id)
    chosen = select(literal(breach_id), Person.id).where(_chosen(at, who, today), Person.id.not_in(is_named))
    chosen = chosen.where(is_of(at, Person.id), Person.status.not_in(("erased", "merged")))
    tx.connection.execute(insert(BreachPerson).from_select(["breach_id", "person_id"], chosen))
    after = one(tx, scope, breach_id)
    assert after is not None
    return int(after["people"]) - int(row["people"])


def _chosen(scope: Scope, who: str, today: date) -> ColumnElement[bool]:
    kind, _, key = who.partition(":")
    member = select(Membership.id).where(
        Membership.person_id == Person.id, Membership.school_id.in_(scope.schools), holds(Membership, today)
    )
    if kind == "class":
        learns = select(Enrolment.id).where(
            Enrolment.person_id == Person.id, Enrolment.class_id == key, Enrolment.school_id.in_(scope.schools),
            Enrolment.role == "pupil", holds(Enrolment, today),
        )  # fmt: skip
        return learns.exists()
    if kind == "person":
        return Person.id == key
    if kind == "pupils":
        return member.where(Membership.role == "pupil").exists()
    if kind == "staff":
        return member.where(Membership.role.not_in(("pupil", "guardian"))).exists()
    if kind == "guardians":
        return is_of(scope, Person.id, today=today) & ~member.where(Membership.role != "guardian").exists()
    return is_of(scope, Person.id, today=today)


def forget_people(tx: Tx, scope: Scope, breach_id: str, person_id: str = "") -> int:
    """Takes one person, or everybody, off the list of a breach of the scope; returns how many went."""
    if one(tx, scope, breach_id) is None:
        return 0
    query = delete(BreachPerson).where(BreachPerson.breach_id == breach_id)
    if person_id:
        query = query.where(BreachPerson.person_id == person_id)
    return tx.connection.execute(query).rowcount


def people(tx: Tx, scope: Scope, breach_id: str, *, offset: int = 0, limit: int = 10**9) -> list[Mapping[str, Any]]:
    """Whose data it was, in Kazakh order: `id name iin_sealed phone`. Everybody named by the register's own school."""
    if one(tx, scope, breach_id) is None:
        return []
    query = (
        select(
            Person.id, Person.family_name, Person.given_name, Person.middle_name, Person.username, Person.iin_sealed,
            Person.phone,
        )
        .join(BreachPerson, BreachPerson.person_id == Person.id)
        .where(BreachPerson.breach_id == breach_id)
        .order_by(Person.sort_key, Person.id)
        .offset(offset)
        .limit(limit)
    )  # fmt: skip
    return [
        {"id": row[0], "name": full_name(*row[1:4]) or row[4], "iin_sealed": row[5], "phone": row[6]}
        for row in tx.connection.execute(query)
    ]


def find(tx: Tx, scope: Scope, words: Sequence[str], *, limit: int) -> list[tuple[str, str]]:
    """(id, name) of people of the scope whose name has all of these folded words in it, to be put on a list."""
    query = select(Person.id, Person.family_name, Person.given_name, Person.middle_name).where(
        is_of(scope, Person.id), *(Person.search_key.contains(word, autoescape=True) for word in words)
    )
    rows = tx.connection.execute(query.order_by(Person.sort_key, Person.id).limit(limit))
    return [(row[0], full_name(*row[1:4])) for row in rows]


def classes(tx: Tx, scope: Scope) -> list[tuple[str, str]]:
    """(id, title) of the scope's open homeroom classes."""
    query = select(SchoolClass.id, SchoolClass.title, SchoolClass.grade).where(
        SchoolClass.school_id.in_(scope.schools), SchoolClass.kind == "homeroom", SchoolClass.status == "active"
    )
    rows = sorted(tx.connection.execute(query), key=lambda row: (row[2].zfill(2), row[1]))
    return [(row[0], row[1]) for row in rows]
