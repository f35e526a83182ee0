"""Codes that a school hands out at a meeting, and what becomes of one that a parent types.

A code proves nothing by itself (order-456 reference F1): whoever types it with the child's date of birth waits until
the school confirms. Wrong, old, void, spent and forged codes, a wrong date and a blocked guardian are refused alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from idp.core.clock import Clock, local_date
from idp.core.errors import Denied, Invalid, NotFound
from idp.core.ids import code, keyed_hash, new_id, typed_code
from idp.core.scope import Scope
from idp.services import found_accounts
from idp.services.guardian_acts import Act
from idp.services.throttle import Throttle
from idp.store import audit, guardian_links, guardianships, invitations, people
from idp.store.invitations import ClassCodes, Invited
from idp.store.models.people import GUARDIAN_RELATIONS
from idp.store.session import Tx, UnitOfWork

__all__ = ["ClassCodes", "CodeSheet", "GuardianCodes", "Slip"]

GROUPS = (4, 4, 2)
VALID_FOR = timedelta(days=14)
USES = 4
"""A child may have several guardians; each of them waits for the school anyway."""
THERE, WAITS = "there", "waits"


@dataclass(frozen=True, slots=True)
class Slip:
    """First name and initial only: a slip gets lost on the way home."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class CodeSheet:
    """Codes in clear: shown once, to be printed, and kept nowhere."""

    class_title: str
    school: str
    school_ru: str
    slips: tuple[Slip, ...]
    last_day: date


class GuardianCodes:
    """`secret` gives the key of the hash; a code is only its letters, so a plain hash could be guessed from."""

    def __init__(
        self, uow: UnitOfWork, clock: Clock, secret: Callable[[str], bytes], throttle: Callable[[], Throttle]
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secret = secret
        self._throttle = throttle

    def classes(self, scope: Scope) -> list[ClassCodes]:
        """Classes codes can be made for, with how many are good now."""
        now = self._clock.now()
        with self._uow.read() as tx:
            return invitations.classes(tx, scope, today=local_date(now), now=now)

    def make(self, scope: Scope, school_id: str, class_id: str) -> CodeSheet:
        """A code for each pupil of a class; older ones of theirs are void. Raises NotFound for an empty class."""
        now, key = self._clock.now(), self._secret("invitation")
        with self._uow.write() as tx:
            title = _title(tx, scope, class_id, now)
            found = invitations.pupils(tx, scope, class_id, today=local_date(now))
            if not found:
                raise NotFound("nobody learns in this class", code="class_empty")
            slips = [(pupil, code(*GROUPS)) for pupil in found]
            invitations.revoke(tx, scope, [pupil.id for pupil in found], now=now)
            rows = [
                {
                    "id": new_id(), "school_id": school_id, "child_id": pupil.id, "uses_left": USES,
                    "code_hash": _hashed(key, made), "made_by": scope.person, "made_at": now,
                    "expires_at": now + VALID_FOR, "revoked_at": None,
                }
                for pupil, made in slips
            ]  # fmt: skip
            invitations.add(tx, scope, rows)
            data = {"class": class_id, "codes": len(slips)}
            audit.record(
                tx, event="guardian_codes_made", now=now, actor_id=scope.person, school_id=school_id, data=data
            )
            name, name_ru = people.school_names(tx, school_id)
        named = tuple(Slip(_short(pupil.given_name, pupil.family_name), made) for pupil, made in slips)
        return CodeSheet(title, name, name_ru, named, local_date(now + VALID_FOR))

    def revoke(self, scope: Scope, school_id: str, class_id: str) -> int:
        """Makes the codes of a class void, for a sheet that was lost; returns how many were good."""
        now = self._clock.now()
        with self._uow.write() as tx:
            _title(tx, scope, class_id, now)
            found = invitations.pupils(tx, scope, class_id, today=local_date(now))
            count = invitations.revoke(tx, scope, [pupil.id for pupil in found], now=now)
            data = {"class": class_id, "codes": count}
            audit.record(
                tx, event="guardian_codes_revoked", now=now, actor_id=scope.person, school_id=school_id, data=data
            )
        return count

    def redeem(self, person_id: str, unverified_code: str, born: date | None, relation: str, *, place: str) -> str:
        """Asks to be linked to a child: `waits` for the school now, or is `there` already.

        Whom the school's own list names by ИИН is linked already, for the number finds the person: an ЭЦҚ then needs no
        code. Raises Denied (`code_refused`), the same for every reason, and TooSoon for who guesses.
        """
        if relation not in GUARDIAN_RELATIONS:
            raise Invalid("no such relation", code="relation_unknown")
        key = self._secret("invitation")
        throttle = self._throttle()
        ticket = throttle.enter(f"guardian code {person_id}", place)
        now = self._clock.now()
        try:
            with self._uow.write() as tx:
                invited = invitations.by_code(tx, _hashed(key, unverified_code), now=now)
                if invited is None or born is None or invited.birth_date != born or invited.child_id == person_id:
                    raise Denied("this code and date do not fit", code="code_refused")
                outcome = self._ask(tx, invited, person_id, relation, now)
                throttle.forgive(tx, ticket)  # Not `passed`: one good code must not buy a fresh set of guesses.
        except Denied:
            with self._uow.write() as tx:
                audit.record(tx, event="guardian_code_refused", now=now, person_id=person_id)
            raise
        return outcome

    def _ask(self, tx: Tx, invited: Invited, person_id: str, relation: str, now: datetime) -> str:
        today = local_date(now)
        known = guardian_links.between(tx, invited.child_id, person_id, today=today)
        if known is not None and known.state in ("waiting", "holds"):
            found_accounts.confirmed(tx, person_id, invited.school_id, now=now)
            return THERE if known.state == "holds" else WAITS
        of_age = guardianships.birthdays(tx, [invited.child_id])[invited.child_id]
        is_of_age = of_age is not None and of_age <= today
        if is_of_age or (known is not None and known.state != "ended") or not invited.is_good:
            raise Denied("this code is over", code="code_refused")
        values = {
            "school_id": invited.school_id, "relation": relation, "basis": "", "verified_by": "", "verified_at": None,
            "evidence": {"channel": "code", "invitation": invited.id}, "begin": today, "end": None, "end_reason": "",
            "of_age_on": of_age, "kept_at": None,
        }  # fmt: skip
        if known is None:
            row = {"id": new_id(), "child_id": invited.child_id, "guardian_id": person_id, **values}
            if not guardian_links.add_if_new(tx, row):  # A second press, in the same moment.
                return WAITS
        else:
            values["evidence"] = {**known.evidence, "channel": "code", "invitation": invited.id}
            if not guardian_links.change(tx, invited.child_id, known.id, "over", values, today=today):
                raise Denied("this code is over", code="code_refused")
        if not invitations.spend(tx, invited.child_id, invited.id, now=now):
            raise Denied("this code is over", code="code_refused")
        asked = guardian_links.between(tx, invited.child_id, person_id, today=today)
        assert asked is not None
        found_accounts.confirmed(tx, person_id, invited.school_id, now=now)
        act = Act(tx, asked, person_id, invited.school_id, now)
        act.record("guardian_asked", relation=relation, channel="code")
        return WAITS


def _title(tx: Tx, scope: Scope, class_id: str, now: datetime) -> str:
    found = invitations.classes(tx, scope, today=local_date(now), now=now)
    title = next((one.title for one in found if one.id == class_id), None)
    if title is None:
        raise NotFound("no such class")
    return title


def _hashed(key: bytes, text: str) -> str:
    return keyed_hash(key, "guardian", typed_code(text)).hex()


def _short(given_name: str, family_name: str) -> str:
    """`Айгерім С.`"""
    return f"{given_name} {family_name[:1]}." if given_name and family_name else given_name or family_name
