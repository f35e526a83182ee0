"""Somebody at the door: the browser that comes, and the session that opens for whom it proved to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.core.ids import fingerprint, same
from idp.services.sessions import Opened, Sessions
from idp.store import audit
from idp.store.session import Tx

CHANGE = "password_change"
"""The purpose of a ticket that lets a first password be replaced."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The browser at the door: where it is, what it calls itself, and the cookies it holds."""

    place: str
    browser: str
    language: str
    session_token: str = ""
    browser_id: str = ""
    """The random id that ties steps to this browser."""
    interaction_id: str = ""
    """Which request of a client waits for this sign-in; empty without one."""
    asked: tuple[str, ...] = ()
    """The levels (`acr`) it would like, any of which will do."""

    @property
    def mark(self) -> str:
        """How a kept step remembers the browser it belongs to."""
        return fingerprint(self.browser_id)

    def is_marked(self, mark: object) -> bool:
        """Whether a kept step belongs to this browser; a browser without an id owns none."""
        return bool(self.browser_id) and same(str(mark), self.mark)


@dataclass(frozen=True, slots=True)
class MustChange:
    """The secret was right but is a first one; `ticket` lets this browser replace it once."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Entry:
    """How somebody came in. `more` goes into the audit beside what every sign-in says."""

    method: str
    person_id: str
    acr: str
    amr: tuple[str, ...]
    is_shared: bool
    membership_id: str = ""
    more: dict[str, Any] | None = None


def open_session(tx: Tx, sessions: Sessions, visitor: Visitor, entry: Entry, *, now: datetime) -> Opened:
    """Opens the session and writes down who came how, in one transaction."""
    opened = sessions.open(
        tx,
        person_id=entry.person_id,
        acr=entry.acr,
        amr=entry.amr,
        is_shared=entry.is_shared,
        browser=visitor.browser,
        replaces=visitor.session_token,
        membership_id=entry.membership_id,
    )
    data = {"method": entry.method, "acr": entry.acr, "session": opened.session_id, "shared": entry.is_shared}
    audit.record(tx, event="login", now=now, person_id=entry.person_id, data=data | (entry.more or {}))
    return opened
