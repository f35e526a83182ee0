"""The periodic work of a client: what has expired is deleted, and the copy of the feed is brought up to date."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Table, delete, or_

from clients.kit import tables
from clients.kit.db import Database
from clients.kit.logs import log
from clients.kit.sessions import IDLE
from idp.core.clock import Clock, monotonic

_EVERY = 600.0
_PULL_EVERY = 60.0


def clean_up(database: Database, now: datetime, expiring: Sequence[Table] = ()) -> dict[str, int]:
    """Deletes expired rows and returns how many, by table. `expiring` are the client's own tables with `expires_at`."""
    session = tables.sessions.c
    expired = {
        "sessions": delete(tables.sessions).where(or_(session.expires_at <= now, session.last_seen_at <= now - IDLE)),
        "login_states": delete(tables.login_states).where(tables.login_states.c.expires_at <= now),
        "logout_tokens": delete(tables.logout_tokens).where(tables.logout_tokens.c.expires_at <= now),
    }
    expired |= {table.name: delete(table).where(table.c.expires_at <= now) for table in expiring}
    counts = {}
    for name, statement in expired.items():
        with database.write() as connection:
            counts[name] = connection.execute(statement).rowcount
    return counts


def run_worker(
    database: Database,
    clock: Clock,
    *,
    once: bool,
    pull: Callable[[], dict[str, int]] | None = None,
    expiring: Sequence[Table] = (),
) -> None:
    """Works until SIGTERM or SIGINT; with `once` a single round. Several may run: deleting twice deletes nothing.

    `pull` reads the feed; it is called each minute, and logs what fails itself.
    """
    stop = threading.Event()
    if not once:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    next_clean_up = monotonic()
    while True:
        if pull is not None:
            log.info("feed read", extra={"counts": pull()})
        if monotonic() >= next_clean_up:
            log.info("cleaned up", extra={"counts": clean_up(database, clock.now(), expiring)})
            next_clean_up = monotonic() + _EVERY
        if once or stop.wait(_PULL_EVERY if pull else _EVERY):
            return
