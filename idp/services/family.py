"""What a person sees and decides about their own links: as a guardian, and as a child who came of age.

Nobody decides about another guardian's link: what is changed here is bound to the person who changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, NotFound
from idp.services.guardian_acts import Act, settle_out
from idp.store import guardian_links, guardianships
from idp.store.guardian_links import Link
from idp.store.guardianships import Child
from idp.store.session import Tx, UnitOfWork

__all__ = ["Child", "Family", "FamilyPage", "Link"]


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """`children` somebody may act for; `waiting` links that a school has not confirmed; `is_closed`: a school blocked
    one, and it is not said which, for where a child is may be what must not be known.

    `guardians` who may act for this person; `asked`: those who may no longer, until a person of age says so.
    """

    children: Sequence[Child]
    waiting: Sequence[Link]
    is_closed: bool
    guardians: Sequence[Link]
    asked: Sequence[Link]


class Family:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def page(self, person_id: str) -> FamilyPage:
        today = self._today()
        with self._uow.read() as tx:
            children = guardianships.children(tx, person_id, today=today)
            own = guardian_links.of_guardian(tx, person_id, today=today)
            about = guardian_links.of_child(tx, person_id, today=today)
        return FamilyPage(
            children,
            [link for link in own if link.state == "waiting"],
            any(link.state == "blocked" for link in own),
            [link for link in about if link.state == "holds"],
            [link for link in about if _is_asked(link, today)],
        )

    def asked(self, person_id: str) -> list[Link]:
        """Who may no longer act for a person of age, until they say so; empty for nearly everybody."""
        today = self._today()
        with self._uow.read() as tx:
            about = guardian_links.of_child(tx, person_id, today=today)
        return [link for link in about if _is_asked(link, today)]

    def own(self, guardian_id: str, link_id: str) -> Link:
        """An own link that holds or waits. Raises NotFound for anybody else's."""
        with self._uow.read() as tx:
            return self._own(tx, guardian_id, link_id)

    def disown(self, guardian_id: str, link_id: str) -> None:
        """«I am not this child's guardian»: ends the own link. The school sees it, and no file brings it back."""
        now, today = self._clock.now(), self._today()
        with self._uow.write() as tx:
            link = self._own(tx, guardian_id, link_id)
            self._change(tx, link, "unblocked", {"end": today, "end_reason": "disowned"})
            settle_out(tx, link, now=now, today=today)
            action = "ended" if link.state == "holds" else ""
            Act(tx, link, guardian_id, link.school_id, now).record("guardian_ended", action, reason="disowned")

    def answer(self, child_id: str, link_id: str, *, keep: bool) -> None:
        """Who came of age says whether a parent goes on seeing what concerns them. Raises NotFound, Conflict.

        Until then the link is paused: parents' consents about them count no more, and their account is their own.
        """
        now, today = self._clock.now(), self._today()
        with self._uow.write() as tx:
            links = guardian_links.of_child(tx, child_id, today=today)
            link = next((one for one in links if one.id == link_id and _is_asked(one, today)), None)
            if link is None:
                raise NotFound("no such link")
            values = {"kept_at": now} if keep else {"end": today, "end_reason": "grown_up"}
            self._change(tx, link, "paused", values)
            act = Act(tx, link, child_id, link.school_id, now)
            if keep:
                act.record("guardian_kept", "changed")
            else:
                settle_out(tx, link, now=now, today=today)
                act.record("guardian_ended", "ended", reason="grown_up")

    def _own(self, tx: Tx, guardian_id: str, link_id: str) -> Link:
        own = guardian_links.of_guardian(tx, guardian_id, today=self._today())
        link = next((one for one in own if one.id == link_id and one.state in ("holds", "waiting")), None)
        if link is None:
            raise NotFound("no such link")
        return link

    def _change(self, tx: Tx, link: Link, only_if: str, values: dict[str, Any]) -> None:
        if not guardian_links.change(tx, link.child_id, link.id, only_if, values, today=self._today()):
            raise Conflict("this link has changed", code="link_changed")

    def _today(self) -> date:
        return local_date(self._clock.now())


def _is_asked(link: Link, today: date) -> bool:
    return link.state == "paused" and link.of_age_on is not None and link.of_age_on <= today and link.kept_at is None
