"""What every act on a link has in common: the change, the role that follows it, the trace, the feed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from idp.core.clock import local_date
from idp.core.errors import Denied
from idp.core.scope import Scope
from idp.services import scope as scopes
from idp.store import audit, feed, guardian_links, guardian_memberships, guardianships
from idp.store.guardian_links import Link
from idp.store.session import Tx, UnitOfWork


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody's act on a link, at a school, in a transaction."""

    tx: Tx
    link: Link
    actor_id: str
    school_id: str
    now: datetime

    def record(self, event: str, action: str = "", **data: Any) -> None:
        """Writes it down, and tells the feed of every school the child learns at; no `action`, no feed."""
        link, known = self.link, {"link": self.link.id, "guardian": self.link.guardian_id} | data
        audit.record(
            self.tx, event=event, now=self.now, actor_id=self.actor_id, person_id=link.child_id,
            school_id=self.school_id, data=known,
        )  # fmt: skip
        if action:
            learns_at = guardian_links.schools_of(self.tx, link.child_id, today=local_date(self.now))
            schools = sorted({link.school_id, *learns_at})
            feed.append(self.tx, "guardianships", action, [(school, link.id) for school in schools], now=self.now)


def refuse_own(
    uow: UnitOfWork, scope: Scope, between: Collection[str], *, right: str, school_id: str, now: datetime
) -> None:
    """Whoever is the child or the guardian of a link does not decide about it. Raises Denied (`own_link`), audited."""
    if not scope.person or scope.person not in between:
        return
    with uow.write() as tx:
        audit.record(
            tx, event="access_denied", now=now, actor_id=scope.person, school_id=school_id,
            data={"right": right, "role": scope.role, "why": "own_link"},
        )  # fmt: skip
    raise Denied("nobody decides about a link of their own", code="own_link")


def settle_in(tx: Tx, guardian_id: str, school_id: str, *, now: datetime, today: date) -> None:
    """After a link was verified: the guardian has the role at the school, and no longer the one at none."""
    opened = guardian_memberships.open_at(tx, guardian_id, school_id, today=today)
    if opened:
        feed.append(tx, "memberships", "added", [(school_id, opened)], now=now)
    ended = guardian_memberships.leave_none(tx, [guardian_id], today=today)
    feed.append(tx, "memberships", "ended", [("", one) for one in ended], now=now)


def settle_out(tx: Tx, link: Link, *, now: datetime, today: date) -> None:
    """After a link ended: the role ends at every school where it was the last."""
    schools = sorted({link.school_id, *guardian_links.schools_of(tx, link.child_id, today=today)})
    ended = guardian_memberships.close_childless(tx, link.guardian_id, schools, today=today)
    feed.append(tx, "memberships", "ended", ended, now=now)


def settle_age(tx: Tx, child_id: str, *, now: datetime, today: date) -> None:
    """After a date of birth changed: links pause on the right day, and what a child under age agreed to is void."""
    before = {link.id: link.state for link in guardian_links.of_child(tx, child_id, today=today)}
    guardianships.set_of_age(tx, [child_id])
    for link in guardian_links.of_child(tx, child_id, today=today):
        if link.kept_at and (link.of_age_on is None or link.of_age_on > today):
            guardian_links.change(tx, child_id, link.id, "open", {"kept_at": None}, today=today)
        if {before[link.id], link.state} == {"holds", "paused"}:
            schools = sorted({link.school_id, *guardian_links.schools_of(tx, child_id, today=today)})
            action = "changed" if link.state == "holds" else "ended"
            feed.append(tx, "guardianships", action, [(school, link.id) for school in schools], now=now)


def follow(tx: Tx, child_id: str, *, left: str, joined: str, now: datetime, today: date) -> None:
    """After a child went to another school: its guardians have the role there, and at the old school only for the
    sake of another child.
    """
    for link in guardian_links.of_child(tx, child_id, today=today):
        if link.state == "holds":
            settle_in(tx, link.guardian_id, joined, now=now, today=today)
    old = scopes.of_operator((left,))
    ended = guardian_memberships.left_childless(tx, old, [child_id], today=today)
    guardian_memberships.close(tx, old, ended, today=today)
    feed.append(tx, "memberships", "ended", [(left, one) for one in ended], now=now)
