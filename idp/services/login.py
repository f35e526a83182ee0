"""Signing in: what every method shares. Throttling, one neutral refusal, sessions, audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from idp.core import levels
from idp.core.clock import Clock
from idp.core.errors import Denied, NotFound, TooSoon
from idp.core.ids import new_secret
from idp.methods.method import Attempt, Method, Proof, Refused
from idp.methods.password import hash_password, verify
from idp.services.sessions import Opened, Sessions
from idp.services.throttle import Throttle
from idp.store import account, audit, credentials, one_time
from idp.store.account import Named
from idp.store.session import Tx, UnitOfWork

CHANGE_TTL = timedelta(minutes=15)
_CHANGE = "password_change"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The browser at the door: where it is, what it calls itself, and the cookie it holds."""

    place: str
    browser: str
    language: str
    session_token: str = ""


@dataclass(frozen=True, slots=True)
class MustChange:
    """The secret was right but is a first one; `ticket` lets this browser replace it once."""

    ticket: str


class Login:
    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        methods: Mapping[str, Method],
        sessions: Sessions,
        throttle: Callable[[], Throttle],
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._methods = methods
        self._sessions = sessions
        self._throttle = throttle

    @property
    def method_names(self) -> tuple[str, ...]:
        return tuple(self._methods)

    def finish(
        self, method_name: str, visitor: Visitor, answer: Mapping[str, str], *, is_shared: bool
    ) -> Opened | MustChange:
        """Checks an answer and opens a session.

        Raises NotFound for an unknown method, TooSoon when throttled, Denied (`login_failed`) for every refusal
        alike. A denial is audited in a transaction of its own.
        """
        method = self._methods.get(method_name)
        if method is None:
            raise NotFound("no such method")
        name = answer.get("username", "").strip()
        try:
            ticket = self._throttle().enter(name, visitor.place)
        except TooSoon:
            self._audit_refusal(method_name, "throttled")
            raise
        try:
            proof = method.finish(Attempt(self._clock.now(), visitor.language), answer)
        except Refused:
            self._audit_refusal(method_name, "refused")
            raise Denied("wrong username or password", code="login_failed") from None
        now = self._clock.now()
        with self._uow.write() as tx:
            self._throttle().passed(tx, ticket)
            if not credentials.used(tx, proof.credential_id, now=now):
                raise Denied("wrong username or password", code="login_failed")
            if proof.must_change:
                data = {"person_id": proof.person_id, "credential_id": proof.credential_id, "is_shared": is_shared}
                value = new_secret()
                one_time.put(tx, value, purpose=_CHANGE, data=data, now=now, ttl=CHANGE_TTL)
                return MustChange(value)
            return self._open(tx, method, proof, visitor, is_shared=is_shared)

    def change_ticket(self, ticket: str) -> Named | None:
        """Whose first password a ticket lets replace; None when it is spent, over or made up."""
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=_CHANGE, now=self._clock.now()) if ticket else None
            return account.named(tx, data["person_id"]) if data else None

    def is_first_password(self, ticket: str, password: str) -> bool:
        """True when the new password is the first one again."""
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=_CHANGE, now=self._clock.now())
            row = credentials.by_person(tx, data["person_id"], "password") if data else None
        return row is not None and verify(str(row.data["hash"]), password)

    def change_first(self, ticket: str, password: str, visitor: Visitor) -> Opened:
        """Spends the ticket, stores the new password and opens the session. Raises Denied (`link_expired`)."""
        encoded = hash_password(password)
        now = self._clock.now()
        with self._uow.write() as tx:
            data = one_time.consume(tx, ticket, purpose=_CHANGE, now=now)
            if data is None or not credentials.is_current(tx, data["credential_id"]):
                raise Denied("this step is over, sign in again", code="link_expired")
            person_id = str(data["person_id"])
            credentials.replace(tx, "password", [(person_id, {"hash": encoded})], must_change=False, now=now)
            audit.record(tx, event="password_changed", now=now, person_id=person_id, data={"first": True})
            row = credentials.by_person(tx, person_id, "password")
            assert row is not None
            method = self._methods["password"]
            proof = Proof(person_id, row.id, levels.PASSWORD, method.amr)
            return self._open(tx, method, proof, visitor, is_shared=bool(data["is_shared"]))

    def _open(self, tx: Tx, method: Method, proof: Proof, visitor: Visitor, *, is_shared: bool) -> Opened:
        opened = self._sessions.open(
            tx,
            person_id=proof.person_id,
            acr=proof.acr,
            amr=proof.amr,
            is_shared=is_shared,
            browser=visitor.browser,
            replaces=visitor.session_token,
        )
        audit.record(
            tx,
            event="login",
            now=self._clock.now(),
            person_id=proof.person_id,
            data={"method": method.name, "acr": proof.acr, "session": opened.session_id, "shared": is_shared},
        )
        return opened

    def _audit_refusal(self, method_name: str, why: str) -> None:
        with self._uow.write() as tx:
            audit.record(tx, event="login_failed", now=self._clock.now(), data={"method": method_name, "why": why})
