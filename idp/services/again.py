"""Proving once more who one is, in the session one has: for an act that needs a stronger sign-in, or a recent one.

The session keeps its id, its secret changes (decision 0011). What is proved must be worth what the session already
claims, up to two factors: else a stolen cookie of a strong session and a password would make a recent strong one. It
then claims what was proved now, and no more: an old ЭЦҚ with a code of today is two factors of today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from idp.core import levels
from idp.core.clock import Clock
from idp.core.errors import Denied, NotFound
from idp.methods.method import Attempt, Beside, Proof, Refused
from idp.methods.passkey import Passkey, Unverified
from idp.methods.password import verify
from idp.services import proofs
from idp.services.entry import Entry, Visitor
from idp.services.factors import BY_PASSWORD, EDS, PASSKEY, PASSWORD, TOTP, WITH_APP, Factors
from idp.services.rights import RECENT
from idp.services.second_step import NeedsFactor, SecondStep
from idp.services.sessions import LiveSession, Opened, Sessions
from idp.services.throttle import Throttle
from idp.store import audit, credentials
from idp.store.session import Tx, UnitOfWork


class Again:
    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        sessions: Sessions,
        throttle: Callable[[], Throttle],
        *,
        ways: Mapping[str, Beside],
        passkey: Passkey,
        second: SecondStep,
        factors: Factors,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._sessions = sessions
        self._throttle = throttle
        self._ways = dict(ways)
        self._passkey = passkey
        self._second = second
        self._factors = factors

    def ways(self, session: LiveSession, acr: str) -> tuple[str, ...]:
        """What this person has that reaches `acr`: of `passkey`, `totp`, `password`, `eds`; the quickest first.

        `totp` alone only beside a password of this session that was proved within RECENT. `password` may lead on to a
        second step.
        """
        needed = needed_level(session.acr, acr)
        with self._uow.read() as tx:
            has = credentials.methods_of(tx, session.person_id)
        if needed == levels.EDS:
            return (EDS,) if EDS in has else ()
        is_beside = TOTP in has and self._is_after_password(session)
        found = [way for way, is_there in ((PASSKEY, PASSKEY in has), (TOTP, is_beside)) if is_there]
        if PASSWORD in has and (needed == levels.PASSWORD or (TOTP in has and not is_beside)):
            found.append(PASSWORD)
        return (*found, EDS) if EDS in has else tuple(found)

    def begin_passkey(self, session: LiveSession, acr: str, visitor: Visitor) -> str:
        """Options for a passkey of this person, as JSON."""
        return self._passkey.begin(self._attempt(session, acr, visitor)).shown["options"]

    def finish(
        self, session: LiveSession, way: str, answer: Mapping[str, str], visitor: Visitor, acr: str
    ) -> Opened | NeedsFactor:
        """Checks one of `ways`. Raises NotFound for another, TooSoon, Denied `login_failed` or `uv_needed`."""
        if way not in self.ways(session, acr) or way == EDS:
            raise NotFound("no such way")
        is_password = way == PASSWORD
        enter = self._throttle().enter
        counted = enter(session.username, visitor.place) if is_password else self._second.count(session.person_id)
        try:
            proof = self._prove(session, way, answer, visitor, acr)
        except Refused as error:
            is_unverified = isinstance(error, Unverified)
            why = "uv_needed" if is_unverified else "again_refused"
            with self._uow.write() as tx:
                audit.record(tx, event="login_failed", now=self._clock.now(), data={"method": way, "why": why})
            raise Denied("wrong answer", code="uv_needed" if is_unverified else "login_failed") from None
        now = self._clock.now()
        with self._uow.write() as tx:
            wrong = proofs.spend(tx, proof, now=now)
            if not wrong:
                (self._throttle() if is_password else self._second).passed(tx, counted)
                return self._go_on(tx, session, way, proof, visitor, acr)
            proofs.note_refusal(tx, proof, way, wrong, now=now)
        raise Denied("wrong answer", code="login_failed")

    def set_up_totp(self, session: LiveSession, ticket: str, code: str, visitor: Visitor) -> Opened | None:
        """Stores an authenticator that was begun in this session; raises as `Factors.check_totp`.

        The code is used up by it, so it counts: beside a password of this session that was proved within RECENT it
        raises the session, as the next code would half a minute later. None where the session stays as it is: it is
        strong already, or no password alone opened it, for a code by mail or on paper proves too little beside an app
        that is as new as the session.
        """
        enrolled = self._factors.check_totp(session.person_id, ticket, code, bound=session.id)
        with self._uow.write() as tx:
            self._factors.add(tx, session.person_id, TOTP, enrolled, session_id=session.id)
            if not (self._is_after_password(session) and session.amr == BY_PASSWORD):
                return None
            return self._renew(tx, session, TOTP, levels.MFA, WITH_APP, visitor)

    def _prove(self, session: LiveSession, way: str, answer: Mapping[str, str], visitor: Visitor, acr: str) -> Proof:
        attempt = self._attempt(session, acr, visitor)
        if way != PASSWORD:
            return self._ways[way].check(attempt, session.person_id, answer)
        with self._uow.read() as tx:
            row = credentials.by_person(tx, session.person_id, PASSWORD)
        if row is None or row.must_change or not verify(str(row.data["hash"]), answer.get("password", "")[:256]):
            raise Refused
        return Proof(session.person_id, row.id, levels.PASSWORD, ("pwd",))

    def _go_on(
        self, tx: Tx, session: LiveSession, way: str, proof: Proof, visitor: Visitor, acr: str
    ) -> Opened | NeedsFactor:
        needed = needed_level(session.acr, acr)
        if way == PASSWORD and needed != levels.PASSWORD:
            entry = Entry(way, session.person_id, proof.acr, proof.amr, session.is_shared)
            return self._second.ask(tx, entry, visitor, credential_id=proof.credential_id, needed=needed)
        # Beside a password the words of before stay: one of them says that a recovery code let in.
        amr = tuple(dict.fromkeys((*session.amr, *proof.amr))) if way == PASSWORD else proof.amr
        return self._renew(tx, session, way, proof.acr, amr, visitor)

    def _renew(
        self, tx: Tx, session: LiveSession, way: str, acr: str, amr: tuple[str, ...], visitor: Visitor
    ) -> Opened:
        opened = self._sessions.open(
            tx,
            person_id=session.person_id,
            acr=acr,
            amr=amr,
            is_shared=session.is_shared,
            browser=visitor.browser,
            replaces=visitor.session_token,
        )
        data = {"method": way, "acr": acr, "session": opened.session_id}
        audit.record(tx, event="step_up", now=self._clock.now(), person_id=session.person_id, data=data)
        return opened

    def _is_after_password(self, session: LiveSession) -> bool:
        """Whether this session is as old as its password, and that is recent: a code of the app alone is one factor."""
        is_recent = self._clock.now() - session.auth_time <= RECENT
        return is_recent and session.acr == levels.PASSWORD and "pwd" in session.amr

    def _attempt(self, session: LiveSession, acr: str, visitor: Visitor) -> Attempt:
        kept = {"person_id": session.person_id}
        if needed_level(session.acr, acr) != levels.PASSWORD:
            kept["verify"] = "1"
        return Attempt(self._clock.now(), visitor.language, kept=kept, bound=f"again {session.id} {visitor.mark}")


def needed_level(held: str, asked: str) -> str:
    """What must be proved: what is asked for, and no less than the session claims, up to two factors."""
    rank = max(levels.rank(asked), levels.rank(levels.PASSWORD), min(levels.rank(held), levels.rank(levels.MFA)))
    return levels.LEVELS[rank - 1]


def lowest(asked: Sequence[str]) -> str:
    """The weakest level that will do; the password's where no known one is named."""
    ranks = [rank for rank in (levels.rank(acr) for acr in asked) if rank]
    return levels.LEVELS[min(ranks) - 1] if ranks else levels.PASSWORD
