"""The feed for modules: a snapshot first, then changes with tombstones, of the schools a client is switched on at and
in the fields it was approved for.

A page is read, shaped, counted against the client's limit and written into the audit trail before it is handed over.
Nothing is answered about who is told of nobody: restricted, merged and departed people leave tombstones, and so do
pupils without a consent that their school asks for before data goes to this client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from idp.core.clock import Clock, local_date
from idp.core.errors import Invalid, NotFound
from idp.core.ids import b64url, b64url_decode, keyed_hash, same
from idp.core.scope import Scope
from idp.oidc.client import Client
from idp.oidc.subjects import Subjects
from idp.services import feed_cursor, feed_fields
from idp.services import scope as scopes
from idp.services.exports import Exports
from idp.services.feed_cursor import Cursor, CursorTooOld, Reader
from idp.store import audit, clients, consent_release, feed, feed_records, people, reach
from idp.store.feed import KINDS, Position
from idp.store.session import Tx, UnitOfWork

MOST = 1000
USUAL = 200
_Gone = Mapping[str, Mapping[str, Any] | None]
"""What is to be forgotten by id; of an ended consent with its row."""


@dataclass(frozen=True, slots=True)
class Page:
    """`cursor` continues after these records, at once when `has_more`, else whenever the reader likes."""

    kind: str
    records: Sequence[Mapping[str, Any]]
    cursor: str
    has_more: bool
    is_snapshot: bool
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Towards:
    """One client's view of people and records."""

    subjects: Subjects
    client: Client
    school_id: str
    open_iin: Callable[[str, bytes], str]
    seal: AESSIV

    def sub(self, person_id: str) -> str:
        return self.subjects.sub(self.client.record.sector, person_id)

    def record(self, kind: str, record_id: str) -> str:
        return self.subjects.record(self.client.record.sector, kind, record_id)

    def iin(self, person_id: str, sealed: bytes) -> str:
        return self.open_iin(person_id, sealed)

    def photo(self, person_id: str) -> str:
        """Where the picture lies, below the issuer. It names the person, sealed for this subject: a subject cannot be
        turned round, and trying everybody's would cost as many hashes as there are people."""
        sub = self.sub(person_id)
        of = b64url(self.seal.encrypt(bytes.fromhex(person_id), [sub.encode()]))
        school = f"&school={quote(self.school_id)}" if self.school_id else ""
        return f"/api/v1/people/{sub}/photo?of={of}{school}"

    def person(self, sub: str, unverified_of: str) -> str:
        """Who is behind an address of `photo`. Raises ValueError for what we did not make."""
        try:
            person_id = self.seal.decrypt(b64url_decode(unverified_of), [sub.encode()]).hex()
        except InvalidTag as error:
            raise ValueError("not ours") from error
        if not same(self.sub(person_id), sub):
            raise ValueError("another sector's")
        return person_id


class Feed:
    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        secret: Callable[[str], bytes],
        subjects: Subjects,
        open_iin: Callable[[str, bytes], str],
        exports: Exports,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secret = secret
        self._subjects = subjects
        self._open_iin = open_iin
        self._exports = exports

    def page(
        self, client: Client, kind: str, *, school_id: str = "", after: str = "", limit: int = USUAL
    ) -> Page:  # fmt: skip
        """Without `after` a snapshot begins. Raises NotFound for another kind or a school where the client is off,
        Invalid, InvalidCursor, CursorTooOld and ExportLimit."""
        if kind not in KINDS:
            raise NotFound("no such kind")
        if not 1 <= limit <= MOST:
            raise Invalid(f"limit must be from 1 to {MOST}")
        now = self._clock.now()
        today = local_date(now)
        key = self._secret("token")
        with self._uow.read() as tx:
            scope = self._scope(tx, client, school_id, today=today)
            asked = consent_release.asked_at(tx, scope, client.client_id)
            # What an authority puts into its calendar is its schools' too.
            above = tuple(reach.over(tx, scope.schools)) if kind == "calendar" else ()
            reader = Reader.of(client.client_id, kind, school_id, {*scope.schools, *above}, asked)
            start = feed_cursor.read(key, reader, after, now=now) if after else Cursor(feed.end(tx), now, "")
            sight = _Sight(tx, scope, kind, client, asked, today, above)
            if after and feed.was_restored(tx, since=start.at):
                raise CursorTooOld("take a new snapshot")
            if start.last_id is not None:
                rows, gone, following = self._snapshot(sight, start, limit=limit)
            else:
                rows, gone, following = self._changes(sight, start, now=now, limit=limit)
        towards = self._towards(client, school_id)
        fields = feed_fields.names(kind, client.approved_claims)
        records = [feed_fields.shape(kind, row, fields, towards) for row in rows]
        records += [
            feed_fields.gone(kind, one, towards) if row is None else feed_fields.over(row, fields, towards)
            for one, row in gone.items()
        ]
        self._note(client, kind, school_id, len(rows), is_counted=kind not in ("classes", "calendar"))
        return Page(
            kind, records, feed_cursor.write(key, reader, following.cursor), following.has_more,
            start.last_id is not None, now,
        )  # fmt: skip

    def photo(self, client: Client, sub: str, of: str, *, school_id: str = "") -> bytes:
        """The JPEG of somebody the client may see, by the address in their record.

        Raises NotFound, also when pictures are not approved for it.
        """
        today = local_date(self._clock.now())
        try:
            person_id = self._towards(client, school_id).person(sub, of)
        except ValueError as error:
            raise NotFound("no such picture") from error
        with self._uow.read() as tx:
            scope = self._scope(tx, client, school_id, today=today)
            asked = consent_release.asked_at(tx, scope, client.client_id)
            told = _Sight(tx, scope, "people", client, asked, today).told([{"id": person_id}])
            image = feed_records.photo(tx, scope, person_id, today=today) if told else None
        if image is None or "picture" not in client.approved_claims:
            raise NotFound("no such picture")
        self._exports.take(f"client:{client.client_id}", 1, school_id=school_id)
        with self._uow.write() as tx:
            audit.record(
                tx, event="photo_read", now=self._clock.now(), client_id=client.client_id, person_id=person_id,
                school_id=school_id,
            )  # fmt: skip
        return image

    def _towards(self, client: Client, school_id: str) -> Towards:
        seal = AESSIV(keyed_hash(self._secret("token"), "feed photo"))
        return Towards(self._subjects, client, school_id, self._open_iin, seal)

    def _scope(self, tx: Tx, client: Client, school_id: str, *, today: date) -> Scope:
        """Every school for the operator's own modules, else where the client is on today."""
        if client.record.all_schools:
            schools = people.schools(tx, school_id) if school_id else people.schools(tx)
            off = clients.schools_off(tx, client.client_id, today=today)
            schools = [one for one in schools if school_id in ("", one) and one not in off]
        else:
            schools = [one for one in clients.schools_on(tx, client.client_id, today=today) if school_id in ("", one)]
        if school_id and not schools:
            raise NotFound("no such school, or the client is not switched on there")
        return scopes.of_client(tuple(schools))

    def _snapshot(
        self, sight: _Sight, start: Cursor, *, limit: int
    ) -> tuple[list[Mapping[str, Any]], _Gone, _Following]:  # fmt: skip
        rows = feed_records.page(
            sight.tx, sight.scope, sight.kind, start.last_id or "", today=sight.today, limit=limit + 1
        )  # fmt: skip
        has_more = len(rows) > limit
        rows = rows[:limit]
        # From the last page on the log is read, from where it stood when the snapshot began.
        last_id = str(rows[-1]["id"]) if has_more else None
        return sight.told(rows), {}, _Following(Cursor(start.position, start.at, last_id), has_more)

    def _changes(
        self, sight: _Sight, start: Cursor, *, now: datetime, limit: int
    ) -> tuple[list[Mapping[str, Any]], _Gone, _Following]:
        tx, scope, kind = sight.tx, sight.scope, sight.kind
        stands = feed.end(tx)
        if start.position > stands:
            # The log lies before the cursor: another server, whose numbers begin anew.
            raise CursorTooOld("take a new snapshot")
        entries = feed.after(tx, sight.log, sight.sources, start.position, limit=limit + 1)
        has_more = len(entries) > limit
        entries = entries[:limit]
        ids = feed_records.touched(tx, scope, kind, entries, recipient=sight.recipient)
        rows = sight.told(list(feed_records.by_id(tx, scope, kind, ids, today=sight.today).values()))
        position: Position = entries[-1].at if entries else start.position
        found = {row["id"] for row in rows}
        gone = sight.gone([one for one in ids if one not in found])
        # Who has not read to the end is as old as before: retention may delete what they have not read.
        return rows, gone, _Following(Cursor(position, start.at if has_more else now), has_more)

    def _note(self, client: Client, kind: str, school_id: str, rows: int, *, is_counted: bool) -> None:
        """An answer without rows about people releases nothing and leaves no trace."""
        if not rows:
            return
        if is_counted:
            self._exports.take(f"client:{client.client_id}", rows, school_id=school_id)
        with self._uow.write() as tx:
            audit.record(
                tx, event="feed_read", now=self._clock.now(), client_id=client.client_id, school_id=school_id,
                data={"kind": kind, "rows": rows},
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one client may be told of a kind, in one transaction."""

    tx: Tx
    scope: Scope
    kind: str
    client: Client
    asked: Sequence[tuple[str, str]]
    """(school, purpose) that schools ask for before data of pupils goes to this client."""
    today: date
    above: Sequence[str] = ()
    """Whose changes are told beside those of the scope's schools."""

    @property
    def log(self) -> Scope:
        return scopes.of_client((*self.scope.schools, *self.above)) if self.above else self.scope

    @property
    def recipient(self) -> str:
        return self.client.client_id if self.asked and self.kind != "calendar" else ""

    @property
    def sources(self) -> Sequence[str]:
        own = feed_records.SOURCES[self.kind]
        return (*own, "consents") if self.recipient and "consents" not in own else own

    def told(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        rows = [row for row in rows if self._may_know(row)] if self.kind == "consents" else list(rows)
        if not self.recipient:
            return rows
        about = {one for row in rows for one in feed_fields.about(self.kind, row)}
        hidden = consent_release.withheld(
            self.tx, self.scope, self.client.client_id, self.asked, about, today=self.today
        )  # fmt: skip
        left = (feed_fields.released(self.kind, row, hidden.at, hidden.people) for row in rows)
        return [row for row in left if row is not None]

    def gone(self, ids: list[str]) -> _Gone:
        """Tombstones tell that there was something: of consents only to who was told of them, with what has ended.

        Of a consent that holds, and of whom nothing may be told, no more is said than that it is to be forgotten.
        """
        if self.kind != "consents":
            return dict.fromkeys(ids)
        over = feed_records.consents_over(self.tx, self.scope, ids, today=self.today)
        known = {one: over[one] for one in ids if one in over and self._may_know(over[one])}
        return {one: row if row["is_known"] and row["state"] != "given" else None for one, row in known.items()}

    def _may_know(self, row: Mapping[str, Any]) -> bool:
        return feed_fields.may_know_consent(row, self.client.client_id, self.client.record.approved_scopes)


@dataclass(frozen=True, slots=True)
class _Following:
    cursor: Cursor
    has_more: bool
