"""How somebody signs in, managed by themselves: passkeys, the authenticator, recovery codes, and what they are told.

The door of the page asks for a recent sign-in first, and for a strong one of who has a strong method
(`level_for_change`): whoever only has a stolen password cannot take a factor away or add their own beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idp.core import levels
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Denied, NotFound
from idp.core.ids import new_secret
from idp.core.scope import Scope
from idp.methods.method import Attempt, Enrolled, Enrols, Owner, Refused
from idp.methods.passkey import Passkey
from idp.methods.recovery import NUMBER, Recovery, new_code
from idp.methods.totp import Totp
from idp.services import logout, proofs
from idp.services.post import Post
from idp.services.sessions import STAFF_ROLES
from idp.store import account, addresses, audit, credentials, directory, one_time, second_factors
from idp.store.addresses import Address
from idp.store.credentials import CredentialRow
from idp.store.session import Tx, UnitOfWork

PASSKEY, TOTP, RECOVERY, EDS, PASSWORD = "passkey", "totp", "recovery", "eds", "password"
SECOND_STEP = "second_step"
"""A row that proves nothing: its owner wants a second step after every password."""
FACTORS = (PASSKEY, TOTP)
RECOVERED = Recovery.amr
WITH_APP = Totp.amr
BY_PASSWORD = ("pwd",)
"""The `amr` of a session that nothing but a password opened."""
MAX_PASSKEYS = 20
MAX_LABEL = 60
_ENROLMENT = "totp_enrolment"
_TTL = timedelta(minutes=30)
MAILED = "mailed_at"
"""Where a password keeps when it was set by a code by mail."""
_AFTER_MAIL = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Held:
    """How one person can prove who they are, as their own page shows it."""

    address: Address
    has_password: bool
    passkeys: tuple[CredentialRow, ...]
    totp: CredentialRow | None
    codes: int
    """Recovery codes left."""
    eds: CredentialRow | None
    asks_second: bool

    @property
    def has_factor(self) -> bool:
        return bool(self.passkeys or self.totp)

    @property
    def is_strong(self) -> bool:
        return self.has_factor or self.eds is not None


@dataclass(frozen=True, slots=True)
class Setting:
    """An authenticator that is being set up: the ticket of it, `uri` for a QR code, and the key to type instead."""

    ticket: str
    uri: str
    key: str


class Factors:
    def __init__(
        self, uow: UnitOfWork, clock: Clock, passkey: Passkey, totp: Totp, recovery: Recovery, post: Post
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._passkey = passkey
        self._totp = totp
        self._recovery = recovery
        self._post = post

    def held(self, person_id: str) -> Held:
        """Raises NotFound for who may not sign in."""
        with self._uow.read() as tx:
            address = addresses.of_person(tx, person_id)
            rows = credentials.of_person(tx, person_id)
        if address is None:
            raise NotFound("no such person")
        by_method: dict[str, list[CredentialRow]] = {}
        for row in rows:
            by_method.setdefault(row.method, []).append(row)
        return Held(
            address,
            has_password=PASSWORD in by_method,
            passkeys=tuple(by_method.get(PASSKEY, ())),
            totp=next(iter(by_method.get(TOTP, ())), None),
            codes=len(by_method.get(RECOVERY, ())),
            eds=next(iter(by_method.get(EDS, ())), None),
            asks_second=SECOND_STEP in by_method,
        )

    def level_for_change(self, person_id: str, amr: Sequence[str]) -> str:
        """The `acr` that changing anything here needs.

        Who came in with a recovery code has lost the strong method, and must be able to replace it.
        """
        with self._uow.read() as tx:
            has = credentials.methods_of(tx, person_id)
        is_strong = any(method in has for method in (*FACTORS, EDS))
        return levels.MFA if is_strong and tuple(amr) != RECOVERED else levels.PASSWORD

    def check_first(self, person_id: str, acr: str, amr: Sequence[str]) -> None:
        """Raises Denied (`first_factor_elsewhere`) for who may not add the first factor in a session like this."""
        with self._uow.read() as tx:
            if self.is_for_the_desk(tx, person_id, acr, amr):
                raise Denied("the school office helps with the first factor", code="first_factor_elsewhere")

    def is_for_the_desk(self, tx: Tx, person_id: str, acr: str, amr: Sequence[str]) -> bool:
        """Whether a member of staff without any strong method came in by mail: by a code, or by a password of the last
        24 hours that a code set. Whoever reads the mail of a member of staff must not become strong by it."""
        has = credentials.methods_of(tx, person_id)
        if levels.satisfies(acr, (levels.MFA,)) or any(method in has for method in (*FACTORS, EDS)):
            return False
        now = self._clock.now()
        password = credentials.by_person(tx, person_id, PASSWORD)
        mailed = str(password.data.get(MAILED, "")) if password is not None else ""
        is_by_mail = "pwd" not in amr or (mailed and now < datetime.fromisoformat(mailed) + _AFTER_MAIL)
        rules = second_factors.rules_of(tx, person_id, today=local_date(now)) if is_by_mail else ()
        return any(role in STAFF_ROLES for role, _ in rules)

    def begin_passkey(self, person_id: str, *, bound: str) -> str:
        """The options that a browser makes a passkey by, as JSON; good for `bound` alone."""
        attempt = Attempt(self._clock.now(), "", bound=_bound(person_id, bound))
        return self._passkey.begin_enrolment(attempt, self._owner(person_id)).shown["options"]

    def check_passkey(self, person_id: str, response: str, *, bound: str) -> Enrolled:
        """Reads what the browser brought. Raises Denied (`enrolment_refused`)."""
        attempt = Attempt(self._clock.now(), "", bound=_bound(person_id, bound))
        return self._checked(self._passkey, attempt, person_id, {"response": response})

    def add_passkey(self, person_id: str, response: str, *, bound: str, label: str) -> str:
        """One more passkey; returns its id. Raises Denied (`enrolment_refused`), Conflict."""
        enrolled = self.check_passkey(person_id, response, bound=bound)
        with self._uow.write() as tx:
            return self.add(tx, person_id, PASSKEY, enrolled, label=label)

    def begin_totp(self, person_id: str, *, bound: str) -> Setting:
        """A new key. It counts for nothing until a code has shown that the app has it.

        Raises Denied (`app_without_password`) for who has no password: an app stands beside one, so its owner could
        prove nothing by it, and would be asked for it at every sign-in.
        """
        with self._uow.read() as tx:
            self._check_beside(tx, person_id)
        owner, now = self._owner(person_id), self._clock.now()
        challenge = self._totp.begin_enrolment(Attempt(now, ""), owner)
        ticket = new_secret()
        data = {"kept": dict(challenge.kept), "bound": _bound(person_id, bound)}
        with self._uow.write() as tx:
            one_time.put(tx, ticket, purpose=_ENROLMENT, data=data, now=now, ttl=_TTL)
        return Setting(ticket, challenge.shown["uri"], challenge.shown["key"])

    def setting(self, person_id: str, ticket: str, *, bound: str) -> Setting:
        """The same key again. Raises Denied (`link_expired`) for a ticket that is over or somebody else's."""
        attempt = self._kept(person_id, ticket, bound)
        shown = self._totp.show_again(attempt, self._owner(person_id)).shown
        return Setting(ticket, shown["uri"], shown["key"])

    def check_totp(self, person_id: str, ticket: str, code: str, *, bound: str) -> Enrolled:
        """Raises Denied: `link_expired`, or `enrolment_refused` for a wrong code, which leaves the ticket good."""
        attempt = self._kept(person_id, ticket, bound)
        return replace(self._checked(self._totp, attempt, person_id, {"code": code}), once=ticket)

    def add_totp(self, person_id: str, ticket: str, code: str, *, bound: str) -> None:
        """Replaces whatever authenticator there was. Raises as `check_totp`."""
        enrolled = self.check_totp(person_id, ticket, code, bound=bound)
        with self._uow.write() as tx:
            self.add(tx, person_id, TOTP, enrolled)

    def add(
        self, tx: Tx, person_id: str, method: str, enrolled: Enrolled, *, label: str = "", session_id: str = ""
    ) -> str:
        """Stores a new factor in the caller's transaction; returns its id. An app that it replaces may be in a thief's
        hands, so every session but `session_id` ends then.

        Raises Denied (`link_expired`) when the same enrolment was finished before, Conflict for too many passkeys.
        """
        now = self._clock.now()
        if method == TOTP:
            if one_time.consume(tx, enrolled.once, purpose=_ENROLMENT, now=now) is None:
                raise Denied("this step is over, begin again", code="link_expired")
            self._check_beside(tx, person_id)
            if credentials.remove_all(tx, person_id, (TOTP,)):
                logout.end_everything(tx, person_id, now=now, reason="factor_removed", but=session_id)
            self._ask_second(tx, person_id, now)
        else:
            if not proofs.once(tx, enrolled.once, now=now):
                raise Denied("this step is over, begin again", code="link_expired")
            if credentials.methods_of(tx, person_id).get(PASSKEY, 0) >= MAX_PASSKEYS:
                raise Conflict("too many passkeys")
            if credentials.is_taken(tx, enrolled.handle, method):
                raise Denied("this passkey is there already", code="enrolment_refused")
        credential_id = credentials.add(
            tx, person_id, method, enrolled.data, now=now, handle=enrolled.handle, counter=enrolled.counter,
            label=_label(label),
        )  # fmt: skip
        data = {"method": method, "credential": credential_id}
        audit.record(tx, event="factor_added", now=now, person_id=person_id, data=data)
        self._post.tell(tx, addresses.of_person(tx, person_id), f"{method}_added", now=now)
        return credential_id

    def passkey(self, person_id: str, credential_id: str) -> CredentialRow:
        """Raises NotFound for anybody else's."""
        for row in self.held(person_id).passkeys:
            if row.id == credential_id:
                return row
        raise NotFound("no such passkey")

    def rename(self, person_id: str, credential_id: str, label: str) -> None:
        self.passkey(person_id, credential_id)
        now = self._clock.now()
        with self._uow.write() as tx:
            credentials.rename(tx, person_id, credential_id, _label(label))
            data = {"method": PASSKEY, "credential": credential_id}
            audit.record(tx, event="factor_renamed", now=now, person_id=person_id, data=data)

    def remove_passkey(self, person_id: str, credential_id: str, *, session_id: str) -> None:
        """Takes one away and ends every other session, for it may be in a thief's hands.

        Raises NotFound, or Conflict (`last_way_in`) for the last way in of somebody without a password.
        """
        self.passkey(person_id, credential_id)
        now = self._clock.now()
        with self._uow.write() as tx:
            has = credentials.methods_of(tx, person_id)
            if has.get(PASSKEY, 0) < 2 and PASSWORD not in has and EDS not in has:
                raise Conflict("there would be no way in left", code="last_way_in")
            if not credentials.remove(tx, person_id, credential_id):
                raise NotFound("no such passkey")
            self._removed(tx, person_id, PASSKEY, credential_id, session_id, now)

    def remove_totp(self, person_id: str, *, session_id: str) -> None:
        """Raises NotFound when there is none."""
        now = self._clock.now()
        with self._uow.write() as tx:
            if not credentials.remove_all(tx, person_id, (TOTP,)):
                raise NotFound("no authenticator")
            self._removed(tx, person_id, TOTP, "", session_id, now)

    def make_codes(self, person_id: str) -> list[str]:
        """Ten new codes, seen this once; older ones are no longer good.

        Raises Conflict for who has no factor they could stand in for: codes made by a thief of the password would wait
        for the day the owner sets one up.
        """
        codes, now = [new_code() for _ in range(NUMBER)], self._clock.now()
        with self._uow.write() as tx:
            if not any(method in credentials.methods_of(tx, person_id) for method in FACTORS):
                raise Conflict("there is no second factor yet")
            credentials.remove_all(tx, person_id, (RECOVERY,))
            for code in codes:
                handle = self._recovery.handle(person_id, code)
                credentials.add(tx, person_id, RECOVERY, {}, now=now, handle=handle)
            audit.record(tx, event="recovery_codes_made", now=now, person_id=person_id, data={"number": len(codes)})
            self._post.tell(tx, addresses.of_person(tx, person_id), "codes_made", now=now)
        return codes

    def switch_second_step(self, person_id: str, *, on: bool) -> None:
        """Whether a second step is asked for after every password. Raises Conflict for who has no factor."""
        now = self._clock.now()
        with self._uow.write() as tx:
            has = credentials.methods_of(tx, person_id)
            if on and not any(method in has for method in FACTORS):
                raise Conflict("there is no second factor yet")
            if on:
                self._ask_second(tx, person_id, now)
            else:
                credentials.remove_all(tx, person_id, (SECOND_STEP,))
            audit.record(tx, event="second_step_switched", now=now, person_id=person_id, data={"on": on})
            self._post.tell(tx, addresses.of_person(tx, person_id), f"second_step_{'on' if on else 'off'}", now=now)

    def reset(self, scope: Scope, person_id: str, actor: str, *, check: Callable[[Tx], None] = lambda _tx: None) -> int:
        """The school takes every factor of a person away who has lost them; the password stays, and sessions end.

        Also the note that they have an ЭЦҚ, beside which a password sets nothing up: who cannot use it any more would
        be locked out where a second step is asked for. The next ЭЦҚ of theirs makes it anew.

        `actor` is the id of who does it; `check` is asked in the same transaction and may raise. Returns how many there
        were. Raises NotFound for a person outside the scope.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            if not directory.within(tx, scope, person_id):
                raise NotFound("no such person")
            check(tx)
            gone = credentials.remove_all(tx, person_id, (*FACTORS, EDS, RECOVERY, SECOND_STEP))
            logout.end_everything(tx, person_id, now=now, reason="factors_reset")
            school_id = scope.schools[0] if len(scope.schools) == 1 else ""
            audit.record(
                tx, event="factors_reset", now=now, actor_id=actor, person_id=person_id, school_id=school_id,
                data={"number": gone},
            )  # fmt: skip
            self._post.tell(tx, addresses.of_person(tx, person_id), "factors_reset", now=now)
        return gone

    def _removed(self, tx: Tx, person_id: str, method: str, credential_id: str, session_id: str, now: datetime) -> None:
        if not any(one in credentials.methods_of(tx, person_id) for one in FACTORS):
            # Nothing is left that could be asked for, so nothing that asks and nothing that stands in for it.
            credentials.remove_all(tx, person_id, (SECOND_STEP, RECOVERY))
        logout.end_everything(tx, person_id, now=now, reason="factor_removed", but=session_id)
        data = {"method": method} | ({"credential": credential_id} if credential_id else {})
        audit.record(tx, event="factor_removed", now=now, person_id=person_id, data=data)
        self._post.tell(tx, addresses.of_person(tx, person_id), f"{method}_removed", now=now)

    def _check_beside(self, tx: Tx, person_id: str) -> None:
        if PASSWORD not in credentials.methods_of(tx, person_id):
            raise Denied("an app stands beside a password", code="app_without_password")

    def _ask_second(self, tx: Tx, person_id: str, now: datetime) -> None:
        if SECOND_STEP not in credentials.methods_of(tx, person_id):
            credentials.add(tx, person_id, SECOND_STEP, {}, now=now)

    def _owner(self, person_id: str) -> Owner:
        with self._uow.read() as tx:
            named = account.named(tx, person_id)
            held = credentials.of_person(tx, person_id, PASSKEY)
        if named is None:
            raise NotFound("no such person")
        return Owner(person_id, named.username, named.name, tuple(row.handle for row in held))

    def _kept(self, person_id: str, ticket: str, bound: str) -> Attempt:
        now = self._clock.now()
        with self._uow.read() as tx:
            data = one_time.peek(tx, ticket, purpose=_ENROLMENT, now=now) if ticket else None
        if data is None or data["bound"] != _bound(person_id, bound):
            raise Denied("this step is over, begin again", code="link_expired")
        return Attempt(now, "", kept=data["kept"])

    def _checked(self, method: Enrols, attempt: Attempt, person_id: str, answer: dict[str, str]) -> Enrolled:
        try:
            return method.finish_enrolment(attempt, self._owner(person_id), answer)
        except Refused:
            raise Denied("this does not show that you have it", code="enrolment_refused") from None


def _bound(person_id: str, bound: str) -> str:
    return f"enrol {person_id} {bound}"


def _label(text: str) -> str:
    """One line of printable characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:MAX_LABEL]
