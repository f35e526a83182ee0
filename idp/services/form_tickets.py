"""A form sent twice does its work once: its ticket remembers what the first sending made."""

from __future__ import annotations

from datetime import timedelta

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.services.acting import Actor
from idp.store import one_time
from idp.store.session import Tx

PURPOSE = "form_ticket"
KEEP = timedelta(days=1)


class FormTickets:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fresh(self) -> str:
        """For a hidden field of the form."""
        return new_id()

    def spent(self, tx: Tx, actor: Actor, ticket: str) -> str:
        """What the form has made already; empty for one that was not sent before."""
        kept = one_time.peek(tx, _key(actor, ticket), purpose=PURPOSE, now=self._clock.now()) if ticket else None
        return str(kept["made"]) if kept else ""

    def spend(self, tx: Tx, actor: Actor, ticket: str, made: str) -> None:
        """In the transaction of what is made. Raises IntegrityError when another sending was faster."""
        if ticket:
            data = {"made": made}
            one_time.put(tx, _key(actor, ticket), purpose=PURPOSE, data=data, now=self._clock.now(), ttl=KEEP)


def _key(actor: Actor, ticket: str) -> str:
    return f"{actor.person_id}:{ticket[:64]}"
