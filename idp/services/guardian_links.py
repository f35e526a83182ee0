"""What a school decides about links: it confirms or refuses, blocks for a court, and ends what was a mistake.

No guardian decides about another one (order-456 reference F1): these acts are the school's, and each leaves its trace.
The scope's person is who acts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.names import search_key
from idp.core.scope import Scope
from idp.services.guardian_acts import Act, refuse_own, settle_in, settle_out
from idp.services.listing import Asked, Found
from idp.store import account, directory, guardian_links
from idp.store.guardian_links import STATES, Link
from idp.store.models.people import GUARDIAN_RELATIONS
from idp.store.session import Tx, UnitOfWork

__all__ = ["BLOCK_BASES", "RELATIONS", "STATES", "GuardianLinks", "Link", "Shown"]

RELATIONS = GUARDIAN_RELATIONS
BLOCK_BASES = ("court", "guardianship_body", "danger")
"""Code on Marriage and Family art. 71(2), 73(5)."""
MAX_WORDS = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A link with the names of those who verified and blocked it, where they are people."""

    link: Link
    verified_by: str
    blocked_by: str


class GuardianLinks:
    """Every act raises NotFound outside the scope, Denied (`own_link`) for the child and the guardian of the link, and
    Conflict when somebody else was faster.
    """

    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def listed(self, scope: Scope, asked: Asked) -> Found[Link]:
        """Links of the scope's pupils that have not ended, or those in one state; filters `state` and `class`."""
        with self._uow.read() as tx:
            rows, total = guardian_links.page(
                tx, scope, today=self._today(), words=search_key(asked.words), state=asked.filters.get("state", ""),
                class_id=asked.filters.get("class", ""), limit=asked.per_page, offset=asked.offset,
            )  # fmt: skip
        return Found(rows, total, asked)

    def link(self, scope: Scope, link_id: str) -> Shown:
        with self._uow.read() as tx:
            link = self._one(tx, scope, link_id)
            return Shown(link, _name(tx, link.verified_by), _name(tx, link.blocked_by))

    def of_person(self, scope: Scope, person_id: str) -> list[Link]:
        """Links of a child, or of a guardian to children of the scope. Raises NotFound outside it."""
        today = self._today()
        with self._uow.read() as tx:
            if not directory.within(tx, scope, person_id):
                raise NotFound("no such person")
            return guardian_links.of_person(tx, scope, person_id, today=today)

    def confirm(self, scope: Scope, link_id: str, *, school_id: str, relation: str = "", basis: str = "") -> None:
        """The school knows that it is so; the link holds from now on."""
        self._not_own(scope, link_id, "guardians.confirm", school_id)
        now, today = self._clock.now(), self._today()
        with self._uow.write() as tx:
            link = self._one(tx, scope, link_id)
            values = {
                "verified_at": now, "verified_by": scope.person, "school_id": school_id,
                "relation": _relation(relation or link.relation), "basis": _words(basis) or link.basis,
                "evidence": {**link.evidence, "confirmed_as": scope.role},
            }  # fmt: skip
            self._change(tx, link, "waiting", values)
            settle_in(tx, link.guardian_id, school_id, now=now, today=today)
            act = Act(tx, replace(link, school_id=school_id), scope.person, school_id, now)
            channel = link.evidence.get("channel", "")
            act.record("guardian_linked", "added", relation=values["relation"], channel=channel)

    def refuse(self, scope: Scope, link_id: str, *, school_id: str) -> None:
        """Whoever asked is no guardian of this child, as far as the school knows."""
        self._not_own(scope, link_id, "guardians.confirm", school_id)
        with self._uow.write() as tx:
            link = self._one(tx, scope, link_id)
            self._change(tx, link, "waiting", {"end": self._today(), "end_reason": "refused"})
            Act(tx, link, scope.person, school_id, self._clock.now()).record("guardian_refused")

    def block(self, scope: Scope, link_id: str, *, school_id: str, basis: str, reason: str) -> None:
        """By a court, the guardianship body, or for danger to the child. `reason` names the document in words.

        Felt in the guardian's next request: every question about a child asks `store.guardianships.holds` anew.
        """
        if basis not in BLOCK_BASES:
            raise Invalid("court, guardianship_body or danger", code="basis_unknown")
        self._not_own(scope, link_id, "guardians.block", school_id)
        now = self._clock.now()
        with self._uow.write() as tx:
            link = self._one(tx, scope, link_id)
            values = {
                "blocked_at": now, "blocked_by": scope.person, "block_basis": basis,
                "blocked_reason": _needed(reason),
            }  # fmt: skip
            self._change(tx, link, "unblocked", values)
            action = "ended" if link.state == "holds" else ""
            Act(tx, link, scope.person, school_id, now).record("guardian_blocked", action, basis=basis)

    def unblock(self, scope: Scope, link_id: str, *, school_id: str, reason: str) -> None:
        """The reason is gone. The block that was stays on record with the link."""
        self._not_own(scope, link_id, "guardians.block", school_id)
        now, today = self._clock.now(), self._today()
        with self._uow.write() as tx:
            link = self._one(tx, scope, link_id)
            self._change(tx, link, "blocked", _lifted(link, scope.person, _needed(reason), now))
            after = self._one(tx, scope, link_id)
            action = "changed" if after.state == "holds" else ""
            if action:  # The child may have changed school meanwhile, and the blocked guardian did not follow.
                for school in guardian_links.schools_of(tx, link.child_id, today=today):
                    settle_in(tx, link.guardian_id, school, now=now, today=today)
            act = Act(tx, link, scope.person, school_id, now)
            act.record("guardian_unblocked", action, basis=link.block_basis)

    def end(self, scope: Scope, link_id: str, *, school_id: str, reason: str) -> None:
        """The link was a mistake, or what it stood on is over. The reason stays with it."""
        self._not_own(scope, link_id, "guardians.write", school_id)
        now, today = self._clock.now(), self._today()
        with self._uow.write() as tx:
            link = self._one(tx, scope, link_id)
            if link.state == "blocked":
                raise Conflict("a blocked link stays until the block is lifted", code="link_blocked")
            ending = {"by": scope.person, "reason": _needed(reason), "at": now.isoformat()}
            values = {"end": today, "end_reason": "mistake", "evidence": {**link.evidence, "ended": ending}}
            self._change(tx, link, "unblocked", values)
            settle_out(tx, link, now=now, today=today)
            Act(tx, link, scope.person, school_id, now).record("guardian_ended", "ended", reason="mistake")

    def _not_own(self, scope: Scope, link_id: str, right: str, school_id: str) -> None:
        with self._uow.read() as tx:
            link = self._one(tx, scope, link_id)
        between = (link.child_id, link.guardian_id)
        refuse_own(self._uow, scope, between, right=right, school_id=school_id, now=self._clock.now())

    def _one(self, tx: Tx, scope: Scope, link_id: str) -> Link:
        found = guardian_links.one(tx, scope, link_id, today=self._today())
        if found is None:
            raise NotFound("no such link")
        return found

    def _change(self, tx: Tx, link: Link, only_if: str, values: dict[str, Any]) -> None:
        if not guardian_links.change(tx, link.child_id, link.id, only_if, values, today=self._today()):
            raise Conflict("somebody else decided about this link", code="link_changed")

    def _today(self) -> date:
        return local_date(self._clock.now())


def _lifted(link: Link, person_id: str, reason: str, now: datetime) -> dict[str, Any]:
    past = {
        "basis": link.block_basis, "reason": link.blocked_reason, "by": link.blocked_by,
        "at": link.blocked_at.isoformat() if link.blocked_at else "",
        "lifted_at": now.isoformat(), "lifted_by": person_id, "lifted_reason": reason,
    }  # fmt: skip
    return {
        "blocked_at": None, "blocked_by": "", "block_basis": "", "blocked_reason": "",
        "evidence": {**link.evidence, "blocks": [*link.evidence.get("blocks", ()), past]},
    }  # fmt: skip


def _name(tx: Tx, person_id: str) -> str:
    """Empty for `roster` and `eds`, which are no people."""
    found = account.named(tx, person_id) if person_id else None
    return found.name if found else ""


def _relation(word: str) -> str:
    if word not in GUARDIAN_RELATIONS:
        raise Invalid("no such relation", code="relation_unknown")
    return word


def _words(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:MAX_WORDS]


def _needed(text: str) -> str:
    """Raises Invalid (`reason_missing`) where a reason is asked for and none is given."""
    words = _words(text)
    if len(words) < 3:
        raise Invalid("a reason is needed", code="reason_missing")
    return words
