"""What the feed tells, read as it is now: records of the scope's schools a client may know of, by kind.

Absent is what ended, and whatever is about somebody who left, was merged into another, or whose processing is blocked
(`people.restricted_at`). A record that was told and is absent now becomes a tombstone; nothing is remembered of what
was told to whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import aliased

from idp.core.scope import Scope
from idp.store import consent_records, guardianships, reach
from idp.store.cards import HELD
from idp.store.feed import Entry
from idp.store.models.calendar import Bell, CalendarDay
from idp.store.models.cards import Card
from idp.store.models.consents import ConsentRecord
from idp.store.models.org import AcademicSession
from idp.store.models.people import Enrolment, Guardianship, Membership, Person, Photo, SchoolClass
from idp.store.session import Tx

Query = Select[*tuple[Any, ...]]
SOURCES: dict[str, tuple[str, ...]] = {
    "people": ("people", "memberships"),
    "memberships": ("memberships", "people"),
    "classes": ("classes", "memberships", "people"),
    "guardianships": ("guardianships", "memberships", "people"),
    "consents": ("consents", "memberships", "people"),
    "cards": ("cards", "memberships", "people"),
    "calendar": ("calendar",),
}
"""Which kinds of the log bear on a kind: who leaves a school takes cards and links along."""
_GROUP = 400


def is_open(table: Any, today: date) -> ColumnElement[bool]:
    """Not ended; what begins later counts, for nothing is logged on the day when it begins."""
    return or_(table.end.is_(None), table.end > today)


def is_known(person: Any) -> ColumnElement[bool]:
    """Somebody of whom may be told."""
    return and_(person.status == "active", person.restricted_at.is_(None))


def _belongs(scope: Scope, person_id: Any, today: date) -> ColumnElement[bool]:
    query = select(Membership.person_id).where(Membership.school_id.in_(scope.schools), is_open(Membership, today))
    return person_id.in_(query)  # type: ignore[no-any-return]


def _ever(scope: Scope) -> Select[str]:
    return select(Membership.person_id).where(Membership.school_id.in_(scope.schools))


def _people(scope: Scope, today: date) -> Query:
    columns = (column for name, column in Person.__table__.c.items() if name not in ("search_key", "iin_lookup"))
    return (
        select(*columns, Photo.sha256.label("photo_sha256"), Photo.updated_at.label("photo_updated_at"))
        .outerjoin(Photo, Photo.person_id == Person.id)
        .where(is_known(Person), _belongs(scope, Person.id, today))
    )


def _memberships(scope: Scope, today: date) -> Query:
    return (
        select(Membership.__table__)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.school_id.in_(scope.schools), is_open(Membership, today), is_known(Person))
    )


def _classes(scope: Scope, today: date) -> Query:
    return select(SchoolClass.__table__).where(SchoolClass.school_id.in_(scope.schools), SchoolClass.status == "active")


def _guardianships(scope: Scope, today: date) -> Query:
    """Of children of the scope's schools, whichever school recorded the link."""
    child, guardian = aliased(Person), aliased(Person)
    holds = and_(
        Guardianship.verified_at.is_not(None), Guardianship.blocked_at.is_(None),
        guardianships.is_open(today),
        or_(Guardianship.of_age_on.is_(None), Guardianship.of_age_on > today, Guardianship.kept_at.is_not(None)),
    )  # fmt: skip
    return (
        select(Guardianship.__table__)
        .join(child, child.id == Guardianship.child_id)
        .join(guardian, guardian.id == Guardianship.guardian_id)
        .where(holds, is_known(child), is_known(guardian), _belongs(scope, Guardianship.child_id, today))
    )


def _consents(scope: Scope, today: date) -> Query:
    return (
        select(ConsentRecord.__table__)
        .join(Person, Person.id == ConsentRecord.person_id)
        .where(ConsentRecord.school_id.in_(scope.schools), consent_records.holds(today), is_known(Person))
    )


def _cards(scope: Scope, today: date) -> Query:
    return (
        select(Card.id, Card.school_id, Card.person_id, Card.state, Card.issued_at, Card.changed_at)
        .join(Person, Person.id == Card.person_id)
        .where(Card.school_id.in_(scope.schools), Card.state.in_(HELD), is_known(Person))
        .where(_belongs(scope, Card.person_id, today))
    )


_QUERIES: dict[str, tuple[Any, Callable[[Scope, date], Query]]] = {
    "people": (Person, _people),
    "memberships": (Membership, _memberships),
    "classes": (SchoolClass, _classes),
    "guardianships": (Guardianship, _guardianships),
    "consents": (ConsentRecord, _consents),
    "cards": (Card, _cards),
}


def page(tx: Tx, scope: Scope, kind: str, last_id: str, *, today: date, limit: int) -> list[Mapping[str, Any]]:
    """Records with ids after `last_id`, in the order of ids."""
    if kind == "calendar":
        return [row for row in _calendar(tx, scope, today) if row["id"] > last_id][:limit]
    table, query = _QUERIES[kind]
    rows = tx.connection.execute(query(scope, today).where(table.id > last_id).order_by(table.id).limit(limit))
    return _with_members(tx, scope, kind, [row._asdict() for row in rows], today)


def by_id(tx: Tx, scope: Scope, kind: str, ids: Sequence[str], *, today: date) -> dict[str, Mapping[str, Any]]:
    """Those of these records of which may be told now."""
    if kind == "calendar":
        wanted = set(ids)
        return {row["id"]: row for row in _calendar(tx, scope, today) if row["id"] in wanted}
    table, query = _QUERIES[kind]
    found: list[dict[str, Any]] = []
    for group in _groups(ids):
        rows = tx.connection.execute(query(scope, today).where(table.id.in_(group)))
        found += [row._asdict() for row in rows]
    return {row["id"]: row for row in _with_members(tx, scope, kind, found, today)}


def consents_over(tx: Tx, scope: Scope, ids: Sequence[str], *, today: date) -> dict[str, Mapping[str, Any]]:
    """These consents of the scope's schools, whether they hold or not, with `state` (`given withdrawn expired`),
    `ended_at` where a moment is known, and `is_known`: whether anything may be told of the person. A no is none."""
    state = case(
        (consent_records.holds(today), "given"),
        (and_(ConsentRecord.withdrawn_at.is_not(None), ConsentRecord.refusal == ""), "withdrawn"),
        else_="expired",
    ).label("state")
    ended_at = case((state == "withdrawn", ConsentRecord.withdrawn_at), else_=ConsentRecord.stopped_at)
    found: dict[str, Mapping[str, Any]] = {}
    for group in _groups(ids):
        query = (
            select(ConsentRecord.__table__, state, ended_at.label("ended_at"), is_known(Person).label("is_known"))
            .join(Person, Person.id == ConsentRecord.person_id)
            .where(ConsentRecord.id.in_(group), ConsentRecord.school_id.in_(scope.schools))
            .where(ConsentRecord.answer == "given")
        )
        found |= {row.id: row._asdict() for row in tx.connection.execute(query)}
    return found


def touched(tx: Tx, scope: Scope, kind: str, entries: Iterable[Entry], *, recipient: str = "") -> list[str]:
    """Ids of the records of a kind on which these changes bear, each once.

    With a `recipient` a consent to it bears on everything about the person.
    """
    logged: dict[str, list[str]] = {}
    for entry in entries:
        logged.setdefault(entry.kind, []).append(entry.record_id)
    found = dict.fromkeys(logged.get(kind, ()))
    people = list(dict.fromkeys(logged.get("people", ())))
    if recipient and "consents" in logged:
        people += [one for one in _consenting(tx, scope, logged["consents"], recipient) if one not in people]
    if "memberships" in logged and kind != "memberships":
        members, classes = _behind(tx, scope, logged["memberships"])
        people += [one for one in members if one not in people]
        if kind == "classes":
            found |= dict.fromkeys(classes)
    if kind == "memberships":
        # The log names places in classes under the same word; they are told with their class.
        places = _enrolments(tx, scope, list(found))
        found = {one: None for one in found if one not in places}
    if kind == "people":
        found |= dict.fromkeys(people)
    elif people and kind in _OF_PEOPLE:
        found |= dict.fromkeys(_OF_PEOPLE[kind](tx, scope, people))
    return list(found)


def _behind(tx: Tx, scope: Scope, ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """(people, classes) of these memberships and places in classes."""
    people: dict[str, None] = {}
    classes: dict[str, None] = {}
    for group in _groups(ids):
        query = select(Membership.person_id).where(Membership.id.in_(group), Membership.school_id.in_(scope.schools))
        people |= dict.fromkeys(tx.connection.execute(query).scalars())
        places = select(Enrolment.class_id).where(Enrolment.id.in_(group), Enrolment.school_id.in_(scope.schools))
        classes |= dict.fromkeys(tx.connection.execute(places).scalars())
    return list(people), list(classes)


def _consenting(tx: Tx, scope: Scope, ids: Sequence[str], recipient: str) -> list[str]:
    """Whom these consents to the recipient are about."""
    found: dict[str, None] = {}
    for group in _groups(ids):
        query = select(ConsentRecord.person_id).where(
            ConsentRecord.id.in_(group),
            ConsentRecord.school_id.in_(scope.schools),
            ConsentRecord.recipient == recipient,
        )
        found |= dict.fromkeys(tx.connection.execute(query).scalars())
    return list(found)


def _enrolments(tx: Tx, scope: Scope, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for group in _groups(ids):
        query = select(Enrolment.id).where(Enrolment.id.in_(group), Enrolment.school_id.in_(scope.schools))
        found.update(tx.connection.execute(query).scalars())
    return found


def _owned(table: Any, *owners: str, key: str = "id") -> Callable[[Tx, Scope, Sequence[str]], list[str]]:
    def find(tx: Tx, scope: Scope, people: Sequence[str]) -> list[str]:
        found: dict[str, None] = {}
        for group in _groups(people):
            query = select(getattr(table, key)).where(or_(*(getattr(table, owner).in_(group) for owner in owners)))
            if table is Guardianship:
                # A child's link may be recorded by another school; it is the scope's while the child was ever there.
                query = query.where(Guardianship.child_id.in_(_ever(scope)))
            else:
                query = query.where(table.school_id.in_(scope.schools))
            found |= dict.fromkeys(tx.connection.execute(query).scalars())
        return list(found)

    return find


_OF_PEOPLE = {
    "memberships": _owned(Membership, "person_id"),
    "classes": _owned(Enrolment, "person_id", key="class_id"),
    "guardianships": _owned(Guardianship, "child_id", "guardian_id"),
    "consents": _owned(ConsentRecord, "person_id"),
    "cards": _owned(Card, "person_id"),
}


def _with_members(
    tx: Tx, scope: Scope, kind: str, rows: list[dict[str, Any]], today: date
) -> list[Mapping[str, Any]]:  # fmt: skip
    """Classes come with who learns and teaches in them."""
    if kind != "classes" or not rows:
        return list(rows)
    members: dict[str, list[Mapping[str, Any]]] = {row["id"]: [] for row in rows}
    # Whoever left the school is in no class of it, also where nobody ended the place.
    belongs = select(Membership.id).where(
        Membership.person_id == Enrolment.person_id, Membership.school_id == Enrolment.school_id,
        is_open(Membership, today),
    )  # fmt: skip
    for group in _groups(list(members)):
        query = (
            select(Enrolment.class_id, Enrolment.person_id, Enrolment.role, Enrolment.begin, Enrolment.end)
            .join(Person, Person.id == Enrolment.person_id)
            .where(Enrolment.school_id.in_(scope.schools), Enrolment.class_id.in_(group))
            .where(is_open(Enrolment, today), is_known(Person), belongs.exists())
            .order_by(Enrolment.id)
        )
        for row in tx.connection.execute(query):
            members[row.class_id].append(row._asdict())
    return [row | {"members": members[row["id"]]} for row in rows]


def _calendar(tx: Tx, scope: Scope, today: date) -> list[Mapping[str, Any]]:
    """Days, bells and school years of the scope's schools, and the whole country's days, by id.

    Days and years of an authority come with `schools`: which of the scope's lie below it.
    """
    over = reach.over(tx, scope.schools)
    tables: tuple[tuple[str, Any], ...] = (("day", CalendarDay), ("bell", Bell), ("session", AcademicSession))
    found: list[Mapping[str, Any]] = []
    for word, table in tables:
        own = table.school_id.in_(scope.schools if table is Bell else {*scope.schools, *over})
        query = select(table.__table__).where(or_(own, table.school_id.is_(None)) if table is CalendarDay else own)
        if table is AcademicSession:
            query = query.where(table.status == "active")
        found += [
            row._asdict() | {"what": word, "schools": None if table is Bell else over.get(row.school_id)}
            for row in tx.connection.execute(query)
        ]
    return sorted(found, key=lambda row: str(row["id"]))


def photo(tx: Tx, scope: Scope, person_id: str, *, today: date) -> bytes | None:
    """The JPEG of one of the scope's people."""
    query = (
        select(Photo.image)
        .join(Person, Person.id == Photo.person_id)
        .where(Photo.person_id == person_id, is_known(Person), _belongs(scope, Photo.person_id, today))
    )
    found: bytes | None = tx.connection.execute(query).scalar()
    return found


def _groups(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(ids), _GROUP):
        yield ids[start : start + _GROUP]
