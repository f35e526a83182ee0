"""The role «guardian» at a school: it comes with the first verified link to a pupil there and goes with the last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import aliased

from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.store import directory
from idp.store.guardianships import is_open
from idp.store.models.people import Guardianship, Membership
from idp.store.rosters import groups
from idp.store.session import Tx

Pupil = aliased(Membership)


def open_at(tx: Tx, guardian_id: str, school_id: str, *, today: date) -> str:
    """Opens the role at a school; returns the new membership, or nothing where it is held already."""
    held = tx.connection.execute(
        select(Membership.school_id, Membership.role).where(
            Membership.person_id == guardian_id, directory.holds(Membership, today)
        )
    ).all()
    if (school_id, "guardian") in {(row[0], row[1]) for row in held}:
        return ""
    membership_id = new_id()
    row = {
        "id": membership_id, "school_id": school_id, "person_id": guardian_id, "role": "guardian", "begin": today,
        "is_primary": not any(row[0] for row in held),
    }  # fmt: skip
    tx.connection.execute(insert(Membership), row)
    return membership_id


def leave_none(tx: Tx, guardians: Sequence[str], *, today: date) -> list[str]:
    """Ends the role at no school of newcomers whom a school knows now; returns the memberships."""
    found: list[str] = []
    for group in groups(guardians):
        alone = and_(
            Membership.person_id.in_(group), Membership.role == "guardian", Membership.school_id.is_(None),
            Membership.end.is_(None),
        )  # fmt: skip
        ids = list(tx.connection.execute(select(Membership.id).where(alone)).scalars())
        if ids:
            tx.connection.execute(update(Membership).where(alone).values(end=today))
        found += ids
    return found


def left_childless(tx: Tx, scope: Scope, children: Sequence[str], *, today: date) -> list[str]:
    """Roles at the school of the scope, which these children left, of guardians without another child there."""
    pupil = (
        select(Guardianship.id)
        .join(Pupil, and_(Pupil.person_id == Guardianship.child_id, Pupil.role == "pupil"))
        .where(Guardianship.guardian_id == Membership.person_id, Guardianship.verified_at.is_not(None), is_open(today))
        .where(Pupil.school_id.in_(scope.schools), directory.holds(Pupil, today))
    )
    found: list[str] = []
    for group in groups(children):
        query = select(Membership.id).where(
            Membership.school_id.in_(scope.schools), Membership.role == "guardian",
            or_(Membership.end.is_(None), Membership.end > today),
            Membership.person_id.in_(select(Guardianship.guardian_id).where(Guardianship.child_id.in_(group))),
            ~pupil.exists(),
        )  # fmt: skip
        found += tx.connection.execute(query).scalars()
    return list(dict.fromkeys(found))


def close(tx: Tx, scope: Scope, ids: Sequence[str], *, today: date) -> None:
    for group in groups(ids):
        own = (Membership.id.in_(group), Membership.school_id.in_(scope.schools))
        tx.connection.execute(update(Membership).where(*own).values(end=today))


def close_childless(tx: Tx, guardian_id: str, school_ids: list[str], *, today: date) -> list[tuple[str, str]]:
    """Ends the role at those of these schools where no verified link is left; returns (school, membership)."""
    pupil = select(Membership.school_id).where(
        Membership.person_id == Guardianship.child_id, Membership.role == "pupil", directory.holds(Membership, today)
    )
    ended: list[tuple[str, str]] = []
    for school_id in school_ids:
        left = select(Guardianship.id).where(
            Guardianship.guardian_id == guardian_id, Guardianship.verified_at.is_not(None), is_open(today),
            or_(Guardianship.school_id == school_id, pupil.where(Membership.school_id == school_id).exists()),
        )  # fmt: skip
        if tx.connection.execute(left).first() is not None:
            continue
        there = and_(
            Membership.person_id == guardian_id, Membership.role == "guardian", Membership.school_id == school_id,
            or_(Membership.end.is_(None), Membership.end > today),
        )  # fmt: skip
        ids = list(tx.connection.execute(select(Membership.id).where(there)).scalars())
        if ids:
            tx.connection.execute(update(Membership).where(there).values(end=today))
        ended += [(school_id, one) for one in ids]
    return ended
