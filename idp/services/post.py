"""Mail on its way out: a letter is put into the outbox in the transaction of what it tells of.

An address and a code lie there until the letter is sent, so they are sealed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.clock import epoch
from idp.methods.sealing import seal, unseal
from idp.store import outbox
from idp.store.addresses import Address
from idp.store.session import Tx

KIND = "mail"
_ABOUT = "mail"


@dataclass(frozen=True, slots=True)
class Letter:
    """`letter` names the text; `values` fill it. `until` is when it is no longer worth sending, 0 for never."""

    letter: str
    to: str
    language: str
    values: Mapping[str, str]
    until: int = 0


class Post:
    def __init__(self, secret: Callable[[str], bytes], *, can_send: bool) -> None:
        self._secret = secret
        self.can_send = can_send

    def put(
        self, tx: Tx, letter: str, to: str, language: str, values: Mapping[str, str], *, now: datetime,
        ttl: timedelta | None = None,
    ) -> None:  # fmt: skip
        """Nothing happens where no mail can be sent."""
        if not self.can_send:
            return
        data = [letter, to, language, dict(values), epoch(now + ttl) if ttl else 0]
        sealed = seal(self._secret("credential_seal"), _ABOUT, json.dumps(data))
        outbox.enqueue(tx, kind=KIND, data={"letter": letter, "sealed": sealed}, now=now)

    def tell(self, tx: Tx, person: Address | None, what: str, *, now: datetime) -> None:
        """Tells somebody with a confirmed address what changed about how they sign in (`security_notice`)."""
        if person is not None and person.is_verified and person.email:
            values = {"what": what, "name": person.name, "username": person.username}
            self.put(tx, "security_notice", person.email, person.language, values, now=now)

    def open(self, data: Mapping[str, str]) -> Letter:
        """What lies in an item of the outbox."""
        return Letter(*json.loads(unseal(self._secret("credential_seal"), _ABOUT, str(data["sealed"]))))
