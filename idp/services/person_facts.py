"""What the console shows of one person, and the ИИН in full for who says why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from idp.core import iin as iins
from idp.core.clock import Clock, local_date
from idp.core.errors import Invalid, NotFound
from idp.core.scope import Scope
from idp.services.acting import Actor
from idp.services.directory import reached
from idp.services.keys import IinVault
from idp.store import audit, directory, people, person_edits
from idp.store.person_edits import AccountRow, HeldRow
from idp.store.session import UnitOfWork

LONGEST_REASON = 300
SHORTEST_REASON = 5
_NUMBER = re.compile(r"\d{12}")
"""The log keeps reasons, and must keep no ИИН."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`iin` is masked, or empty. `is_current` says whether the person belongs to the scope today: of who does not, a
    school keeps names and what they were there, and everything else is empty. `is_editable` is for changes.
    """

    id: str
    username: str
    family_name: str
    given_name: str
    middle_name: str
    birth_date: date | None
    sex: str
    language: str
    email: str
    email_verified: bool
    phone: str
    phone_verified: bool
    iin: str
    status: str
    restricted_at: datetime | None
    memberships: tuple[HeldRow, ...]
    classes: tuple[str, ...]
    account: AccountRow
    is_current: bool
    is_editable: bool


class PersonFacts:
    def __init__(self, uow: UnitOfWork, clock: Clock, vault: IinVault) -> None:
        self._uow = uow
        self._clock = clock
        self._vault = vault

    def of(self, scope: Scope, person_id: str) -> Facts:
        """Raises NotFound outside the scope."""
        now = self._clock.now()
        today = local_date(now)
        with self._uow.read() as tx:
            row = reached(tx, scope, person_id, today=today)
            held = person_edits.memberships(tx, scope, person_id, today=today)
            classes = directory.class_titles(tx, scope, person_id, today=today)
            account = person_edits.account(tx, person_id, now)
            is_current = directory.within(tx, scope, person_id, today=today)
            is_editable = directory.within(tx, scope, person_id, today=today, for_writing=True)
        if not is_current:
            return Facts(
                person_id, "", row["family_name"], row["given_name"], row["middle_name"], None, "", row["language"],
                "", False, "", False, "", row["status"], row["restricted_at"], tuple(held), (),
                AccountRow((), 0, ""), is_current=False, is_editable=False,
            )  # fmt: skip
        sealed = row["iin_sealed"]
        return Facts(
            person_id, row["username"], row["family_name"], row["given_name"], row["middle_name"], row["birth_date"],
            row["sex"], row["language"], row["email"], row["email_verified"], row["phone"], row["phone_verified"],
            iins.masked(self._vault.open(person_id, sealed)) if sealed else "", row["status"], row["restricted_at"],
            tuple(held), tuple(classes), account, is_current, is_editable,
        )  # fmt: skip

    def iin(self, actor: Actor, scope: Scope, person_id: str, reason: str) -> str:
        """The number in full, and that it was shown and why. Raises NotFound; Invalid (`reason`) without a reason.

        The event is written before anybody sees anything.
        """
        reason = said_reason(reason)
        now = self._clock.now()
        with self._uow.read() as tx:
            if not directory.within(tx, scope, person_id, today=local_date(now)):
                raise NotFound("no such person")
            sealed = people.sealed_of(tx, person_id)
        if sealed is None:
            raise NotFound("no number is known")
        number = self._vault.open(person_id, sealed)
        with self._uow.write() as tx:
            audit.record(
                tx, event="iin_shown", now=now, actor_id=actor.person_id, person_id=person_id,
                school_id=scope.schools[0] if len(scope.schools) == 1 else "",
                data={"reason": reason, "role": actor.role},
            )  # fmt: skip
        return number


def said_reason(text: str) -> str:
    """Why ИИН are shown, as the log keeps it. Raises Invalid (`reason`) when it says nothing or holds a number."""
    reason = " ".join(text.replace("\x00", "").split())[:LONGEST_REASON]
    if len(reason) < SHORTEST_REASON or _NUMBER.search(iins.bare(reason)):
        raise Invalid("say why", code="reason")
    return reason
