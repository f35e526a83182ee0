"""Grants and access tokens: a code or refresh token is spent by one conditional UPDATE, so two callers never both win.

Everything that must hold is in its WHERE. Prebuilt Core statements; parameters are prefixed `b_` because SQLAlchemy
keeps the plain column names for SET.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, case, exists, insert, literal, or_, select, update

from idp.core.clock import local_date
from idp.core.scope import Scope
from idp.store import clients
from idp.store.clients import ClientRow
from idp.store.models.clients import Client, ClientSchool
from idp.store.models.grants import Grant, RevokedToken
from idp.store.models.people import Membership, Person
from idp.store.models.sessions import LoginSession
from idp.store.session import Tx
from idp.store.upsert import insert_if_new

_table = cast(Table, Grant.__table__)
_g = _table.c
_clients = cast(Table, Client.__table__)
_everywhere = _clients.alias("everywhere")
_revoked = cast(Table, RevokedToken.__table__)
_now = bindparam("b_now", type_=_g.created_at.type)
_today = bindparam("b_today", type_=Membership.__table__.c.begin.type)

_COLUMNS = (
    _g.id,
    _g.client_id,
    _g.person_id,
    _g.session_id,
    _g.membership_id,
    _g.scope,
    _g.resource,
    _g.nonce,
    _g.acr,
    _g.amr,
    _g.auth_time,
    _g.refresh_expires_at,
)


class GrantRow(NamedTuple):
    """A grant in the order of its columns above; fits `oidc.ports.GrantRecord`."""

    id: str
    client_id: str
    person_id: str
    session_id: str
    membership_id: str | None
    scope: str
    resource: Sequence[str]
    nonce: str
    acr: str
    amr: Sequence[str]
    auth_time: datetime
    refresh_expires_at: datetime | None


class HistoryRow(NamedTuple):
    """Fits `oidc.ports.GrantHistory`."""

    client_id: str
    person_id: str
    code_hash: str
    code_consumed_at: datetime | None
    refresh_hash: str
    revoked_at: datetime | None


class StandingRow(NamedTuple):
    """Fits `oidc.ports.Standing`."""

    client: ClientRow
    is_revoked: bool
    grant: GrantRow | None


def _person_is_active() -> ColumnElement[bool]:
    return exists().where(Person.id == _g.person_id, Person.status == "active").correlate(_table)


def _session_stands() -> ColumnElement[bool]:
    return (
        exists()
        .where(
            LoginSession.id == _g.session_id,
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > _now,
        )
        .correlate(_table)
    )


def _membership_holds() -> ColumnElement[bool]:
    held = exists().where(
        Membership.id == _g.membership_id,
        or_(Membership.begin.is_(None), Membership.begin <= _today),
        or_(Membership.end.is_(None), Membership.end > _today),
    )
    return or_(_g.membership_id.is_(None), held.correlate(_table))


def _client_is_on() -> ColumnElement[bool]:
    """At the school of the grant's membership, as sign-in asks it: a school that switches a client off is obeyed at the
    next request. Without a school there is nobody to switch."""
    at = and_(
        Membership.id == _g.membership_id,
        ClientSchool.school_id == Membership.school_id,
        ClientSchool.client_id == _g.client_id,
    )
    nowhere = exists().where(Membership.id == _g.membership_id, Membership.school_id.is_(None)).correlate(_table)
    on = exists().where(at, clients.is_on(_today)).correlate(_table)
    named = exists().where(at).correlate(_table)
    everywhere = exists().where(_everywhere.c.client_id == _g.client_id, _everywhere.c.all_schools).correlate(_table)
    return or_(_g.membership_id.is_(None), nowhere, on, and_(everywhere, ~named))


def _is_offline() -> ColumnElement[bool]:
    return (literal(" ") + _g.scope + literal(" ")).like("% offline_access %")


_stands = and_(
    _g.revoked_at.is_(None),
    _person_is_active(),
    _membership_holds(),
    _client_is_on(),
    or_(_is_offline(), _session_stands()),
)

_ADD = insert(_table)
_REDEEM = (
    update(_table)
    .where(
        _g.id == bindparam("b_id"),
        _g.code_hash == bindparam("b_code_hash"),
        _g.code_consumed_at.is_(None),
        _g.code_expires_at > _now,
        _g.client_id == bindparam("b_client_id"),
        _g.redirect_uri == bindparam("b_redirect_uri"),
        _g.code_challenge == bindparam("b_code_challenge"),
        _g.revoked_at.is_(None),
        _person_is_active(),
        _membership_holds(),
        _client_is_on(),
        _session_stands(),
    )
    .values(
        code_consumed_at=_now,
        refresh_hash=bindparam("b_refresh_hash"),
        refresh_expires_at=bindparam("b_refresh_expires_at"),
        expires_at=bindparam("b_expires_at"),
    )
    .returning(*_COLUMNS)
)
_next_end = bindparam("b_next_expires_at", type_=_g.expires_at.type)
_ROTATE = (
    update(_table)
    .where(
        _g.id == bindparam("b_id"),
        _g.refresh_hash == bindparam("b_refresh_hash"),
        _g.refresh_expires_at > _now,
        _g.client_id == bindparam("b_client_id"),
        _stands,
    )
    .values(
        refresh_hash=bindparam("b_next_hash"),
        refresh_expires_at=case((_g.expires_at < _next_end, _g.expires_at), else_=_next_end),
    )
    .returning(*_COLUMNS)
)
_HISTORY = select(_g.client_id, _g.person_id, _g.code_hash, _g.code_consumed_at, _g.refresh_hash, _g.revoked_at).where(
    _g.id == bindparam("b_id")
)
_REVOKE = update(_table).where(_g.id == bindparam("b_id"), _g.revoked_at.is_(None)).values(revoked_at=_now)
_STANDING = (
    select(*clients.COLUMNS, exists().where(_revoked.c.jti == bindparam("b_jti")), *_COLUMNS)
    .select_from(
        _clients.outerjoin(
            _table, and_(_g.id == bindparam("b_grant_id"), _g.client_id == _clients.c.client_id, _stands)
        )
    )
    .where(_clients.c.client_id == bindparam("b_client_id"))
)
_sessions = cast(Table, LoginSession.__table__)
_CLOSE_SESSION = (
    update(_sessions)
    .where(_sessions.c.id == bindparam("b_session_id"), _sessions.c.ended_at.is_(None))
    .values(ended_at=_now)
    .returning(_sessions.c.person_id)
)
_END_SESSION = (
    update(_table)
    .where(
        _g.session_id == bindparam("b_session_id"),
        _g.revoked_at.is_(None),
        or_(_g.code_consumed_at.is_(None), ~_is_offline()),
    )
    .values(revoked_at=_now)
)
_CLIENTS_OF_SESSION = (
    select(*clients.COLUMNS)
    .where(exists().where(_g.session_id == bindparam("b_session_id"), _g.client_id == _clients.c.client_id))
    .order_by(_clients.c.client_id)
)
_WIDTH = len(clients.COLUMNS)


def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """Inserts a grant; keys are column names."""
    tx.connection.execute(_ADD, dict(row))


def redeem(tx: Tx, bound: Mapping[str, Any]) -> GrantRow | None:
    """Spends a code; None when it is spent, over, revoked, or anything in `bound` differs."""
    return _one(tx, _REDEEM, bound)


def rotate(tx: Tx, bound: Mapping[str, Any]) -> GrantRow | None:
    """Replaces a refresh token by the next; None as above."""
    return _one(tx, _ROTATE, bound)


def _one(tx: Tx, statement: Any, bound: Mapping[str, Any]) -> GrantRow | None:
    row = tx.connection.execute(statement, {f"b_{name}": value for name, value in bound.items()}).first()
    return None if row is None else GrantRow._make(row)


def history(tx: Tx, grant_id: str) -> HistoryRow | None:
    row = tx.connection.execute(_HISTORY, {"b_id": grant_id}).first()
    return None if row is None else HistoryRow._make(row)


def revoke(tx: Tx, grant_id: str, *, now: datetime) -> bool:
    """Ends the whole family; False when it had ended before."""
    return tx.connection.execute(_REVOKE, {"b_id": grant_id, "b_now": now}).rowcount == 1


def revoke_client(tx: Tx, person_id: str, client_id: str, *, now: datetime) -> int:
    """Ends everything that a client holds for one person; returns how many grants that were."""
    query = update(_table).where(_g.person_id == person_id, _g.client_id == client_id, _g.revoked_at.is_(None))
    return tx.connection.execute(query.values(revoked_at=now)).rowcount


class OfflineRow(NamedTuple):
    """A client's access that outlives every session, as the person allowed it."""

    client_id: str
    scope: str
    created_at: datetime


def offline(tx: Tx, person_id: str, *, now: datetime) -> list[OfflineRow]:
    """The grants by which clients may still come back while a person is away, the newest first."""
    query = (
        select(_g.client_id, _g.scope, _g.created_at)
        .where(_g.person_id == person_id, _is_offline(), _stands, _g.refresh_hash != "", _g.refresh_expires_at > _now)
        .order_by(_g.created_at.desc(), _g.id)
    )
    rows = tx.connection.execute(query, {"b_now": now, "b_today": local_date(now)})
    return [OfflineRow._make(row) for row in rows]


def open_sessions(tx: Tx, person_id: str, client_id: str, *, now: datetime) -> list[str]:
    """The live sessions in which a client has something of a person that is not revoked."""
    query = (
        select(_g.session_id)
        .where(_g.person_id == person_id, _g.client_id == client_id, _g.revoked_at.is_(None), _session_stands())
        .distinct()
    )
    return [str(row[0]) for row in tx.connection.execute(query, {"b_now": now})]


def revoke_person(tx: Tx, person_id: str, *, now: datetime) -> int:
    """Ends everything that any client holds for a person, offline too; returns how many grants that were."""
    query = update(_table).where(_g.person_id == person_id, _g.revoked_at.is_(None))
    return tx.connection.execute(query.values(revoked_at=now)).rowcount


def revoke_pupils(tx: Tx, scope: Scope, client_id: str, *, now: datetime) -> int:
    """Ends everything that a client holds for pupils of the scope's schools."""
    pupils = select(Membership.id).where(Membership.school_id.in_(scope.schools), Membership.role == "pupil")
    query = update(_table).where(
        _g.client_id == client_id, _g.membership_id.in_(pupils), _g.revoked_at.is_(None)
    )  # fmt: skip
    return tx.connection.execute(query.values(revoked_at=now)).rowcount


def standing(tx: Tx, *, grant_id: str, client_id: str, jti: str, now: datetime) -> StandingRow | None:
    """Client, token and grant as they are now, in one statement; None for an unknown client."""
    bound = {"b_grant_id": grant_id, "b_client_id": client_id, "b_jti": jti, "b_now": now, "b_today": local_date(now)}
    row = tx.connection.execute(_STANDING, bound).first()
    if row is None:
        return None
    fields = tuple(row)
    grant = GrantRow._make(fields[_WIDTH + 1 :]) if fields[_WIDTH + 1] is not None else None
    return StandingRow(ClientRow._make(fields[:_WIDTH]), bool(fields[_WIDTH]), grant)


def revoke_token(tx: Tx, jti: str, *, expires_at: datetime) -> None:
    """Remembers one access token as revoked; twice is as good as once."""
    insert_if_new(tx, _revoked, {"jti": jti, "expires_at": expires_at})


def end_session(tx: Tx, session_id: str, *, now: datetime) -> str | None:
    """Ends a session and revokes what hangs on it: unspent codes, and every family without `offline_access`.

    Returns whose session it was; None when it had ended before, or never was.
    """
    bound = {"b_session_id": session_id, "b_now": now}
    person_id = tx.connection.execute(_CLOSE_SESSION, bound).scalar()
    if person_id is not None:
        tx.connection.execute(_END_SESSION, bound)
    return person_id


def clients_of_session(tx: Tx, session_id: str) -> list[ClientRow]:
    """The clients that got a code in a session, each once."""
    rows = tx.connection.execute(_CLIENTS_OF_SESSION, {"b_session_id": session_id})
    return [ClientRow._make(row) for row in rows]
