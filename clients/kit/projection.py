"""A local copy of what the IdP's feed tells this client: it serves while the IdP is away, and says how old it is.

Pulled by the worker with the client's own token. First a snapshot, page by page, then changes from where the log stood;
each page and the cursor after it are one transaction, so a worker that dies begins where it stopped. When a cursor has
become too old a new snapshot is read beside the old records, which stay until it is complete. Where the IdP tells us
nothing any more, because a school has switched the client off or a scope was taken away, the records go at once. The
copy decides nothing about a child or a card at the door: those are asked of the IdP each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from clients.kit import tables
from clients.kit.db import Database, upsert
from clients.kit.logs import log
from clients.kit.own_token import OwnCalls
from idp.core.clock import Clock
from idp.core.errors import BilimError, Denied, Unavailable

OLD = timedelta(minutes=15)
"""From when on pages warn that the copy may be behind."""
_LIMIT = "500"
_MOST_PAGES = 10_000
_KEY = 64
_WITHDRAWN = ((403, "insufficient_scope"), (404, "not_found"))
"""Refusals in the IdP's own words; a 404 of something in between says nothing about us."""
_records = tables.feed_records
_cursors = tables.feed_cursors


@dataclass(frozen=True, slots=True)
class Freshness:
    """`as_of` is None before the first complete snapshot."""

    as_of: datetime | None
    is_old: bool


@dataclass(frozen=True, slots=True)
class _Place:
    cursor: str
    round: int
    in_snapshot: bool


class Projection:
    def __init__(
        self, database: Database, calls: OwnCalls, clock: Clock, kinds: Sequence[str], *, school: str = ""
    ) -> None:
        """`school` narrows everything to one school; else all schools where the client is on."""
        self._database = database
        self._calls = calls
        self._clock = clock
        self._kinds = tuple(kinds)
        self._school = school

    def pull(self) -> dict[str, int]:
        """Brings every kind up to date; how many records came, by kind. What fails is logged and tried next time."""
        came: dict[str, int] = {}
        for kind in self._kinds:
            try:
                came[kind] = self.pull_kind(kind)
            except BilimError as error:
                log.warning("feed not read", extra={"kind": kind, "code": error.code, "detail": error.detail})
        return came

    def pull_kind(self, kind: str) -> int:
        """Reads until nothing is left to read. Raises Unavailable and Denied; what came until then is kept, unless we
        may have nothing of it any more."""
        came, has_begun_again = 0, False
        for _ in range(_MOST_PAGES):
            place = self._place(kind)
            answer = self._calls.get(f"/api/v1/feed/{kind}", self._query(place))
            code = _code(answer)
            if answer.status_code == 410 or (answer.status_code == 400 and code == "invalid_cursor"):
                if has_begun_again:
                    raise Unavailable("the feed refuses its own cursors", code="unavailable", detail=code)
                self._begin_again(kind, place)
                has_begun_again = True
                continue
            if (answer.status_code, code) in _WITHDRAWN:
                self._drop(kind, place, code)
            if answer.status_code != 200:
                raise Denied("the feed is refused", code=code or "denied", detail=str(answer.status_code))
            page = _page(kind, answer)
            self._keep(kind, place, page)
            came += len(page["records"])
            if not page["more"]:
                return came
        raise Unavailable("the feed does not end", code="unavailable")

    def records(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """Everything known of a kind, by key."""
        query = select(_records.c.data).where(_records.c.kind == kind, _records.c.school == self._school)
        with self._database.read() as connection:
            yield from connection.execute(query.order_by(_records.c.key)).scalars()

    def one(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """One record by `sub` (people) or `id`."""
        query = select(_records.c.data).where(
            _records.c.kind == kind, _records.c.school == self._school, _records.c.key == key
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def age(self, kind: str) -> timedelta | None:
        """How long ago all of this kind was up to date, by the IdP's clock; None before the first time."""
        as_of = self._as_of((kind,))
        return None if as_of is None else max(timedelta(0), self._clock.now() - as_of)

    def freshness(self) -> Freshness:
        """Of the kind that is furthest behind, for the foot of a page."""
        as_of = self._as_of(self._kinds)
        return Freshness(as_of, as_of is None or self._clock.now() - as_of > OLD)

    def _as_of(self, kinds: Sequence[str]) -> datetime | None:
        query = select(_cursors.c.kind, _cursors.c.as_of).where(_cursors.c.school == self._school)
        with self._database.read() as connection:
            known = {row.kind: row.as_of for row in connection.execute(query)}
        moments = [known.get(kind) for kind in kinds]
        return min((one for one in moments if one is not None), default=None) if all(moments) else None

    def _query(self, place: _Place) -> dict[str, str]:
        query = {"limit": _LIMIT, "school": self._school, "after": place.cursor}
        return {name: value for name, value in query.items() if value}

    def _place(self, kind: str) -> _Place:
        query = select(_cursors).where(_cursors.c.kind == kind, _cursors.c.school == self._school)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return _Place("", 1, True) if row is None else _Place(row.cursor, row.round, bool(row.in_snapshot))

    def _begin_again(self, kind: str, place: _Place) -> None:
        """A new snapshot; the age stays that of the last complete state."""
        with self._database.write() as connection:
            self._save(connection, kind, {"cursor": "", "round": place.round + 1, "in_snapshot": 1})

    def _drop(self, kind: str, place: _Place, code: str) -> None:
        """Forgets everything of a kind, and that it was ever up to date."""
        own = (_records.c.kind == kind) & (_records.c.school == self._school)
        with self._database.write() as connection:
            dropped = connection.execute(delete(_records).where(own)).rowcount
            values = {"cursor": "", "round": place.round + 1, "in_snapshot": 1, "as_of": None}
            self._save(connection, kind, values)
        if dropped:
            log.warning("feed withdrawn", extra={"kind": kind, "school": self._school, "code": code, "rows": dropped})

    def _keep(self, kind: str, place: _Place, page: Mapping[str, Any]) -> None:
        own = (_records.c.kind == kind) & (_records.c.school == self._school)
        with self._database.write() as connection:
            for record in page["records"]:
                key = record[_name(kind)]
                if record.get("deleted"):
                    connection.execute(delete(_records).where(own, _records.c.key == key))
                else:
                    row = {"kind": kind, "school": self._school, "key": key, "data": record, "round": place.round}
                    upsert(connection, _records, row)
            is_complete = not page["more"]
            if is_complete and place.in_snapshot:
                connection.execute(delete(_records).where(own, _records.c.round < place.round))
            in_snapshot = 1 if place.in_snapshot and not is_complete else 0
            values: dict[str, Any] = {"cursor": page["cursor"], "round": place.round, "in_snapshot": in_snapshot}
            if is_complete:
                values["as_of"] = page["as_of"]
            self._save(connection, kind, values)

    def _save(self, connection: Connection, kind: str, values: dict[str, Any]) -> None:
        upsert(connection, _cursors, {"kind": kind, "school": self._school} | values)


def _page(kind: str, answer: Any) -> Mapping[str, Any]:
    """The page with `as_of` as a moment. Raises Unavailable unless every record of it can be put in its place."""
    try:
        page = dict(answer.json())
        page["as_of"] = datetime.fromisoformat(page["as_of"])
        wrong = ""
        if page["as_of"].tzinfo is None or not isinstance(page["more"], bool) or not _is_word(page["cursor"], 2000):
            wrong = "page"
        elif not all(isinstance(one, dict) and _is_word(one.get(_name(kind)), _KEY) for one in list(page["records"])):
            wrong = f"a record without {_name(kind)}"
    except (ValueError, KeyError, TypeError) as error:
        wrong = f"page: {type(error).__name__}"
    if wrong:
        raise Unavailable("the feed speaks in a way we do not know", code="unavailable", detail=wrong)
    return page


def _name(kind: str) -> str:
    """The member that names a record."""
    return "sub" if kind == "people" else "id"


def _is_word(value: Any, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable()


def _code(answer: Any) -> str:
    """The last part of a problem's type (RFC 9457)."""
    if answer.status_code == 200:
        return ""
    try:
        return str(answer.json().get("type", "")).rpartition(":")[2][:64]
    except (ValueError, AttributeError):
        return ""
