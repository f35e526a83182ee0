"""The register of cards. A number is known by its keyed hash; what must hold at once stands in the WHERE of an UPDATE
or in a unique index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, insert, literal, or_, select, update

from idp.core.scope import Scope
from idp.store.directory import holds
from idp.store.models.audit import AuditEvent
from idp.store.models.cards import Card
from idp.store.models.org import Organisation
from idp.store.models.people import Enrolment, Membership, Person, Photo, SchoolClass
from idp.store.session import Tx

HELD = ("active", "blocked")
STEPS = ("card_issued", "card_blocked", "card_unblocked", "card_replaced", "card_returned")
_c = Card.__table__.c
_COLUMNS = (
    _c.id, _c.school_id, _c.person_id, _c.state, _c.reason, _c.number_hint, _c.issued_at, _c.changed_at,
    _c.replaced_by_id,
)  # fmt: skip


class CardRow(NamedTuple):
    """A card without its number, in the order of `_COLUMNS`."""

    id: str
    school_id: str
    person_id: str
    state: str
    reason: str
    number_hint: str
    issued_at: datetime
    changed_at: datetime
    replaced_by_id: str | None


class Hashes(NamedTuple):
    """Keyed hashes of one number: of the whole, and of its 24 bits, which one school's readers tell apart and a whole
    country's would not. `short` is None where readers differ in what they cut out."""

    number: bytes
    short: bytes | None
    is_whole: bool


def is_holder(scope: Scope, person_id: Any, today: date) -> ColumnElement[bool]:
    """Somebody who learns or works at the scope's schools today; in a scope of classes, who learns in one of them."""
    member = select(Membership.id).where(
        Membership.person_id == person_id, Membership.school_id.in_(scope.schools), Membership.role != "guardian",
        holds(Membership, today),
    ).exists()  # fmt: skip
    if scope.classes is None:
        return member
    return and_(member, _learns(scope, person_id, scope.classes, today))


def _learns(scope: Scope, person_id: Any, classes: Sequence[str], today: date) -> ColumnElement[bool]:
    query = select(Enrolment.id).where(
        Enrolment.person_id == person_id, Enrolment.school_id.in_(scope.schools), Enrolment.class_id.in_(classes),
        Enrolment.role == "pupil", holds(Enrolment, today),
    )  # fmt: skip
    return query.exists()


def holder(tx: Tx, scope: Scope, key: str, *, today: date) -> str | None:
    """The id of somebody who may hold a card of the scope's schools, by id or username."""
    query = select(Person.id).where(
        or_(Person.id == key, Person.username == key.casefold()), Person.status == "active",
        is_holder(scope, Person.id, today),
    )  # fmt: skip
    return tx.connection.execute(query).scalar()


def holders(tx: Tx, scope: Scope, keys: Sequence[str], *, today: date) -> dict[str, str]:
    """Ids by what stands for somebody (an id or a username, folded); who may hold no card here is absent."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), 400):
        group = keys[start : start + 400]
        query = select(Person.id, Person.username).where(
            or_(Person.id.in_(group), Person.username.in_(group)), Person.status == "active",
            is_holder(scope, Person.id, today),
        )  # fmt: skip
        for person_id, username in tx.connection.execute(query):
            found |= {person_id: person_id, username: person_id}
    return found


def add(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    """A row of `cards`. Raises IntegrityError when the person has an active card or somebody holds the number."""
    if not scope.allows(str(row["school_id"])):
        raise ValueError("outside the scope")
    tx.connection.execute(insert(Card), dict(row))


def move(
    tx: Tx,
    scope: Scope,
    card_id: str,
    *,
    states: Sequence[str],
    to: str,
    reason: str,
    by: str,
    now: datetime,
    replaced_by_id: str | None = None,
) -> CardRow | None:
    """Takes a card from one of `states` to another; None when it is not there, or in another state by now."""
    query = (
        update(Card)
        .where(Card.id == card_id, Card.school_id.in_(scope.schools), Card.state.in_(states))
        .values(state=to, reason=reason, changed_at=now, changed_by=by, replaced_by_id=replaced_by_id)
        .returning(*_COLUMNS)
    )
    row = tx.connection.execute(query).first()
    return None if row is None else CardRow._make(row)


def one(tx: Tx, scope: Scope, card_id: str, *, today: date) -> CardRow | None:
    """A card of somebody the scope reaches; an ended pupil's card too, for it may be brought back."""
    query = select(*_COLUMNS).where(Card.id == card_id, Card.school_id.in_(scope.schools))
    if scope.classes is not None:
        query = query.where(_learns(scope, Card.person_id, scope.classes, today))
    row = tx.connection.execute(query).first()
    return None if row is None else CardRow._make(row)


def held_by(tx: Tx, person_id: str) -> CardRow | None:
    """Somebody's active card, else their blocked one, whichever school gave it out."""
    query = (
        select(*_COLUMNS)
        .where(Card.person_id == person_id, Card.state.in_(HELD))
        .order_by(Card.state, Card.changed_at.desc())
        .limit(1)
    )
    row = tx.connection.execute(query).first()
    return None if row is None else CardRow._make(row)


def active_of(tx: Tx, scope: Scope, people: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    """(card, hash of its number) by person, of all these people's active cards wherever they were given out."""
    found: dict[str, tuple[str, bytes]] = {}
    for start in range(0, len(people), 400):
        query = select(Card.person_id, Card.id, Card.number_hash).where(
            Card.person_id.in_(people[start : start + 400]), Card.state == "active"
        )
        found |= {row[0]: (row[1], row[2]) for row in tx.connection.execute(query)}
    return found


def holders_of_numbers(tx: Tx, person_id: str, numbers: Sequence[bytes]) -> dict[bytes, str]:
    """Which of these numbers somebody else than `person_id` holds, in whatever school: (hash: person)."""
    found: dict[bytes, str] = {}
    for start in range(0, len(numbers), 400):
        query = select(Card.number_hash, Card.person_id).where(
            Card.number_hash.in_(numbers[start : start + 400]), Card.state.in_(HELD), Card.person_id != person_id
        )
        found |= {row[0]: row[1] for row in tx.connection.execute(query)}
    return found


def of_person(tx: Tx, scope: Scope, person_id: str) -> list[CardRow]:
    """All cards that the scope's schools gave somebody, the newest first."""
    query = (
        select(*_COLUMNS)
        .where(Card.person_id == person_id, Card.school_id.in_(scope.schools))
        .order_by(Card.issued_at.desc(), Card.id.desc())
    )
    return [CardRow._make(row) for row in tx.connection.execute(query)]


def by_number(tx: Tx, scope: Scope, hashes: Hashes) -> list[CardRow]:
    """Cards of the scope's schools that could carry a number: who holds it first, then who held it last.

    A whole number fits the card with that number, or one of which only the 24 bits are known; 24 bits fit every card
    that has them.
    """
    fits = [Card.number_hash == hashes.number]
    if hashes.short is not None:
        fits.append(and_(Card.short_hash == hashes.short, Card.number_hash == Card.short_hash))
        if not hashes.is_whole:
            fits.append(Card.short_hash == hashes.short)
    query = (
        select(*_COLUMNS)
        .where(Card.school_id.in_(scope.schools), or_(*fits))
        .order_by(Card.state.in_(HELD).desc(), Card.changed_at.desc(), Card.id)
        .limit(20)
    )
    return [CardRow._make(row) for row in tx.connection.execute(query)]


def is_there(tx: Tx, scope: Scope, person_id: str, *, today: date) -> bool:
    """Whether somebody is active, not restricted, and learns or works at the scope's schools today."""
    query = select(Person.id).where(
        Person.id == person_id, Person.status == "active", Person.restricted_at.is_(None),
        is_holder(scope, Person.id, today),
    )  # fmt: skip
    return tx.connection.execute(query).first() is not None


class Listed(NamedTuple):
    """A card in a list, with its holder; the class is empty for staff."""

    id: str
    person_id: str
    state: str
    reason: str
    number_hint: str
    changed_at: datetime
    family_name: str
    given_name: str
    middle_name: str
    class_title: str


def listed(
    tx: Tx,
    scope: Scope,
    *,
    state: str,
    class_id: str,
    words: Sequence[str],
    without: bool,
    today: date,
    offset: int,
    limit: int,
) -> tuple[list[Listed], int]:
    """One page of cards by holder's name, and how many there are; `without` lists who has no active card instead.

    `words` are folded beginnings of names.
    """
    title = (
        select(func.min(SchoolClass.title))
        .join(Enrolment, and_(Enrolment.class_id == SchoolClass.id, Enrolment.school_id == SchoolClass.school_id))
        .where(Enrolment.person_id == Person.id, Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil")
        .where(SchoolClass.kind == "homeroom", SchoolClass.status == "active", holds(Enrolment, today))
        .correlate(Person)
        .scalar_subquery()
    )
    names = (Person.family_name, Person.given_name, Person.middle_name, title)
    query: Select[*tuple[Any, ...]]
    if without:
        active = select(Card.id).where(Card.person_id == Person.id, Card.state == "active").exists()
        empty: Any = literal("")
        query = select(empty, Person.id, empty, empty, empty, Person.updated_at, *names)
        query = query.where(is_holder(scope, Person.id, today), ~active, Person.status == "active")
    else:
        query = select(_c.id, Person.id, _c.state, _c.reason, _c.number_hint, _c.changed_at, *names)
        query = query.join(Person, Person.id == Card.person_id).where(Card.school_id.in_(scope.schools))
        query = query.where(Card.state == state) if state else query
        if scope.classes is not None:
            query = query.where(_learns(scope, Person.id, scope.classes, today))
    if class_id:
        query = query.where(_learns(scope, Person.id, (class_id,), today))
    if scope.is_released:
        query = query.where(Person.restricted_at.is_(None))
    for word in words:
        pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where((" " + Person.search_key).like(f"% {pattern}%", escape="\\"))
    total = tx.connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    page = query.order_by(Person.sort_key, Person.id, *(() if without else (_c.issued_at.desc(),)))
    rows = tx.connection.execute(page.offset(offset).limit(limit))
    return [Listed._make(value if value is not None else "" for value in row) for row in rows], total


def classes(tx: Tx, scope: Scope, *, today: date) -> list[tuple[str, str]]:
    """(id, title) of the homeroom classes that the scope reaches, in their order."""
    query = (
        select(SchoolClass.id, SchoolClass.title)
        .where(SchoolClass.school_id.in_(scope.schools), SchoolClass.kind == "homeroom", SchoolClass.status == "active")
        .order_by(func.length(SchoolClass.grade), SchoolClass.grade, SchoolClass.title)
    )
    if scope.classes is not None:
        query = query.where(SchoolClass.id.in_(scope.classes))
    return [(row[0], row[1]) for row in tx.connection.execute(query)]


class Face(NamedTuple):
    """What a badge shows. `hint` is empty without an active card, `photo` None without a picture (JPEG)."""

    family_name: str
    given_name: str
    class_title: str
    hint: str
    photo: bytes | None


def faces(tx: Tx, scope: Scope, class_id: str, *, today: date) -> list[Face]:
    """Badges of the pupils of a class of the scope, in Kazakh alphabetical order."""
    query = (
        select(Person.family_name, Person.given_name, SchoolClass.title, _c.number_hint, Photo.image)
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .join(SchoolClass, and_(SchoolClass.id == Enrolment.class_id, SchoolClass.school_id == Enrolment.school_id))
        .outerjoin(Photo, Photo.person_id == Person.id)
        .outerjoin(Card, and_(Card.person_id == Person.id, Card.state == "active"))
        .where(Enrolment.school_id.in_(scope.schools), Enrolment.class_id == class_id, Enrolment.role == "pupil")
        .where(holds(Enrolment, today), Person.status == "active", Person.restricted_at.is_(None))
        .order_by(Person.sort_key, Person.id)
    )
    if scope.classes is not None:
        query = query.where(Enrolment.class_id.in_(scope.classes))
    return [Face(row[0], row[1], row[2], row[3] or "", row[4]) for row in tx.connection.execute(query)]


class Step(NamedTuple):
    """What somebody did with a card, from the audit trail."""

    at: datetime
    event: str
    data: Mapping[str, Any]
    actor_id: str
    actor_names: tuple[str, str, str]


def history(tx: Tx, scope: Scope, person_id: str, *, limit: int = 100) -> list[Step]:
    """Every step of somebody's cards at the scope's schools with its author, the newest first."""
    query = (
        select(AuditEvent.at, AuditEvent.event, AuditEvent.data, AuditEvent.actor_id, Person.family_name,
               Person.given_name, Person.middle_name)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(AuditEvent.person_id == person_id, AuditEvent.school_id.in_(scope.schools))
        .where(AuditEvent.event.in_(STEPS))
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )  # fmt: skip
    rows = tx.connection.execute(query)
    return [Step(row[0], row[1], row[2], row[3], (row[4] or "", row[5] or "", row[6] or "")) for row in rows]


def number_format(tx: Tx, school_id: str) -> str:
    """How this school's readers give numbers, one of `core.card_number.FORMATS`; empty when nobody said."""
    query = select(Organisation.details).where(Organisation.id == school_id)
    return str((tx.connection.execute(query).scalar() or {}).get("card_format", ""))


def set_number_format(tx: Tx, scope: Scope, school_id: str, format_: str) -> None:
    query = select(Organisation.details).where(Organisation.id == school_id, Organisation.id.in_(scope.schools))
    details = dict(tx.connection.execute(query.with_for_update()).scalar_one())
    changed = update(Organisation).where(Organisation.id == school_id, Organisation.id.in_(scope.schools))
    tx.connection.execute(changed.values(details=details | {"card_format": format_}))
