"""Rows of signed-in browsers. A cookie's value is known only by its hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, insert, or_, select, update

from idp.store.models.org import Organisation
from idp.store.models.people import Membership, Person
from idp.store.models.sessions import LoginSession
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that is good now, of a person who may sign in."""

    id: str
    person_id: str
    membership_id: str | None
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    username: str
    last_seen_at: datetime
    idle_seconds: int
    is_shared: bool
    language: str


_FIND = (
    select(
        LoginSession.id,
        LoginSession.person_id,
        LoginSession.membership_id,
        LoginSession.acr,
        LoginSession.amr,
        LoginSession.auth_time,
        Person.username,
        LoginSession.last_seen_at,
        LoginSession.idle_seconds,
        LoginSession.is_shared,
        Person.language,
    )
    .join(Person, Person.id == LoginSession.person_id)
    .where(
        LoginSession.token_hash == bindparam("token_hash"),
        LoginSession.ended_at.is_(None),
        LoginSession.expires_at > bindparam("now"),
        Person.status == "active",
    )
)
_CREATE = insert(LoginSession)
_TOUCH = update(LoginSession).where(LoginSession.id == bindparam("b_id")).values({"last_seen_at": bindparam("b_now")})
_LAST_MEMBERSHIP = (
    select(LoginSession.membership_id)
    .where(LoginSession.person_id == bindparam("person_id"))
    .order_by(LoginSession.created_at.desc())
    .limit(1)
)
_today = bindparam("today", type_=Membership.__table__.c.begin.type)
_MEMBERSHIPS = (
    select(
        Membership.id, Membership.role, Membership.school_id, func.coalesce(Organisation.name, ""),
        func.coalesce(Organisation.name_ru, ""), Membership.is_primary, Membership.grade,
    )
    .outerjoin(Organisation, Organisation.id == Membership.school_id)
    .where(
        Membership.person_id == bindparam("person_id"),
        or_(Membership.begin.is_(None), Membership.begin <= _today),
        or_(Membership.end.is_(None), Membership.end > _today),
    )
    .order_by(Membership.is_primary.desc(), Membership.id)
)  # fmt: skip


def live(tx: Tx, token_hash: str, *, now: datetime) -> LiveSession | None:
    """The session of a cookie: not ended, not idle too long, not past its absolute end, its person active."""
    row = tx.connection.execute(_FIND, {"token_hash": token_hash, "now": now}).first()
    if row is None or row.last_seen_at + timedelta(seconds=row.idle_seconds) <= now:
        return None
    values = row._asdict()
    return LiveSession(**(values | {"amr": tuple(row.amr)}))


def create(tx: Tx, row: dict[str, object]) -> None:
    tx.connection.execute(_CREATE, row)


def renew(tx: Tx, session_id: str, row: dict[str, object]) -> None:
    """Gives a session a new secret and level; its id and what hangs on it stay."""
    tx.connection.execute(update(LoginSession).where(LoginSession.id == session_id).values(**row))


def touch(tx: Tx, session_id: str, *, now: datetime) -> None:
    tx.connection.execute(_TOUCH, {"b_id": session_id, "b_now": now})


def open_of(tx: Tx, people: Sequence[str]) -> list[str]:
    """Ids of every session of these people that has not been ended."""
    found: list[str] = []
    for start in range(0, len(people), 500):
        query = select(LoginSession.id).where(
            LoginSession.person_id.in_(people[start : start + 500]), LoginSession.ended_at.is_(None)
        )
        found += tx.connection.execute(query).scalars()
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a person's list of sessions."""

    id: str
    browser: str
    last_seen_at: datetime
    is_shared: bool


def of_person(tx: Tx, person_id: str, *, now: datetime) -> list[Listed]:
    """Sessions that are still good, newest first."""
    query = (
        select(
            LoginSession.id,
            LoginSession.browser,
            LoginSession.last_seen_at,
            LoginSession.is_shared,
            LoginSession.idle_seconds,
        )
        .where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > now)
        .order_by(LoginSession.last_seen_at.desc())
    )
    rows = tx.connection.execute(query)
    return [Listed(*row[:4]) for row in rows if row.last_seen_at + timedelta(seconds=row.idle_seconds) > now]


def last_membership(tx: Tx, person_id: str) -> str | None:
    """The membership that was active in the person's newest session."""
    return tx.connection.execute(_LAST_MEMBERSHIP, {"person_id": person_id}).scalar()


@dataclass(frozen=True, slots=True)
class ActiveMembership:
    id: str
    role: str
    school_id: str | None
    """None, with empty names, for a guardian whom no school has linked to a child yet."""
    school_name: str
    school_name_ru: str
    is_primary: bool
    grade: str

    @property
    def is_young(self) -> bool:
        """A pupil up to grade 4, whom pages address as a child."""
        return self.role == "pupil" and self.grade.lstrip("0").isdigit() and int(self.grade) <= 4


def memberships_of_person(tx: Tx, person_id: str, *, today: date) -> list[ActiveMembership]:
    """The memberships a person holds today, primary first. Bound to the person, who may always see their own."""
    rows = tx.connection.execute(_MEMBERSHIPS, {"person_id": person_id, "today": today})
    return [ActiveMembership(*row) for row in rows]


def set_membership(tx: Tx, session_id: str, person_id: str, membership_id: str) -> None:
    query = update(LoginSession).where(LoginSession.id == session_id, LoginSession.person_id == person_id)
    tx.connection.execute(query.values(membership_id=membership_id))
