"""The log as people read it: what happened at the schools of a scope, with names where the scope reaches them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from idp.core.clock import LOCAL, Clock, local_date
from idp.core.scope import Scope
from idp.services.listing import Asked, Found
from idp.store import audit_log
from idp.store.audit_chain import EventRow
from idp.store.audit_log import Wanted
from idp.store.session import Tx, UnitOfWork

LOOKED_BACK = timedelta(days=31)
"""Without a first day; a whole log is asked for by naming one."""
MOST_EXPORTED = 20_000
OUTSIDE = "…"
"""Who is not within the reader's reach."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event. `actor` and `person` are names, OUTSIDE, or empty for nobody; `details` (word, value) pairs."""

    id: str
    at: datetime
    event: str
    actor: str
    person: str
    person_id: str
    client: str
    school: str
    details: tuple[tuple[str, str], ...]


class AuditLog:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def page(self, scope: Scope, asked: Asked, *, about: str = "", language: str = "kk") -> Found[LogLine]:
        """Filters `event`, `from`, `to` (days as 2026-09-01), and the words of a name. `about`: one person only.

        The caller has checked that the scope reaches that person.
        """
        with self._uow.read() as tx:
            wanted = self._wanted(tx, scope, asked, about)
            rows = audit_log.page(tx, scope, wanted, offset=asked.offset, limit=asked.per_page)
            return Found(self._told(tx, scope, rows, language), audit_log.number(tx, scope, wanted), asked)

    def lines(self, scope: Scope, asked: Asked, *, about: str = "", language: str = "kk") -> list[LogLine]:
        """Everything that the filters leave, up to MOST_EXPORTED, for a file."""
        with self._uow.read() as tx:
            wanted = self._wanted(tx, scope, asked, about)
            rows = audit_log.page(tx, scope, wanted, offset=0, limit=MOST_EXPORTED)
            return self._told(tx, scope, rows, language)

    def first_day(self, asked: Asked) -> date:
        """From when the list is shown."""
        return _day(asked.filters.get("from", "")) or local_date(self._clock.now() - LOOKED_BACK)

    def alerts(self, scope: Scope, *, days: int = 7) -> int:
        """How many alerts about exports the last days saw, for the overview."""
        now = self._clock.now()
        wanted = Wanted(now - timedelta(days=days), now + timedelta(seconds=1), event="export_alert")
        with self._uow.read() as tx:
            return audit_log.number(tx, scope, wanted)

    def _wanted(self, tx: Tx, scope: Scope, asked: Asked, about: str) -> Wanted:
        last = _day(asked.filters.get("to", "")) or date.max - timedelta(days=2)
        people = audit_log.namesakes(tx, scope, asked.words) if asked.words and not about else None
        return Wanted(
            begin=_begin(self.first_day(asked)),
            end=_begin(last + timedelta(days=1)),
            event=asked.filters.get("event", ""),
            people=people,
            about=about,
        )

    def _told(self, tx: Tx, scope: Scope, rows: list[EventRow], language: str) -> list[LogLine]:
        names = audit_log.names(tx, scope, {one for row in rows for one in (row.actor_id, row.person_id) if one})
        clients = audit_log.client_metadata(tx, {row.client_id for row in rows if row.client_id})
        schools = audit_log.school_names(tx, {row.school_id for row in rows if row.school_id})
        return [
            LogLine(
                id=row.id,
                at=row.at,
                event=row.event,
                actor=names.get(row.actor_id, OUTSIDE) if row.actor_id else "",
                person=names.get(row.person_id, OUTSIDE) if row.person_id else "",
                person_id=row.person_id if row.person_id in names else "",
                client=client_name(clients, row.client_id, language),
                school=school_name(schools, row.school_id, language),
                details=details(row.data),
            )
            for row in rows
        ]


def client_name(found: dict[str, dict[str, Any]], client_id: str, language: str) -> str:
    """As the client calls itself, else its id."""
    metadata = found.get(client_id, {})
    return str(metadata.get(f"client_name#{language}") or metadata.get("client_name") or client_id)


def school_name(found: dict[str, tuple[str, str]], school_id: str, language: str) -> str:
    kazakh, russian = found.get(school_id, ("", ""))
    return russian if language == "ru" and russian else kazakh


def details(data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The data of an event as pairs of short texts."""
    return tuple((word, _text(value)) for word, value in data.items() if value not in ("", None, [], {}))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{word}: {_text(one)}" for word, one in value.items())
    return str(value)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)
