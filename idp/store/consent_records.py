"""Answers of people about the processing of personal data, and the one condition under which a consent holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, case, exists, func, insert, or_, select, update

from idp.core.scope import Scope
from idp.store.models.consents import ConsentRecord, ConsentText
from idp.store.models.people import Membership, Person
from idp.store.session import Tx

_table = cast(Table, ConsentRecord.__table__)
_c = _table.c
_t = cast(Table, ConsentText.__table__).c
_GROUP = 500


class RecordRow(NamedTuple):
    """A row of `consent_records` with its text's version and sum, and what it amounts to on the day asked for."""

    id: str
    school_id: str
    text_id: str
    purpose: str
    recipient: str
    person_id: str
    signer_id: str | None
    relation: str
    channel: str
    language: str
    answer: str
    proof: Mapping[str, Any]
    seal: bytes
    given_at: datetime
    expires_on: date | None
    acknowledged_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str
    stop_by: date | None
    stopped_at: datetime | None
    refusal: str
    version: int
    text_sha256: str
    title: Mapping[str, str]
    state: str
    """`given declined withdrawn stopped expired`; only `given` holds."""


def state(today: Any) -> ColumnElement[str]:
    """What a record amounts to on a day. A refused withdrawal left the consent as it was (art. 8(2))."""
    return case(
        (_c.answer == "declined", "declined"),
        (and_(_c.withdrawn_at.is_not(None), _c.refusal == "", _c.stopped_at.is_(None)), "withdrawn"),
        (and_(_c.withdrawn_at.is_not(None), _c.refusal == ""), "stopped"),
        (_c.expires_on <= today, "expired"),
        else_="given",
    )


def holds(today: Any) -> ColumnElement[bool]:
    """Given, neither withdrawn nor expired, and the person still belongs to the school that asked (D4).

    Asked with the membership itself, so that leaving is felt at once whatever ended it.
    """
    return and_(in_term(today), belongs(today))


def belongs(today: Any) -> ColumnElement[bool]:
    """A pupil or a member of staff there, now or from a later day on."""
    return (
        exists()
        .where(
            Membership.person_id == _c.person_id,
            Membership.school_id == _c.school_id,
            Membership.role != "guardian",
            or_(Membership.end.is_(None), Membership.end > today),
        )
        .correlate(_table)
    )


def in_term(today: Any) -> ColumnElement[bool]:
    """Given, neither withdrawn nor expired, wherever the person is now."""
    return and_(
        _c.answer == "given",
        or_(_c.withdrawn_at.is_(None), _c.refusal != ""),
        or_(_c.expires_on.is_(None), _c.expires_on > today),
    )


def _is_usable() -> ColumnElement[bool]:
    """Nobody has blocked the processing of the person's data: while it is, no consent lets anybody use them."""
    is_blocked = exists().where(Person.id == _c.person_id, Person.restricted_at.is_not(None)).correlate(_table)
    return ~is_blocked


def _select(today: date) -> Any:
    own = (_c[name] for name in RecordRow._fields[:-4])
    return select(*own, _t.version, _t.sha256, _t.title, state(today)).select_from(
        _table.join(cast(Table, ConsentText.__table__), _t.id == _c.text_id)
    )


def _locked(query: Any, lock: bool = True) -> Any:
    """What was read to be changed stays as it was read; SQLite's writers take turns anyway."""
    return query.with_for_update(of=_table) if lock else query


_today = bindparam("today", type_=_c.expires_on.type)
_HELD = select(_c.id).where(
    _c.person_id == bindparam("b_person"),
    _c.purpose == bindparam("b_purpose"),
    _c.recipient == bindparam("b_recipient"),
    holds(_today),
    _is_usable(),
)
_HELD_AT_SCHOOL = _HELD.where(_c.school_id == bindparam("b_school"))


def is_held(tx: Tx, person_id: str, purpose: str, recipient: str, *, school_id: str = "", today: date) -> bool:
    """Whether a consent of this person holds; with `school_id`, one that was given to this school."""
    bound = {"b_person": person_id, "b_purpose": purpose, "b_recipient": recipient, "today": today}
    if school_id:
        return tx.connection.execute(_HELD_AT_SCHOOL, bound | {"b_school": school_id}).first() is not None
    return tx.connection.execute(_HELD, bound).first() is not None


def held_by(
    tx: Tx, scope: Scope, people: Sequence[str], purpose: str, recipient: str, *, today: date
) -> set[str]:  # fmt: skip
    """Of these people, whose consent to one of the scope's schools holds."""
    found: set[str] = set()
    for start in range(0, len(people), _GROUP):
        query = select(_c.person_id).where(
            _c.school_id.in_(scope.schools), _c.person_id.in_(people[start : start + _GROUP]),
            _c.purpose == purpose, _c.recipient == recipient, holds(today), _is_usable(),
        )  # fmt: skip
        found.update(tx.connection.execute(query).scalars())
    return found


def held_at(
    tx: Tx, person_id: str, purpose: str, recipient: str, *, school_id: str, at: datetime, day: date
) -> bool:  # fmt: skip
    """Whether it held at a past moment: what a turnstile brings late is judged by when it happened.

    A withdrawal that was refused changed nothing in between either. Who had left by then is judged by the membership,
    whether or not the job that ends consents has run.
    """
    query = select(_c.id).where(
        _c.person_id == person_id, _c.purpose == purpose, _c.recipient == recipient, _c.school_id == school_id,
        _c.answer == "given", _c.given_at <= at,
        or_(_c.withdrawn_at.is_(None), _c.withdrawn_at > at, _c.refusal != ""),
        or_(_c.expires_on.is_(None), _c.expires_on > day, _c.stopped_at > at), belongs(day),
    )  # fmt: skip
    return tx.connection.execute(query.limit(1)).first() is not None


def add(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    """A row with the columns of `consent_records`, for a school of the scope."""
    assert scope.allows(row["school_id"])
    tx.connection.execute(insert(_table), dict(row))


def of_person(
    tx: Tx, person_id: str, *, today: date, record_id: str = "", lock: bool = False
) -> list[RecordRow]:  # fmt: skip
    """Every answer about one person in all schools, newest first; with `record_id` that one alone.

    `lock` keeps others from changing them until the transaction ends.
    """
    query = _select(today).where(_c.person_id == person_id)
    if record_id:
        query = query.where(_c.id == record_id)
    query = _locked(query, lock).order_by(_c.given_at.desc(), _c.id.desc())
    return [RecordRow._make(row) for row in tx.connection.execute(query)]


def in_schools(
    tx: Tx, scope: Scope, ids: Sequence[str], *, today: date, lock: bool = False
) -> list[RecordRow]:  # fmt: skip
    """These records, as far as they belong to the scope's schools: for the feed and the console."""
    found: list[RecordRow] = []
    for start in range(0, len(ids), _GROUP):
        query = _select(today).where(_c.school_id.in_(scope.schools), _c.id.in_(ids[start : start + _GROUP]))
        query = _locked(query, lock)
        found += [RecordRow._make(row) for row in tx.connection.execute(query)]
    return found


def held(
    tx: Tx, scope: Scope, *, today: date, purpose: str = "", recipient: str = "", people: Sequence[str] | None = None
) -> list[RecordRow]:
    """Consents of the scope's schools in their term, of one purpose or of these people, locked to be changed."""
    query = _locked(_select(today)).where(_c.school_id.in_(scope.schools), in_term(today))
    if purpose:
        query = query.where(_c.purpose == purpose, _c.recipient == recipient)
    if people is None:
        return [RecordRow._make(row) for row in tx.connection.execute(query)]
    found: list[RecordRow] = []
    for start in range(0, len(people), _GROUP):
        rows = tx.connection.execute(query.where(_c.person_id.in_(people[start : start + _GROUP])))
        found += [RecordRow._make(row) for row in rows]
    return found


def run_out(tx: Tx, scope: Scope, *, today: date) -> list[RecordRow]:
    """Given ones whose term is over and that nobody has ended yet, locked to be changed."""
    query = _locked(_select(today)).where(
        _c.school_id.in_(scope.schools), _c.answer == "given", _c.expires_on <= today, _c.stopped_at.is_(None),
        or_(_c.withdrawn_at.is_(None), _c.refusal != ""),
    )  # fmt: skip
    return [RecordRow._make(row) for row in tx.connection.execute(query)]


def of_leavers(tx: Tx, scope: Scope, *, today: date) -> list[RecordRow]:
    """Consents in their term, of people who no longer belong to the school that asked, locked to be changed."""
    query = _locked(_select(today)).where(_c.school_id.in_(scope.schools), in_term(today), ~belongs(today))
    return [RecordRow._make(row) for row in tx.connection.execute(query)]


def schools_with(tx: Tx) -> list[str]:
    """Schools at which there is any answer: where the job that ends consents has to look."""
    return list(tx.connection.execute(select(_c.school_id).distinct().order_by(_c.school_id)).scalars())


def withdrawn(tx: Tx, scope: Scope, *, today: date) -> list[RecordRow]:
    """Withdrawals that wait for a word of the school, the most urgent first."""
    query = _select(today).where(
        _c.school_id.in_(scope.schools), _c.withdrawn_at.is_not(None), _c.stopped_at.is_(None), _c.refusal == ""
    )
    return [RecordRow._make(row) for row in tx.connection.execute(query.order_by(_c.stop_by, _c.id))]


def count_withdrawn(tx: Tx, scope: Scope, *, today: date) -> tuple[int, int]:
    """How many wait, and how many of them are past their day."""
    late = func.coalesce(func.sum(case((_c.stop_by < today, 1), else_=0)), 0)
    query = select(func.count(), late).where(
        _c.school_id.in_(scope.schools), _c.withdrawn_at.is_not(None), _c.stopped_at.is_(None), _c.refusal == ""
    )
    row = tx.connection.execute(query).one()
    return int(row[0]), int(row[1])


_SAVED = (
    "seal",
    "proof",
    "expires_on",
    "acknowledged_at",
    "withdrawn_at",
    "withdrawn_by",
    "stop_by",
    "stopped_at",
    "refusal",
)
_SAVE = (
    update(_table)
    .where(_c.id == bindparam("b_id"), _c.person_id == bindparam("b_person"))
    .values({name: bindparam(f"n_{name}") for name in _SAVED})
)


def save(tx: Tx, person_id: str, row: RecordRow) -> None:
    """Writes what may change of a record of this person, with the seal over it."""
    values = {f"n_{name}": getattr(row, name) for name in _SAVED}
    tx.connection.execute(_SAVE, {"b_id": row.id, "b_person": person_id} | values)


def merged_into(tx: Tx, people: Sequence[str]) -> dict[str, str]:
    """Who these records of people turned out to be, where two were found to be one."""
    query = select(Person.id, Person.merged_into_id).where(Person.id.in_(people), Person.merged_into_id.is_not(None))
    return {row[0]: str(row[1]) for row in tx.connection.execute(query)}
