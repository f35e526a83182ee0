"""Codes by mail: sent to an address, typed in the browser that asked, five tries, ten minutes, once.

What stands behind a code is the caller's: a sign-in, a new address, a forgotten password. Whoever asks learns nothing
from the answer: for an unknown name the same is kept, and no letter leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idp.core.clock import Clock
from idp.core.errors import Denied, TooSoon, Unavailable
from idp.core.ids import new_secret
from idp.methods.mail_code import LIFETIME, MailCode, new_code
from idp.methods.method import Attempt, Proof, Refused
from idp.services.entry import Visitor
from idp.services.post import Post
from idp.services.throttle import Throttle, Ticket
from idp.store import audit, one_time
from idp.store.session import Tx, UnitOfWork

_UNKNOWN = ""


class MailedCodes:
    """`few` is a throttle that allows five: letters to one name, and tries of one code. `letters` and `tries` are those
    of one person in a day, whichever of their names was typed; an answer never shows that they were too many, or it
    would tell that two names are one person's."""

    def __init__(
        self, uow: UnitOfWork, clock: Clock, method: MailCode, post: Post, few: Callable[[], Throttle],
        *, letters: Callable[[], Throttle], tries: Callable[[], Throttle],
    ) -> None:  # fmt: skip
        self._uow = uow
        self._clock = clock
        self._method = method
        self._post = post
        self._few = few
        self._letters = letters
        self._tries = tries

    def send(
        self, purpose: str, letter: str, visitor: Visitor, *, about: str, to: str, person_id: str,
        language: str, values: Mapping[str, str], data: Mapping[str, Any],
    ) -> str:  # fmt: skip
        """The id of a challenge. `about` is what was typed, or the id of who is signed in; an empty `to` sends none.

        After five letters to a person in a day none leaves, which only who is signed in is told. Raises TooSoon,
        Unavailable where no mail can be sent.
        """
        if not self._post.can_send:
            raise Unavailable("no mail can be sent", detail="IDP_SMTP_URL is not set")
        self._few().enter(f"letters {about}", visitor.place)
        if to and person_id:
            try:
                self._letters().enter_alone(f"letters of {person_id}")
            except TooSoon:
                if about == person_id:
                    raise
                to = _UNKNOWN
        challenge, code, now = new_secret(24), new_code(), self._clock.now()
        mac = self._method.kept_for(challenge, code) if to else _UNKNOWN
        kept = {"person_id": person_id, "mac": mac}
        row = {"kept": kept, "browser": visitor.mark, "data": dict(data)}
        with self._uow.write() as tx:
            one_time.put(tx, challenge, purpose=purpose, data=row, now=now, ttl=LIFETIME)
            if to:
                self._post.put(tx, letter, to, language, {**values, "code": code}, now=now, ttl=LIFETIME)
                audit.record(tx, event="mail_code_sent", now=now, person_id=person_id, data={"for": purpose})
        return challenge

    def check(self, purpose: str, challenge: str, code: str, visitor: Visitor) -> tuple[Proof, dict[str, Any], Ticket]:
        """Who proved to read the mail, what was kept, and the counted try, which `spend` takes back.

        Raises TooSoon after five tries, Denied: `challenge_over`, or `login_failed` for a wrong code.
        """
        now = self._clock.now()
        with self._uow.read() as tx:
            row = one_time.peek(tx, challenge, purpose=purpose, now=now) if challenge else None
        if row is None or not visitor.is_marked(row["browser"]):
            raise Denied("this step is over, begin again", code="challenge_over")
        counted = self._few().enter(f"code {challenge}", visitor.place)
        try:
            self._try(str(row["kept"]["person_id"]))
            attempt = Attempt(now, visitor.language, kept=row["kept"])
            proof = self._method.finish(attempt, {"challenge": challenge, "code": code})
        except Refused:
            with self._uow.write() as tx:
                audit.record(tx, event="login_failed", now=now, data={"method": self._method.name, "why": "refused"})
            raise Denied("wrong code", code="login_failed") from None
        return proof, row["data"], counted

    def _try(self, person_id: str) -> None:
        """Counts a try by the person it is about. Raises Refused, as for a wrong code, when there were too many."""
        try:
            if person_id:
                self._tries().enter_alone(f"tries of {person_id}")
        except TooSoon:
            raise Refused from None

    def spend(self, tx: Tx, purpose: str, challenge: str, counted: Ticket) -> None:
        """Uses the code up, in the transaction of what it opens. Raises Denied (`challenge_over`)."""
        if one_time.consume(tx, challenge, purpose=purpose, now=self._clock.now()) is None:
            raise Denied("this step is over, begin again", code="challenge_over")
        self._few().passed(tx, counted)

    def forgive(self, counted: Ticket) -> None:
        """The code was right, and something else was wrong: the try does not count."""
        with self._uow.write() as tx:
            self._few().forgive(tx, counted)
