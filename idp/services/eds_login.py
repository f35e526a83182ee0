"""What follows a good signature: a session, a password beside it, or the welcome of somebody new.

Each further step is a ticket of ten minutes that belongs to one browser: what it stands for stays on the server, and
success spends it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from idp.core.clock import Clock
from idp.core.errors import Denied
from idp.core.ids import fingerprint, new_secret
from idp.core.iin import masked
from idp.eds.errors import EdsRefused
from idp.eds.signed_by import SignedBy
from idp.methods.method import Citizen
from idp.methods.password import verify
from idp.services.eds_accounts import EdsAccounts, Known, Lookup, Stranger
from idp.services.eds_names import names_of
from idp.services.entry import CHANGE, Entry, MustChange, Visitor, open_session
from idp.services.sealed_signers import SealedSigners
from idp.services.sessions import Opened, Sessions
from idp.services.throttle import Throttle
from idp.store import account, audit, credentials, eds_accounts, one_time
from idp.store.account import Named
from idp.store.session import Tx, UnitOfWork

TICKET_TTL = timedelta(minutes=10)
_SECOND = "second_factor"
_WELCOME = "welcome"


@dataclass(frozen=True, slots=True)
class NeedsSecond:
    """The signature was good, and a password is asked for beside it."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The signature was good and its bearer is new here; they read what is known of them and agree."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page shows. `role` is `guardian` or `staff`; `school` and `organisation` are empty for a guardian."""

    names: dict[str, str]
    masked_iin: str
    role: str
    organisation: str
    school: str


class EdsLogin:
    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        sessions: Sessions,
        accounts: EdsAccounts,
        sealed: SealedSigners,
        throttle: Callable[[], Throttle],
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._sessions = sessions
        self._accounts = accounts
        self._sealed = sealed
        self._throttle = throttle

    def lookup(self, citizen: Citizen) -> Lookup:
        """What `admit` finds the account by; asked for before the transaction."""
        return self._accounts.lookup(citizen.signed_by)

    def admit(
        self, tx: Tx, method: str, citizen: Citizen, lookup: Lookup, visitor: Visitor, *, is_shared: bool
    ) -> Opened | NeedsSecond | Newcomer:
        """The next step of somebody whose signature is good. Raises as `EdsAccounts.decide`, or Denied
        (`second_factor_missing`)."""
        signed_by = citizen.signed_by
        found = self._accounts.decide(tx, signed_by, lookup)
        kept = {
            "method": method,
            "acr": citizen.acr,
            "amr": list(citizen.amr),
            "is_shared": is_shared,
            "browser": visitor.mark,
            "more": {"key_storage": signed_by.key_storage, "issuer": _issuer(signed_by)},
        }
        if isinstance(found, Stranger):
            if not found.person_id and found.school is None and self._accounts.demands_second_of(found, signed_by):
                raise Denied("a password is asked for beside a key in a file", code="second_factor_missing")
            if found.person_id and self._accounts.demands_second_of(found, signed_by):
                self._demand_password(tx, found.person_id)
            return Newcomer(self._keep(tx, _WELCOME, kept, signed_by))
        return self._go_in(tx, found, signed_by, kept, visitor)

    def _go_in(
        self, tx: Tx, found: Known, signed_by: SignedBy, kept: dict[str, Any], visitor: Visitor
    ) -> Opened | NeedsSecond:
        kept = kept | {"person_id": found.person_id, "membership_id": found.membership_id}
        if self._accounts.demands_second(tx, found.person_id, signed_by):
            self._demand_password(tx, found.person_id)
            return NeedsSecond(self._keep(tx, _SECOND, kept, signed_by))
        return self._open(tx, kept, signed_by, visitor)

    def second(self, ticket: str, visitor: Visitor) -> Named | None:
        """Whose password a ticket asks for; None when it is spent, over, made up or another browser's."""
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=_SECOND, now=self._clock.now()) if ticket else None
            return account.named(tx, data["person_id"]) if data and visitor.is_marked(data["browser"]) else None

    def finish_second(self, ticket: str, password: str, visitor: Visitor) -> Opened | MustChange:
        """Checks the password beside the ЭЦҚ. A wrong one leaves the ticket good, until guesses are too many.

        A first password was printed, so others may have read it: it is replaced before the session opens.
        Raises TooSoon, Denied `login_failed` for a wrong password, Denied `link_expired` when the step is over.
        """
        person = self.second(ticket, visitor)
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=_SECOND, now=self._clock.now()) if person else None
        if data is None or person is None:
            raise Denied("this step is over, sign in again", code="link_expired")
        counted = self._throttle().enter(person.username, visitor.place)
        with self._uow.read() as tx:
            row = credentials.by_person(tx, person.id, "password")
        if row is None or not verify(str(row.data["hash"]), password):
            with self._uow.write() as tx:
                self._note_refusal(tx, data, "second_refused")
            raise Denied("wrong password", code="login_failed")
        signed_by = self._unseal(data, _SECOND, ticket)
        now = self._clock.now()
        with self._uow.write() as tx:
            self._throttle().passed(tx, counted)
            is_mine = one_time.consume(tx, ticket, purpose=_SECOND, now=now) is not None
            if not is_mine or not credentials.used(tx, row.id, now=now):
                raise Denied("this step is over, sign in again", code="link_expired")
            data = data | {"amr": [*data["amr"], "pwd", "mfa"]}
            if row.must_change:
                return MustChange(self._keep(tx, CHANGE, data | {"credential_id": row.id}, signed_by))
            return self._open(tx, data, signed_by, visitor)

    def signer_of_change(self, ticket: str, visitor: Visitor) -> SignedBy | None:
        """Whose ЭЦҚ led to the replacement of a first password; None when a password alone did.

        Raises Denied (`link_expired`) for another browser's.
        """
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=CHANGE, now=self._clock.now()) if ticket else None
        if data is None or "sealed" not in data:
            return None
        if not visitor.is_marked(data["browser"]):
            raise Denied("this step is over, sign in again", code="link_expired")
        return self._unseal(data, CHANGE, ticket)

    def changed(self, tx: Tx, data: dict[str, Any], signed_by: SignedBy, visitor: Visitor) -> Opened:
        """Goes on where `finish_second` asked for another password; `data` is what its ticket kept."""
        return self._open(tx, data, signed_by, visitor)

    def disown(self, ticket: str, visitor: Visitor) -> None:
        """«That is not me»: spends a step of this browser, so that nobody after it can go on."""
        now = self._clock.now()
        with self._uow.write() as tx:
            for purpose in (_SECOND, _WELCOME):
                data = one_time.peek(tx, ticket, purpose=purpose, now=now) if ticket else None
                if data is not None and visitor.is_marked(data["browser"]):
                    one_time.consume(tx, ticket, purpose=purpose, now=now)
                    self._note_refusal(tx, data, "disowned")

    def welcome(self, ticket: str, visitor: Visitor) -> Welcome | None:
        """What a newcomer is shown; None when the step is over or another browser's."""
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=_WELCOME, now=self._clock.now()) if ticket else None
        if data is None or not visitor.is_marked(data["browser"]):
            return None
        signed_by = self._unseal(data, _WELCOME, ticket)
        school = ""
        if signed_by.is_organisation:
            with self._uow.read() as tx:
                school = next((one.name for one in eds_accounts.schools_by_bin(tx, signed_by.bin)), "")
        role = "staff" if signed_by.is_organisation else "guardian"
        return Welcome(names_of(signed_by), masked(signed_by.iin), role, signed_by.organisation, school)

    def finish_welcome(self, ticket: str, visitor: Visitor) -> Opened | NeedsSecond:
        """The newcomer agreed: makes the account, or the role in one that is there, and goes on.

        Raises Denied: `link_expired`; what `EdsAccounts.decide` raises; `second_factor_missing` for a member of staff
        without a password. Who was unknown then has an account and a role that wait for one from the school; who was
        known stays what they were.
        """
        now = self._clock.now()
        with self._uow.read() as tx:
            seen = one_time.peek(tx, ticket, purpose=_WELCOME, now=now) if ticket else None
        if seen is None or not visitor.is_marked(seen["browser"]):
            raise Denied("this step is over, sign in again", code="link_expired")
        signed_by = self._unseal(seen, _WELCOME, ticket)
        lookup = self._accounts.lookup(signed_by)
        with self._uow.write() as tx:
            data = one_time.consume(tx, ticket, purpose=_WELCOME, now=now)
            if data is None:
                raise Denied("this step is over, sign in again", code="link_expired")
            result = self._begin(tx, data, signed_by, lookup, visitor)
        if result is None:
            raise Denied("a password is asked for beside the signature", code="second_factor_missing")
        return result

    def _begin(
        self, tx: Tx, data: dict[str, Any], signed_by: SignedBy, lookup: Lookup, visitor: Visitor
    ) -> Opened | NeedsSecond | None:
        """None when there is an account now, and no password that is asked for beside the signature."""
        found, made = self._accounts.decide(tx, signed_by, lookup), ""
        if isinstance(found, Stranger) and not found.person_id:
            made = self._accounts.begin_with(tx, signed_by, lookup, role=found.role, language=visitor.language)
            if not made:  # Between the two questions somebody was faster, and may have made them anything.
                found = self._accounts.decide(tx, signed_by, lookup)
        if isinstance(found, Known):  # Somebody was faster: the same person in another browser, or the school.
            return self._go_in(tx, found, signed_by, data, visitor)
        person_id = made or found.person_id
        data = data | {"person_id": person_id, "membership_id": ""}
        if found.school is None:
            self._accounts.add_guardian(tx, person_id)
            return self._open(tx, data, signed_by, visitor)
        prove = {"school_id": found.school.id}
        if self._accounts.demands_second_of(found, signed_by):
            if credentials.by_person(tx, person_id, "password") is not None:
                # The role is recorded only once the password was right: a copied key must not make a member of staff.
                return NeedsSecond(self._keep(tx, _SECOND, data | {"prove": prove}, signed_by))
            if made:  # From a role of staff on every key asks for a password: a parent without one would be locked out.
                self._prove(tx, person_id, prove, signed_by)
            self._note_refusal(tx, data, "second_factor_missing")
            return None
        return self._open(tx, data | {"prove": prove}, signed_by, visitor)

    def _prove(self, tx: Tx, person_id: str, prove: dict[str, Any], signed_by: SignedBy) -> str:
        return self._accounts.prove_membership(tx, person_id, str(prove["school_id"]), signed_by)

    def _open(self, tx: Tx, kept: dict[str, Any], signed_by: SignedBy, visitor: Visitor) -> Opened:
        person_id = str(kept["person_id"])
        if not eds_accounts.is_active(tx, person_id):
            raise EdsRefused("this person may not sign in")
        membership_id = str(kept["membership_id"])
        if kept.get("prove"):
            membership_id = self._prove(tx, person_id, kept["prove"], signed_by)
        self._accounts.used(tx, person_id, signed_by)
        entry = Entry(
            method=str(kept["method"]),
            person_id=person_id,
            acr=str(kept["acr"]),
            amr=tuple(kept["amr"]),
            is_shared=bool(kept["is_shared"]),
            membership_id=membership_id,
            more=kept["more"],
        )
        return open_session(tx, self._sessions, visitor, entry, now=self._clock.now())

    def _demand_password(self, tx: Tx, person_id: str) -> None:
        if credentials.by_person(tx, person_id, "password") is None:
            raise Denied("a password is asked for beside the signature", code="second_factor_missing")

    def _note_refusal(self, tx: Tx, data: dict[str, Any], why: str) -> None:
        audit.record(tx, event="login_failed", now=self._clock.now(), data={"method": data["method"], "why": why})

    def _keep(self, tx: Tx, purpose: str, data: dict[str, Any], signed_by: SignedBy) -> str:
        ticket = new_secret()
        sealed = self._sealed.seal(signed_by, step=_step(purpose, ticket))
        data = data | {"sealed": base64.b64encode(sealed).decode()}
        one_time.put(tx, ticket, purpose=purpose, data=data, now=self._clock.now(), ttl=TICKET_TTL)
        return ticket

    def _unseal(self, data: dict[str, Any], purpose: str, ticket: str) -> SignedBy:
        return self._sealed.open(base64.b64decode(str(data["sealed"])), step=_step(purpose, ticket))


def _step(purpose: str, ticket: str) -> str:
    return f"{purpose} {fingerprint(ticket)}"


def _issuer(signed_by: SignedBy) -> str:
    return "production" if signed_by.is_production else "test"
