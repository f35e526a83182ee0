"""Signing in: what every method shares. Throttling, one neutral refusal, sessions, audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from idp.core import levels
from idp.core.clock import Clock
from idp.core.errors import Denied, NotFound, TooSoon, Unavailable
from idp.core.ids import fingerprint, new_secret
from idp.methods.eds_challenge import citizen
from idp.methods.method import Attempt, Challenging, Citizen, Method, OutOfBand, Proof, Refused, Switchable
from idp.methods.passkey import Unverified
from idp.methods.password import hash_password, verify
from idp.services import proofs
from idp.services.eds_login import EdsLogin, NeedsSecond, Newcomer
from idp.services.entry import CHANGE, Entry, MustChange, Visitor
from idp.services.phone_errands import PhoneErrands
from idp.services.second_step import NeedsFactor, PasswordNeeded, SecondStep
from idp.services.sessions import Opened, Sessions
from idp.services.throttle import Throttle, Ticket
from idp.store import account, audit, credentials, one_time
from idp.store.account import Named
from idp.store.session import Tx, UnitOfWork

CHANGE_TTL = timedelta(minutes=15)
_CHALLENGE = "login_challenge"
_LOGIN = "login"

__all__ = ["Begun", "Login", "MustChange", "NeedsFactor", "NeedsSecond", "Newcomer", "Outcome", "Visitor"]


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that waits for its answer. `id` is empty for a method that keeps nothing; `shown` is the method's."""

    id: str
    shown: Mapping[str, str]
    expires_at: datetime | None = None


Outcome = Opened | MustChange | NeedsFactor | NeedsSecond | Newcomer


class Login:
    """`issuer` is our own address: a signature made for another site proves nothing here."""

    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        methods: Mapping[str, Method],
        sessions: Sessions,
        throttle: Callable[[], Throttle],
        *,
        issuer: str,
        eds: EdsLogin,
        errands: PhoneErrands,
        second: SecondStep,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._methods = methods
        self._sessions = sessions
        self._throttle = throttle
        self._site = urlsplit(issuer).netloc
        self._eds = eds
        self._errands = errands
        self._second = second

    @property
    def method_names(self) -> tuple[str, ...]:
        return tuple(self._methods)

    def why_off(self, method_name: str) -> str:
        """Why a method cannot be offered, in a word; empty when it can. Raises NotFound."""
        method = self._method(method_name)
        return method.why_off() if isinstance(method, Switchable) else ""

    def level_of(self, method_name: str) -> str:
        """The highest `acr` it leads to: a password goes on to a second step. Raises NotFound."""
        method = self._method(method_name)
        return levels.MFA if method.name == "password" else method.acr

    def begin(self, method_name: str, visitor: Visitor) -> Begun:
        """What a method shows; what it keeps is bound to this browser and to the request that waits for it.

        A phone's errand is begun here too. Raises NotFound, TooSoon, or Unavailable when a relay does not answer.
        """
        method, now = self._method(method_name), self._clock.now()
        if isinstance(method, OutOfBand | Challenging):
            # Each is a row of ours, and with a relay a request to somebody else: nobody may have us make any number.
            # Counted apart from guesses, for beginning is never taken back and must not lock passwords out.
            self._throttle().enter(None, f"errand:{visitor.place}")
        if isinstance(method, OutOfBand):
            errand_id, code = self._errands.new()
            challenge = method.begin(self._attempt(visitor, {"code": code}))
            document = method.document(self._attempt(visitor, challenge.kept))
            begun = self._errands.begin(
                _LOGIN, browser=visitor.browser_id, language=visitor.language, document=document, errand_id=errand_id
            )
            return Begun(begun.id, challenge.shown, begun.expires_at)
        challenge = method.begin(self._attempt(visitor, _wanted(visitor)))
        if not isinstance(method, Challenging):
            return Begun("", challenge.shown)
        value = new_secret(24)
        data = {
            "method": method.name,
            "kept": dict(challenge.kept),
            "browser": visitor.mark,
            "interaction": fingerprint(visitor.interaction_id),
            "created": now.isoformat(),
        }
        with self._uow.write() as tx:
            one_time.put(tx, value, purpose=_CHALLENGE, data=data, now=now, ttl=method.lifetime)
        return Begun(value, challenge.shown, now + method.lifetime)

    def finish(self, method_name: str, visitor: Visitor, answer: Mapping[str, str], *, is_shared: bool) -> Outcome:
        """Checks an answer and opens a session, or says which step comes next.

        Raises NotFound for an unknown method, TooSoon when throttled, Denied `login_failed` for every wrong password
        alike, Denied `challenge_over` for a challenge that is spent, over or another browser's, `eds.errors` for
        signatures, what `EdsLogin.admit` raises, `uv_needed` for a passkey whose device did not check who holds it
        where that is asked for, and `password_needed` where a second step is, which stands beside a password. A
        denial is audited in a transaction of its own.
        """
        method = self._method(method_name)
        # Nobody who signs, or has a passkey, says beforehand who they are: one account's count would be everybody's.
        name = answer["username"].strip() if "username" in answer and not isinstance(method, Challenging) else None
        try:
            counted = self._throttle().enter(name, visitor.place)
        except TooSoon:
            self._audit_refusal(method_name, "throttled")
            raise
        try:
            proof = self._prove(method, visitor, answer)
            if isinstance(proof, Citizen):
                return self._admit(method, proof, visitor, counted, is_shared=is_shared)
        except Unverified:
            self._audit_refusal(method_name, "uv_needed")
            raise Denied("the device did not check who holds it", code="uv_needed") from None
        except Refused:
            self._audit_refusal(method_name, "refused")
            raise Denied("wrong username or password", code="login_failed") from None
        except Denied as error:
            self._audit_refusal(method_name, error.code)
            raise
        except Unavailable as error:
            self._audit_refusal(method_name, error.code, forgiven=counted)
            raise
        return self._enter(method, proof, visitor, counted, is_shared=is_shared)

    def disown(self, method_name: str, visitor: Visitor, errand_id: str) -> None:
        """«That is not me»: spends what a phone brought to this browser, so that nobody after it can confirm."""
        try:
            self._errands.collect(errand_id, visitor.browser_id, _LOGIN)
        except Denied:  # Over already, or another browser's.
            return
        self._audit_refusal(method_name, "disowned")

    def _prove(self, method: Method, visitor: Visitor, answer: Mapping[str, str]) -> Proof | Citizen:
        """Spends the challenge first, then asks the method, outside any transaction: it may speak to the NCA."""
        if isinstance(method, OutOfBand):
            return citizen(self._errands.collect(answer.get("challenge", ""), visitor.browser_id, _LOGIN))
        is_kept = isinstance(method, Challenging)
        kept = self._spend(method, visitor, answer.get("challenge", "")) if is_kept else _wanted(visitor)
        return method.finish(self._attempt(visitor, kept), answer)

    def _spend(self, method: Method, visitor: Visitor, challenge: str) -> Mapping[str, str]:
        """What was kept with a challenge, for one of any number of parallel answers.

        A foreign browser's try rolls back: whoever only knows the challenge cannot spend it for its owner.
        """
        with self._uow.write() as tx:
            data = one_time.consume(tx, challenge, purpose=_CHALLENGE, now=self._clock.now())
            if (
                data is None
                or data["method"] != method.name
                or not visitor.is_marked(data["browser"])
                or data["interaction"] != fingerprint(visitor.interaction_id)
            ):
                raise Denied("this step is over, begin again", code="challenge_over")
            kept: dict[str, str] = data["kept"]
        return kept

    def _admit(
        self, method: Method, proof: Citizen, visitor: Visitor, counted: Ticket, *, is_shared: bool
    ) -> Opened | NeedsSecond | Newcomer:
        lookup = self._eds.lookup(proof)
        with self._uow.write() as tx:
            self._throttle().passed(tx, counted)
            return self._eds.admit(tx, method.name, proof, lookup, visitor, is_shared=is_shared)

    def _enter(
        self, method: Method, proof: Proof, visitor: Visitor, counted: Ticket, *, is_shared: bool
    ) -> Opened | MustChange | NeedsFactor:
        now = self._clock.now()
        with self._uow.write() as tx:
            wrong = proofs.spend(tx, proof, now=now)
            if wrong:
                proofs.note_refusal(tx, proof, method.name, wrong, now=now)
                result = None
            else:
                self._throttle().passed(tx, counted)
                result = self._go_on(tx, method, proof, visitor, is_shared=is_shared)
        if result is None:
            raise Denied("wrong username or password", code="login_failed")
        if isinstance(result, PasswordNeeded):
            raise Denied("a second step is asked for, beside a password", code="password_needed")
        return result

    def _go_on(
        self, tx: Tx, method: Method, proof: Proof, visitor: Visitor, *, is_shared: bool
    ) -> Opened | MustChange | NeedsFactor | PasswordNeeded:
        if not proof.must_change:
            return self._open(tx, method, proof, visitor, is_shared=is_shared)
        data = {"person_id": proof.person_id, "credential_id": proof.credential_id, "is_shared": is_shared}
        value = new_secret()
        one_time.put(tx, value, purpose=CHANGE, data=data, now=self._clock.now(), ttl=CHANGE_TTL)
        return MustChange(value)

    def _method(self, name: str) -> Method:
        method = self._methods.get(name)
        if method is None:
            raise NotFound("no such method")
        return method

    def _attempt(self, visitor: Visitor, kept: Mapping[str, str]) -> Attempt:
        bound = f"login {visitor.mark} {fingerprint(visitor.interaction_id)}"
        return Attempt(self._clock.now(), visitor.language, site=self._site, kept=kept, bound=bound)

    def change_ticket(self, ticket: str) -> Named | None:
        """Whose first password a ticket lets replace; None when it is spent, over or made up."""
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=CHANGE, now=self._clock.now()) if ticket else None
            return account.named(tx, data["person_id"]) if data else None

    def is_first_password(self, ticket: str, password: str) -> bool:
        """True when the new password is the first one again."""
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=CHANGE, now=self._clock.now())
            row = credentials.by_person(tx, data["person_id"], "password") if data else None
        return row is not None and verify(str(row.data["hash"]), password)

    def change_first(self, ticket: str, password: str, visitor: Visitor) -> Opened | NeedsFactor:
        """Spends the ticket, stores the new password and opens the session: of the ЭЦҚ, where one led here.

        Raises Denied (`link_expired`), or EdsRefused for somebody blocked meanwhile.
        """
        encoded = hash_password(password)
        signed_by = self._eds.signer_of_change(ticket, visitor)
        now = self._clock.now()
        with self._uow.write() as tx:
            data = one_time.consume(tx, ticket, purpose=CHANGE, now=now)
            if data is None or not credentials.is_current(tx, data["credential_id"]):
                raise Denied("this step is over, sign in again", code="link_expired")
            person_id = str(data["person_id"])
            credentials.replace(tx, "password", [(person_id, {"hash": encoded})], must_change=False, now=now)
            audit.record(tx, event="password_changed", now=now, person_id=person_id, data={"first": True})
            if signed_by is not None:
                return self._eds.changed(tx, data, signed_by, visitor)
            row = credentials.by_person(tx, person_id, "password")
            assert row is not None
            method = self._methods["password"]
            proof = Proof(person_id, row.id, levels.PASSWORD, method.amr)
            result = self._open(tx, method, proof, visitor, is_shared=bool(data["is_shared"]))
            assert not isinstance(result, PasswordNeeded)
            return result

    def _open(
        self, tx: Tx, method: Method, proof: Proof, visitor: Visitor, *, is_shared: bool
    ) -> Opened | NeedsFactor | PasswordNeeded:
        entry = Entry(method.name, proof.person_id, proof.acr, proof.amr, is_shared)
        return self._second.go_in(tx, entry, visitor, credential_id=proof.credential_id)

    def _audit_refusal(self, method_name: str, why: str, *, forgiven: Ticket | None = None) -> None:
        """`forgiven` is an attempt that was no guess: a part of ours, or the NCA, did not answer."""
        with self._uow.write() as tx:
            if forgiven is not None:
                self._throttle().forgive(tx, forgiven)
            audit.record(tx, event="login_failed", now=self._clock.now(), data={"method": method_name, "why": why})


def _wanted(visitor: Visitor) -> dict[str, str]:
    """What a method without a kept challenge is to do: check on the device who holds it, where a password would not
    be enough for what waits."""
    return {} if levels.satisfies(levels.PASSWORD, visitor.asked) else {"verify": "1"}
