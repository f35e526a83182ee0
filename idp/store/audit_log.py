"""Reads the audit log: for a school's log page, and for everybody about themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Table, func, or_, select

from idp.core.names import full_name, search_key
from idp.core.scope import Scope
from idp.store import directory
from idp.store.audit_chain import EventRow
from idp.store.models.audit import AuditEvent
from idp.store.models.clients import Client
from idp.store.models.org import Organisation
from idp.store.models.people import Membership, Person
from idp.store.session import Tx

_events = cast(Table, AuditEvent.__table__)
_e = _events.c
_MOST_COUNTED = 100_000
_MOST_NAMESAKES = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty members narrow nothing. `people`: acting or concerned; None when nobody is asked for."""

    begin: datetime
    end: datetime
    event: str = ""
    people: Sequence[str] | None = None
    about: str = ""


def _narrowed(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The operator alone also sees what belongs to no school: sign-ins, keys, tokens."""
    schools = (*scope.schools, "") if scope.role == "operator" or wanted.about else scope.schools
    found = [_e.school_id.in_(schools), _e.at >= wanted.begin, _e.at < wanted.end]
    if wanted.event:
        found.append(_e.event == wanted.event)
    if wanted.people is not None:
        found.append(or_(_e.actor_id.in_(wanted.people), _e.person_id.in_(wanted.people)))
    if wanted.about:
        found.append(_e.person_id == wanted.about)
    return found


def page(tx: Tx, scope: Scope, wanted: Wanted, *, offset: int, limit: int) -> list[EventRow]:
    """Events of the scope's schools, newest first. `about` one person adds what belongs to no school."""
    query = select(_events).where(*_narrowed(scope, wanted)).order_by(_e.at.desc(), _e.id.desc())
    return [EventRow._make(row) for row in tx.connection.execute(query.offset(offset).limit(limit))]


def number(tx: Tx, scope: Scope, wanted: Wanted) -> int:
    """How many there are, counted no further than a reader would page."""
    some = select(_e.id).where(*_narrowed(scope, wanted)).limit(_MOST_COUNTED).subquery()
    return int(tx.connection.execute(select(func.count()).select_from(some)).scalar() or 0)


def namesakes(tx: Tx, scope: Scope, words: str) -> list[str]:
    """Ids of people within the scope whose name has these words."""
    query = select(Person.id).where(directory.is_of(scope, Person.id)).order_by(Person.id).limit(_MOST_NAMESAKES)
    for word in search_key(words).split():
        query = query.where(Person.search_key.contains(word, autoescape=True))
    return list(tx.connection.execute(query).scalars())


def names(tx: Tx, scope: Scope, ids: Iterable[str]) -> dict[str, str]:
    """Names of those of these people whom the scope reaches; others stay unnamed."""
    query = select(Person.id, Person.family_name, Person.given_name, Person.middle_name).where(
        Person.id.in_(list(ids)), directory.is_of(scope, Person.id)
    )
    return {row[0]: full_name(*row[1:]) for row in tx.connection.execute(query)}


def client_metadata(tx: Tx, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    query = select(Client.client_id, Client.__table__.c["metadata"], Client.owner).where(
        Client.client_id.in_(list(ids))
    )
    return {row[0]: {**row[1], "owner": row[2]} for row in tx.connection.execute(query)}


def school_names(tx: Tx, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Kazakh and Russian names of organisations."""
    query = select(Organisation.id, Organisation.name, Organisation.name_ru).where(Organisation.id.in_(list(ids)))
    return {row[0]: (row[1], row[2]) for row in tx.connection.execute(query)}


def about(tx: Tx, person_id: str, events: Sequence[str], *, since: datetime, limit: int) -> list[EventRow]:
    """Such events about one person, newest first."""
    query = select(_events).where(_e.person_id == person_id, _e.at >= since, _e.event.in_(list(events)))
    rows = tx.connection.execute(query.order_by(_e.at.desc(), _e.id.desc()).limit(limit))
    return [EventRow._make(row) for row in rows]


class FeedUse(NamedTuple):
    """How often one client took one kind of records of somebody's school, and when last."""

    client_id: str
    kind: str
    times: int
    last: datetime


def feed_uses(tx: Tx, person_id: str, *, since: datetime) -> list[FeedUse]:
    """Reads of the feed that may have held this person: of their schools, or of all schools."""
    kind = _e.data["kind"].as_string()
    own = select(Membership.school_id).where(Membership.person_id == person_id, Membership.school_id.is_not(None))
    query = (
        select(_e.client_id, kind, func.count(), func.max(_e.at))
        .where(_e.event == "feed_read", _e.at >= since, or_(_e.school_id == "", _e.school_id.in_(own)))
        .group_by(_e.client_id, kind)
        .order_by(_e.client_id, kind)
    )
    return [FeedUse(*row) for row in tx.connection.execute(query)]


def staff_names(tx: Tx, person_id: str, ids: Iterable[str]) -> dict[str, str]:
    """Names of those of these people who ever had a role at a school of this person: who looked at one's data is told
    by name (D14)."""
    own = select(Membership.school_id).where(Membership.person_id == person_id, Membership.school_id.is_not(None))
    at = select(Membership.id).where(Membership.person_id == Person.id, Membership.school_id.in_(own)).exists()
    query = select(Person.id, Person.family_name, Person.given_name, Person.middle_name).where(
        Person.id.in_(list(ids)), at
    )
    return {row[0]: full_name(*row[1:]) for row in tx.connection.execute(query)}
