"""What a code by mail opens: a session, an address of one's own, a new password for one that was forgotten."""

from __future__ import annotations

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Denied, Invalid
from idp.methods.password import hash_password
from idp.oneroster.values import is_email
from idp.services import logout
from idp.services.entry import Entry, Visitor
from idp.services.factors import EDS, MAILED, PASSKEY, PASSWORD
from idp.services.mailed_codes import MailedCodes
from idp.services.passwords import mistakes
from idp.services.post import Post
from idp.services.second_step import NeedsFactor, PasswordNeeded, SecondStep
from idp.services.sessions import Opened
from idp.store import account, addresses, audit, credentials, second_factors, sessions
from idp.store.addresses import Address
from idp.store.session import Tx, UnitOfWork

_SIGN_IN, _ADDRESS, _PASSWORD = "mail_sign_in", "mail_address", "mail_password"
MAX_ADDRESS = 254
"""RFC 5321 §4.5.3.1.3."""


class ByMail:
    def __init__(self, uow: UnitOfWork, clock: Clock, codes: MailedCodes, second: SecondStep, post: Post) -> None:
        self._uow = uow
        self._clock = clock
        self._codes = codes
        self._second = second
        self._post = post

    @property
    def can_send(self) -> bool:
        return self._post.can_send

    def begin_sign_in(self, name: str, visitor: Visitor) -> str:
        """Sends a code to the confirmed address of who is meant by a username or an address; returns the challenge.

        The answer is the same whoever is meant. Raises TooSoon, Unavailable.
        """
        found = self._reachable(name)
        return self._send(_SIGN_IN, "sign_in_code", name, found, visitor)

    def finish_sign_in(self, challenge: str, code: str, visitor: Visitor, *, is_shared: bool) -> Opened | NeedsFactor:
        """Raises as `MailedCodes.check`, and Denied (`password_needed`)."""
        proof, data, counted = self._codes.check(_SIGN_IN, challenge, code, visitor)
        with self._uow.write() as tx:
            self._codes.spend(tx, _SIGN_IN, challenge, counted)
            now_at = addresses.of_person(tx, proof.person_id)
            if now_at is None or not now_at.is_verified or now_at.email != data["email"]:
                raise Denied("the address has changed", code="challenge_over")
            entry = Entry("mail_code", proof.person_id, proof.acr, proof.amr, is_shared)
            result = self._second.go_in(tx, entry, visitor)
        if isinstance(result, PasswordNeeded):
            raise Denied("a second step is asked for, beside a password", code="password_needed")
        return result

    def begin_address(self, person_id: str, email: str, visitor: Visitor) -> str:
        """Sends a code to a new address of somebody signed in. Raises Invalid (`email`), TooSoon, Unavailable."""
        email = email.strip().casefold()
        if len(email) > MAX_ADDRESS or not is_email(email):
            raise Invalid("no address", code="email")
        with self._uow.read() as tx:
            person = self._person(tx, person_id)
        return self._codes.send(
            _ADDRESS, "address_code", visitor, about=person_id, to=email, person_id=person_id,
            language=visitor.language, values={"name": person.name}, data={"email": email},
        )  # fmt: skip

    def finish_address(self, person_id: str, challenge: str, code: str, visitor: Visitor) -> str:
        """The address is theirs now; the old one is told. Raises as `MailedCodes.check`."""
        proof, data, counted = self._codes.check(_ADDRESS, challenge, code, visitor)
        now = self._clock.now()
        with self._uow.write() as tx:
            if proof.person_id != person_id:
                raise Denied("this step is over, begin again", code="challenge_over")
            self._codes.spend(tx, _ADDRESS, challenge, counted)
            before = self._person(tx, person_id)
            if before.email != data["email"]:
                self._post.tell(tx, before, "address_changed", now=now)
            addresses.confirm(tx, person_id, str(data["email"]), now=now)
            audit.record(tx, event="email_confirmed", now=now, person_id=person_id)
        return str(data["email"])

    def forget_address(self, person_id: str) -> None:
        """Raises Conflict when there is none, or (`last_way_in`) for who has no other way in than a code by mail."""
        now = self._clock.now()
        with self._uow.write() as tx:
            if not any(method in credentials.methods_of(tx, person_id) for method in (PASSWORD, PASSKEY, EDS)):
                raise Conflict("there would be no way in left", code="last_way_in")
            before = self._person(tx, person_id)
            if not addresses.forget(tx, person_id, now=now):
                raise Conflict("no address")
            self._post.tell(tx, before, "address_removed", now=now)
            audit.record(tx, event="email_removed", now=now, person_id=person_id)

    def begin_password(self, name: str, visitor: Visitor) -> str:
        """Sends a code for a new password, to grown-ups who have one; a pupil goes to the class teacher.

        The answer is the same whoever is meant. Raises TooSoon, Unavailable.
        """
        found = self._reachable(name)
        if found is not None:
            with self._uow.read() as tx:
                rules = second_factors.rules_of(tx, found.person_id, today=local_date(self._clock.now()))
                has_password = credentials.by_person(tx, found.person_id, "password") is not None
            if not has_password or (rules and all(role == "pupil" for role, _ in rules)):
                found = None
        return self._send(_PASSWORD, "password_code", name, found, visitor)

    def finish_password(self, challenge: str, code: str, password: str, again: str, visitor: Visitor) -> list[str]:
        """Replaces the password and ends every session. Returns what is wrong with the new one, empty when it is done.

        Raises as `MailedCodes.check`. A wrong new password leaves the code good.
        """
        proof, data, counted = self._codes.check(_PASSWORD, challenge, code, visitor)
        with self._uow.read() as tx:
            named = account.named(tx, proof.person_id)
            held = sessions.memberships_of_person(tx, proof.person_id, today=local_date(self._clock.now()))
        if named is None:
            raise Denied("this step is over, begin again", code="challenge_over")
        role = held[0].role if held else ""
        if wrong := mistakes(password, again, named, role=role):
            self._codes.forgive(counted)
            return wrong
        encoded, now = hash_password(password), self._clock.now()
        fresh = {"hash": encoded, MAILED: now.isoformat()}
        with self._uow.write() as tx:
            self._codes.spend(tx, _PASSWORD, challenge, counted)
            person = self._person(tx, proof.person_id)
            if not person.is_verified or person.email != data["email"]:
                raise Denied("the address has changed", code="challenge_over")
            credentials.replace(tx, "password", [(named.id, fresh)], must_change=False, now=now)
            audit.record(tx, event="password_changed", now=now, person_id=named.id, data={"by": "mail"})
            logout.end_everything(tx, named.id, now=now, reason="password_changed")
            self._post.tell(tx, person, "password_changed", now=now)
        return []

    def _reachable(self, name: str) -> Address | None:
        """Who may get a code at a confirmed address; None for everybody else."""
        typed = name.strip().casefold()
        if not typed or len(typed) > MAX_ADDRESS or "\x00" in typed:
            return None
        with self._uow.read() as tx:
            found = addresses.named(tx, typed)
        return found if found is not None and found.is_verified and found.email else None

    def _send(self, purpose: str, letter: str, name: str, found: Address | None, visitor: Visitor) -> str:
        return self._codes.send(
            purpose,
            letter,
            visitor,
            about=name.strip().casefold()[:MAX_ADDRESS],
            to=found.email if found else "",
            person_id=found.person_id if found else "",
            language=found.language if found else "",
            values={"name": found.name, "username": found.username} if found else {},
            data={"email": found.email if found else ""},
        )

    def _person(self, tx: Tx, person_id: str) -> Address:
        person = addresses.of_person(tx, person_id)
        if person is None:
            raise Denied("this person may not sign in", code="challenge_over")
        return person
