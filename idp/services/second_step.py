"""The second step after a good password: who needs one, which ways there are, and setting the first one up.

A ticket of ten minutes stands for the password that was right; it belongs to one browser, and success spends it. What
is asked for: by the school or the installation (must), by the person (must), or by what waits for the sign-in (a wish,
OIDC Core §3.1.2.1: one may go on without).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from idp.core import levels
from idp.core.clock import Clock, local_date
from idp.core.errors import Denied, NotFound, TooSoon
from idp.core.ids import fingerprint, new_secret
from idp.methods.method import Attempt, Beside, Proof, Refused
from idp.methods.passkey import Passkey
from idp.services import proofs
from idp.services.entry import Entry, Visitor, open_session
from idp.services.factors import (
    BY_PASSWORD,
    EDS,
    FACTORS,
    PASSKEY,
    RECOVERY,
    SECOND_STEP,
    TOTP,
    WITH_APP,
    Factors,
    Setting,
)
from idp.services.post import Post
from idp.services.sessions import STAFF_ROLES, Opened, Sessions
from idp.services.throttle import Throttle, Ticket
from idp.store import account, addresses, audit, credentials, one_time, second_factors
from idp.store.account import Named
from idp.store.session import Tx, UnitOfWork

TICKET_TTL = timedelta(minutes=10)
_STEP = "second_step"
WAYS = (PASSKEY, TOTP, RECOVERY)


@dataclass(frozen=True, slots=True)
class NeedsFactor:
    """The password was right, and a second step is asked for."""

    ticket: str


@dataclass(frozen=True, slots=True)
class PasswordNeeded:
    """Somebody came without a password, and a second step is asked of them, which stands beside a password only."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a ticket stands for. `ways` is empty for somebody who has to set the first one up.

    `instead` says why they cannot do that here: they have an `eds` to sign in with, or must go to the `desk`.
    """

    person: Named
    ways: tuple[str, ...]
    may_skip: bool
    instead: str = ""


class SecondStep:
    """`rule` is the installation's: `none`, `staff` or `everybody`; a school's own goes before it.

    `by_person` counts wrong answers of one person, whatever ticket they were given with, and no right password clears
    it; `by_ticket` those of one ticket, which is over after them.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        sessions: Sessions,
        *,
        by_person: Callable[[], Throttle],
        by_ticket: Callable[[], Throttle],
        ways: Mapping[str, Beside],
        passkey: Passkey,
        factors: Factors,
        post: Post,
        rule: str,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._sessions = sessions
        self._by_person = by_person
        self._by_ticket = by_ticket
        self._ways = dict(ways)
        self._passkey = passkey
        self._factors = factors
        self._post = post
        self._rule = rule

    def go_in(
        self, tx: Tx, entry: Entry, visitor: Visitor, *, credential_id: str = ""
    ) -> Opened | NeedsFactor | PasswordNeeded:
        """The session of who has proved enough, else the ticket of the next step, in the caller's transaction.

        `credential_id` is the password that was right: a new one ends the step.
        """
        must = self.is_demanded(tx, entry.person_id) and not levels.satisfies(entry.acr, (levels.MFA,))
        is_wished = not levels.satisfies(entry.acr, visitor.asked) and levels.satisfies(levels.MFA, visitor.asked)
        if not must and not is_wished:
            return self._open(tx, entry, visitor)
        if "pwd" not in entry.amr:
            if not must:
                return self._open(tx, entry, visitor)
            self._note(tx, entry.method, "second_factor_missing")
            return PasswordNeeded()
        if not must and not _ways_of(tx, entry.person_id) and self._is_child(tx, entry.person_id):
            return self._open(tx, entry, visitor)  # No phone in school (reference F3), so nothing to set up.
        return self.ask(tx, entry, visitor, credential_id=credential_id, may_skip=not must)

    def ask(
        self, tx: Tx, entry: Entry, visitor: Visitor, *, credential_id: str, may_skip: bool = False, needed: str = ""
    ) -> NeedsFactor:
        """The ticket of the next step, whatever the rules say. What `entry` has reached is never lowered by it.

        `needed` is the level that has to be reached: what is worth less is not offered, and nothing is set up.
        """
        data = {
            "person_id": entry.person_id,
            "method": entry.method,
            "acr": entry.acr,
            "amr": list(entry.amr),
            "is_shared": entry.is_shared,
            "browser": visitor.mark,
            "may_skip": may_skip,
            "needed": needed,
            "credential_id": credential_id,
        }
        ticket = new_secret()
        one_time.put(tx, ticket, purpose=_STEP, data=data, now=self._clock.now(), ttl=TICKET_TTL)
        return NeedsFactor(ticket)

    def is_demanded(self, tx: Tx, person_id: str) -> bool:
        """Whether a password alone is not enough: they said so themselves, or a school of theirs did.

        Pupils are never asked: phones stay out of the lesson (Law «On Education» art. 47(10-1)).
        """
        if SECOND_STEP in credentials.methods_of(tx, person_id):
            return True
        for role, rule in second_factors.rules_of(tx, person_id, today=local_date(self._clock.now())):
            asked = rule or self._rule
            if role in STAFF_ROLES and asked in ("staff", "everybody"):
                return True
            if role == "guardian" and asked == "everybody":
                return True
        return False

    def only_by_eds(self) -> int:
        """How many people could not come in if no ЭЦҚ were accepted; the desk helps each of them (`Factors.reset`)."""
        with self._uow.read() as tx:
            return second_factors.only_by_eds(tx, self._rule, STAFF_ROLES, today=local_date(self._clock.now()))

    def step(self, ticket: str, visitor: Visitor) -> Step | None:
        """None when it is spent, over, made up or another browser's."""
        with self._uow.read() as tx:
            data = self._peek(tx, ticket, visitor)
            person = account.named(tx, data["person_id"]) if data else None
            if data is None or person is None:
                return None
            ways = _ways_of(tx, person.id, data)
            return Step(person, ways, bool(data["may_skip"]), "" if ways else self._instead(tx, data))

    def begin_passkey(self, ticket: str, visitor: Visitor) -> str:
        """Options for a passkey of this person, as JSON. Raises Denied (`link_expired`)."""
        data = self._data(ticket, visitor)
        attempt = self._attempt(ticket, visitor)
        return self._passkey.begin(replace(attempt, kept={"person_id": str(data["person_id"])})).shown["options"]

    def finish(self, ticket: str, way: str, answer: Mapping[str, str], visitor: Visitor) -> Opened:
        """Checks one of the ways of the step. Five wrong answers end it.

        Guesses are counted before they are checked (CVE-2024-4629). Raises NotFound for a way that is not offered,
        TooSoon, Denied `login_failed` for every wrong answer alike, `link_expired` when the step is over.
        """
        data = self._data(ticket, visitor)
        person_id = str(data["person_id"])
        with self._uow.read() as tx:
            ways = _ways_of(tx, person_id, data)
        if way not in ways:
            raise NotFound("no such way")
        tried = self._try(ticket)
        counted = self.count(person_id)
        try:
            proof = self._ways[way].check(self._attempt(ticket, visitor), person_id, answer)
        except Refused:
            with self._uow.write() as tx:
                self._note(tx, way, "second_refused")
            raise Denied("wrong answer", code="login_failed") from None
        now = self._clock.now()
        with self._uow.write() as tx:
            wrong = proofs.spend(tx, proof, now=now)
            if wrong:
                proofs.note_refusal(tx, proof, way, wrong, now=now)
            else:
                self._by_ticket().start_afresh(tx, tried)
                self.passed(tx, counted)
                self._spend(tx, ticket, now)
                return self._opened(tx, data, way, proof, visitor)
        raise Denied("wrong answer", code="login_failed")

    def count(self, person_id: str) -> Ticket:
        """Counts an answer of this person before it is checked. Raises TooSoon after ten wrong ones in an hour."""
        return self._by_person().enter_alone(f"second {person_id}")

    def passed(self, tx: Tx, counted: Ticket) -> None:
        """The answer was right: what was wrong before is forgotten."""
        self._by_person().start_afresh(tx, counted)

    def _try(self, ticket: str) -> Ticket:
        try:
            return self._by_ticket().enter_alone(f"second ticket {fingerprint(ticket)}")
        except TooSoon:
            with self._uow.write() as tx:
                one_time.consume(tx, ticket, purpose=_STEP, now=self._clock.now())
            raise Denied("this step is over, sign in again", code="link_expired") from None

    def skip(self, ticket: str, visitor: Visitor) -> Opened:
        """Goes on at the level of the password, where the second step was a wish only. Raises Denied."""
        data = self._data(ticket, visitor)
        if not data["may_skip"]:
            raise Denied("a second step is asked for", code="second_step_needed")
        with self._uow.write() as tx:
            self._spend(tx, ticket, self._clock.now())
            return self._open(tx, _entry(data), visitor)

    def disown(self, ticket: str, visitor: Visitor) -> None:
        """«That is not me»: spends a step of this browser, so that nobody after it can go on."""
        with self._uow.write() as tx:
            if self._peek(tx, ticket, visitor) is not None:
                one_time.consume(tx, ticket, purpose=_STEP, now=self._clock.now())
                self._note(tx, "password", "disowned")

    def begin_first_passkey(self, ticket: str, visitor: Visitor) -> str:
        """Options to make the first passkey by. Raises Denied (`link_expired`) also for who has a factor already."""
        return self._factors.begin_passkey(self._newcomer(ticket, visitor), bound=fingerprint(ticket))

    def begin_first_totp(self, ticket: str, visitor: Visitor) -> Setting:
        return self._factors.begin_totp(self._newcomer(ticket, visitor), bound=fingerprint(ticket))

    def first_totp(self, ticket: str, setting: str, visitor: Visitor) -> Setting:
        """The same key again, after a wrong code."""
        return self._factors.setting(self._newcomer(ticket, visitor), setting, bound=fingerprint(ticket))

    def finish_first(self, ticket: str, answer: Mapping[str, str], visitor: Visitor) -> Opened:
        """Stores the first factor and goes in: `response` and `label` of a passkey, or `setting` and `code`.

        With a passkey the session stays at the level of the password: whoever knew that could have set up a factor of
        their own, and a touch is soon repeated. The code of an app is used up by this, so it counts (decision 18).
        Raises Denied: `enrolment_refused`, which leaves the ticket good, or `link_expired`.
        """
        person_id, bound = self._newcomer(ticket, visitor), fingerprint(ticket)
        if answer.get("response"):
            way, enrolled = PASSKEY, self._factors.check_passkey(person_id, answer["response"], bound=bound)
        else:
            setting, code = answer.get("setting", ""), answer.get("code", "")
            way, enrolled = TOTP, self._factors.check_totp(person_id, setting, code, bound=bound)
        with self._uow.write() as tx:
            data = self._spend(tx, ticket, self._clock.now())
            if _ways_of(tx, person_id) or self._instead(tx, data):
                raise Denied("there is something stronger by now", code="link_expired")
            self._factors.add(tx, person_id, way, enrolled, label=answer.get("label", ""))
            is_raised = way == TOTP and tuple(data["amr"]) == BY_PASSWORD
            entry = _entry(data, levels.MFA, WITH_APP) if is_raised else _entry(data)
            return self._open(tx, entry, visitor)

    def _opened(self, tx: Tx, data: dict[str, Any], way: str, proof: Proof, visitor: Visitor) -> Opened:
        now = self._clock.now()
        if way == RECOVERY:
            left = credentials.methods_of(tx, proof.person_id).get(RECOVERY, 0)
            audit.record(tx, event="recovery_code_used", now=now, person_id=proof.person_id, data={"left": left})
            self._post.tell(tx, addresses.of_person(tx, proof.person_id), "code_used", now=now)
            return self._open(tx, _entry(data, proof.acr, proof.amr), visitor)
        # Something one knows and something one has: also with a passkey whose device did not check who holds it.
        amr = proof.amr if "mfa" in proof.amr else ("pwd", *proof.amr, "mfa")
        return self._open(tx, _entry(data, levels.MFA, amr), visitor)

    def _open(self, tx: Tx, entry: Entry, visitor: Visitor) -> Opened:
        return open_session(tx, self._sessions, visitor, entry, now=self._clock.now())

    def _instead(self, tx: Tx, data: Mapping[str, Any]) -> str:
        """Why whom a ticket stands for sets no first factor up here, in a word; empty when they do.

        A password is weaker than an ЭЦҚ, so it adds nothing beside one.
        """
        person_id = str(data["person_id"])
        if EDS in credentials.methods_of(tx, person_id):
            return "eds"
        return "desk" if self._factors.is_for_the_desk(tx, person_id, str(data["acr"]), data["amr"]) else ""

    def _is_child(self, tx: Tx, person_id: str) -> bool:
        rules = second_factors.rules_of(tx, person_id, today=local_date(self._clock.now()))
        return bool(rules) and all(role == "pupil" for role, _ in rules)

    def _newcomer(self, ticket: str, visitor: Visitor) -> str:
        data = self._data(ticket, visitor)
        with self._uow.read() as tx:
            if _ways_of(tx, str(data["person_id"])) or data["needed"] or self._instead(tx, data):
                raise Denied("this step is over, sign in again", code="link_expired")
        return str(data["person_id"])

    def _peek(self, tx: Tx, ticket: str, visitor: Visitor) -> dict[str, Any] | None:
        data = one_time.peek(tx, ticket, purpose=_STEP, now=self._clock.now()) if ticket else None
        return data if data and visitor.is_marked(data["browser"]) else None

    def _data(self, ticket: str, visitor: Visitor) -> dict[str, Any]:
        with self._uow.read() as tx:
            data = self._peek(tx, ticket, visitor)
        if data is None:
            raise Denied("this step is over, sign in again", code="link_expired")
        return data

    def _spend(self, tx: Tx, ticket: str, now: datetime) -> dict[str, Any]:
        data = one_time.consume(tx, ticket, purpose=_STEP, now=now)
        if data is None or not credentials.is_current(tx, str(data["credential_id"])):
            raise Denied("this step is over, sign in again", code="link_expired")
        return data

    def _attempt(self, ticket: str, visitor: Visitor) -> Attempt:
        return Attempt(self._clock.now(), visitor.language, bound=f"second {fingerprint(ticket)} {visitor.mark}")

    def _note(self, tx: Tx, method: str, why: str) -> None:
        audit.record(tx, event="login_failed", now=self._clock.now(), data={"method": method, "why": why})


def _ways_of(tx: Tx, person_id: str, data: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Recovery codes stand in for a factor, so they are no way without one, nor where two factors are needed."""
    has = credentials.methods_of(tx, person_id)
    if not any(one in has for one in FACTORS):
        return ()
    lets_codes = not data or levels.rank(str(data["needed"])) <= levels.rank(levels.PASSWORD)
    return tuple(way for way in WAYS if way in has and (way != RECOVERY or lets_codes))


def _entry(data: dict[str, Any], acr: str = "", amr: tuple[str, ...] = ()) -> Entry:
    """`acr` and `amr` are those of both steps; what was reached before in this session stays."""
    before, words = str(data["acr"]), tuple(data["amr"])
    if levels.rank(before) > levels.rank(acr):
        acr, amr = before, (*words, *(word for word in amr if word not in words))
    return Entry(str(data["method"]), str(data["person_id"]), acr, amr, bool(data["is_shared"]))
