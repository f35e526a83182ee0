"""The parts of signing in that lean on one another, put together once: factors, second step, proving again, mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlsplit

from idp.core.clock import Clock
from idp.methods.mail_code import MailCode
from idp.methods.method import Beside
from idp.methods.passkey import Passkey
from idp.methods.ports import HeldCredentials
from idp.methods.recovery import Recovery
from idp.methods.totp import Totp
from idp.services.again import Again
from idp.services.by_mail import ByMail
from idp.services.factors import Factors
from idp.services.mailed_codes import MailedCodes
from idp.services.post import Post
from idp.services.second_step import SecondStep
from idp.services.sessions import Sessions
from idp.services.throttle import Limits, Throttle
from idp.store.session import UnitOfWork

FEW = Limits(account_and_place=5, account=5, place=600)
SECOND = Limits(account=10, window=timedelta(hours=1))
LETTERS = Limits(account=5, window=timedelta(days=1))
TRIES = Limits(account=25, window=timedelta(days=1))
"""Five of each of five letters: right ones count too, for what they open is a person's own."""


@dataclass(frozen=True)
class SignIn:
    """`issuer` is our own address, `rule` the installation's about second factors, `can_send` whether mail leaves."""

    uow: UnitOfWork
    clock: Clock
    secret: Callable[[str], bytes]
    stored: HeldCredentials
    sessions: Sessions
    throttle: Callable[[], Throttle]
    issuer: str
    rule: str
    can_send: bool

    @cached_property
    def passkey(self) -> Passkey:
        site = urlsplit(self.issuer)
        origin = f"{site.scheme}://{site.netloc}"
        return Passkey(self.stored, self.secret, host=site.hostname or "", origin=origin)

    @cached_property
    def totp(self) -> Totp:
        return Totp(self.stored, self.secret)

    @cached_property
    def recovery(self) -> Recovery:
        return Recovery(self.stored, self.secret)

    @cached_property
    def mail_code(self) -> MailCode:
        return MailCode(self.secret, can_send=self.can_send)

    @cached_property
    def ways(self) -> dict[str, Beside]:
        """What stands beside a password."""
        beside: tuple[Beside, ...] = (self.passkey, self.totp, self.recovery)
        return {way.name: way for way in beside}

    @cached_property
    def post(self) -> Post:
        return Post(self.secret, can_send=self.can_send)

    @cached_property
    def factors(self) -> Factors:
        return Factors(
            self.uow, self.clock, passkey=self.passkey, totp=self.totp, recovery=self.recovery, post=self.post
        )

    @cached_property
    def second(self) -> SecondStep:
        return SecondStep(
            self.uow,
            self.clock,
            self.sessions,
            by_person=lambda: Throttle(self.uow, self.clock, self.secret("token"), SECOND),
            by_ticket=self._few,
            ways=self.ways,
            passkey=self.passkey,
            factors=self.factors,
            post=self.post,
            rule=self.rule,
        )

    @cached_property
    def again(self) -> Again:
        return Again(
            self.uow,
            self.clock,
            self.sessions,
            self.throttle,
            ways=self.ways,
            passkey=self.passkey,
            second=self.second,
            factors=self.factors,
        )

    @cached_property
    def by_mail(self) -> ByMail:
        codes = MailedCodes(
            self.uow, self.clock, self.mail_code, self.post, self._few, letters=self._letters, tries=self._tries
        )
        return ByMail(self.uow, self.clock, codes, self.second, self.post)

    def _few(self) -> Throttle:
        return Throttle(self.uow, self.clock, self.secret("token"), FEW)

    def _letters(self) -> Throttle:
        return Throttle(self.uow, self.clock, self.secret("token"), LETTERS)

    def _tries(self) -> Throttle:
        return Throttle(self.uow, self.clock, self.secret("token"), TRIES)
