"""What ended by its date alone: nobody wrote anything on that day, so the log of changes does not know yet."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import and_, or_, select

from idp.store.models.audit import Change
from idp.store.models.people import Enrolment, Guardianship, Membership
from idp.store.session import Tx


def memberships(tx: Tx, *, begin: date, end: date, since: datetime) -> list[tuple[str, str]]:
    """(school, membership) of those whose last day lies from `begin` to `end`, without a change logged `since`."""
    is_told = select(Change.seq).where(
        Change.kind == "memberships", Change.school_id == Membership.school_id, Change.record_id == Membership.id,
        Change.at >= since,
    )  # fmt: skip
    query = select(Membership.school_id, Membership.id).where(
        Membership.end.between(begin, end), Membership.school_id.is_not(None), ~is_told.exists()
    )
    return [(str(row[0]), row[1]) for row in tx.connection.execute(query)]


def places(tx: Tx, *, begin: date, end: date, since: datetime) -> list[tuple[str, str]]:
    """(school, place in a class) of those whose last day lies from `begin` to `end`, likewise."""
    is_told = select(Change.seq).where(
        Change.kind == "memberships", Change.school_id == Enrolment.school_id, Change.record_id == Enrolment.id,
        Change.at >= since,
    )  # fmt: skip
    query = select(Enrolment.school_id, Enrolment.id).where(Enrolment.end.between(begin, end), ~is_told.exists())
    return [(row[0], row[1]) for row in tx.connection.execute(query)]


def links(tx: Tx, *, begin: date, end: date, since: datetime) -> list[tuple[str, str]]:
    """(school of the child, link) of links that ended, or whose child came of age, from `begin` to `end`."""
    is_told = select(Change.seq).where(
        Change.kind == "guardianships", Change.school_id == Membership.school_id, Change.record_id == Guardianship.id,
        Change.at >= since,
    )  # fmt: skip
    is_over = or_(
        Guardianship.end.between(begin, end),
        and_(Guardianship.of_age_on.between(begin, end), Guardianship.kept_at.is_(None)),
    )
    query = (
        select(Membership.school_id, Guardianship.id)
        .join(Membership, and_(Membership.person_id == Guardianship.child_id, Membership.school_id.is_not(None)))
        .where(is_over, or_(Membership.end.is_(None), Membership.end >= begin), ~is_told.exists())
        .distinct()
    )
    return [(str(row[0]), row[1]) for row in tx.connection.execute(query)]
