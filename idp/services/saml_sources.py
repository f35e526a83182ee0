"""Where metadata is read again and again: single addresses, aggregates of federations, MDQ.

Reading is slow and happens outside of transactions; what was verified goes in by short ones. Whatever fails, what is
known stays until its own time is over.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp.core.clock import Clock
from idp.core.errors import BilimError, Conflict, Invalid, NotFound
from idp.core.ids import new_id
from idp.services.client_metadata import web_address
from idp.services.saml_admission import CATEGORY, changes, follow
from idp.services.saml_reading import Reading, SamlReading, Stage, pinned, stage
from idp.services.saml_schedule import next_reading, next_try
from idp.store import audit, saml_entities
from idp.store.saml_entities import SourceRow
from idp.store.session import Tx, UnitOfWork

KINDS = ("entity", "aggregate", "mdq")
BATCH = 200
"""Entities that one transaction writes."""
HOLD = timedelta(minutes=15)
"""How long one node has a source for itself; longer than a download may take."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Refreshed:
    """What one reading brought: entities read, new ones, registered ones that changed, registered ones that are named
    no more, those that another source or the operator speaks for; `skipped` by the code of the refusal."""

    providers: int = 0
    added: int = 0
    changed: int = 0
    gone: int = 0
    foreign: int = 0
    skipped: dict[str, int] = field(default_factory=dict)


class SamlSources:
    def __init__(self, uow: UnitOfWork, clock: Clock, reading: SamlReading) -> None:
        self._uow = uow
        self._clock = clock
        self._reading = reading

    def add(
        self, kind: str, url: str, certificates: Sequence[bytes], *, admits: str = "", all_schools: bool = False
    ) -> str:
        """Remembers an address and the certificates (DER) one of which must have signed what lies there; returns its
        id. Raises Invalid with every mistake, one a line, and Conflict when the address is there already."""
        if wrong := _mistakes(kind, url, certificates, admits=admits, all_schools=all_schools):
            raise Invalid("\n".join(wrong), code="invalid_client_metadata")
        now = self._clock.now()
        row = {
            "id": new_id(), "kind": kind, "url": url, "admits": admits, "all_schools": all_schools,
            "certificates": [base64.b64encode(one).decode() for one in certificates], "due_at": now, "created_at": now,
        }  # fmt: skip
        try:
            with self._uow.write() as tx:
                saml_entities.add_source(tx, row)
                audit.record(tx, event="saml_source_added", now=now, data={"source": row["id"], "kind": kind})
        except IntegrityError as error:
            raise Conflict("the address is a source already") from error
        return str(row["id"])

    def change(
        self, source_id: str, certificates: Sequence[bytes], *, admits: str = "", all_schools: bool = False
    ) -> tuple[list[bytes], dict[str, Any]]:
        """Other certificates and terms for a source whose services stay its own; returns the former ones in the same
        shape. Raises NotFound, and Invalid as `add`."""
        now = self._clock.now()
        with self._uow.write() as tx:
            was = saml_entities.source(tx, source_id)
            if was is None:
                raise NotFound(f"no source {source_id}")
            if wrong := _mistakes(was.kind, was.url, certificates, admits=admits, all_schools=all_schools):
                raise Invalid("\n".join(wrong), code="invalid_client_metadata")
            encoded = [base64.b64encode(one).decode() for one in certificates]
            saml_entities.change_source(tx, source_id, certificates=encoded, admits=admits, all_schools=all_schools)
            data = {"source": source_id, "kind": was.kind, "again": True}
            audit.record(tx, event="saml_source_added", now=now, data=data)
        former = [base64.b64decode(one) for one in was.certificates]
        return former, {"admits": was.admits, "all_schools": was.all_schools}

    def pin(self, source_id: str, certificates: Sequence[bytes], reading: Reading) -> None:
        """An address that was just read under these certificates: by them it is believed from now on."""
        now = self._clock.now()
        due_at = next_reading(now, valid_until=reading.valid_until, cache_duration=reading.cache_duration)
        with self._uow.write() as tx:
            saml_entities.pin(tx, source_id, [base64.b64encode(one).decode() for one in certificates])
            saml_entities.note_refreshed(tx, source_id, now=now, due_at=due_at, valid_until=reading.valid_until)

    def list(self) -> list[dict[str, Any]]:
        """Every source with how much of it is known and registered, and how its last reading went."""
        with self._uow.read() as tx:
            numbers = saml_entities.numbers(tx)
            rows = saml_entities.sources(tx)
        return [_shown(row, *numbers.get(row.id, (0, 0))) for row in rows]

    def remove(self, source_id: str) -> int:
        """Services registered from it stay until their metadata expires; returns how many. Raises NotFound."""
        now = self._clock.now()
        with self._uow.write() as tx:
            if saml_entities.source(tx, source_id) is None:
                raise NotFound(f"no source {source_id}")
            stay = saml_entities.remove_source(tx, source_id)
            audit.record(tx, event="saml_source_removed", now=now, data={"source": source_id})
        return stay

    def refresh_due(self) -> int:
        """Reads every source whose time has come and that no other node is reading; returns how many went well."""
        now = self._clock.now()
        done = 0
        for one in self._due(now):
            with self._uow.write() as tx:
                is_mine = saml_entities.claim(tx, one.id, now=now, until=now + HOLD)
            if is_mine:
                try:
                    self.refresh(one.id)
                    done += 1
                except Exception as error:  # Whatever is wrong with one, the others are read.
                    extra = {"url": one.url, "reason": _reason(error)}
                    is_theirs = isinstance(error, BilimError | OSError)
                    _log.warning("metadata was not read again", extra=extra, exc_info=not is_theirs)
        return done

    def is_due(self) -> bool:
        """Whether there is anything to read."""
        return bool(self._due(self._clock.now()))

    def _due(self, now: datetime) -> Sequence[SourceRow]:
        with self._uow.read() as tx:
            return [one for one in saml_entities.sources(tx) if one.due_at <= now]

    def refresh(self, source_id: str) -> Refreshed:
        """Reads one source now. Raises NotFound, Unavailable, MetadataRefused; what failed is noted with the source."""
        now = self._clock.now()
        with self._uow.read() as tx:
            source = saml_entities.source(tx, source_id)
        if source is None:
            raise NotFound(f"no source {source_id}")
        try:
            with stage() as kept:
                reading = _READ[source.kind](self, source, kept, now)
                return self._take(source, reading, kept, now)
        except Exception as error:
            due_at = next_try(now, source.failures + 1)
            with self._uow.write() as tx:
                saml_entities.note_failed(tx, source.id, due_at=due_at, error=_reason(error))
            raise

    def _read_entity(self, source: SourceRow, kept: Stage, now: datetime) -> Reading:
        """The address of one service: it may rename itself as little as it may speak for another."""
        from idp.saml.metadata_errors import MetadataRefused

        found, reading = self._reading.document(source.url, pinned(source), now=now)
        with self._uow.read() as tx:
            known = {one.entity_id for one in saml_entities.of_source(tx, source.id)}
        if len(found) != 1 or (known and found[0].entity_id not in known):
            raise MetadataRefused("bad_entity_id", detail="the document is not about the one service of this address")
        kept.put(found[0])
        return reading

    def _read_aggregate(self, source: SourceRow, kept: Stage, now: datetime) -> Reading:
        return self._reading.aggregate(source, kept.put, now=now)

    def _read_each(self, source: SourceRow, kept: Stage, now: datetime) -> Reading:
        """Of MDQ the registered services, each when half of its validity is over; one that is not answered for costs
        the others nothing."""
        with self._uow.read() as tx:
            rows = saml_entities.of_source(tx, source.id)
        reading = Reading()
        for row in rows:
            try:
                if next_reading(row.refreshed_at, valid_until=row.valid_until, cache_duration=None) <= now:
                    kept.put(self._reading.one(source, row.entity_id, now=now))
            except BilimError as error:
                reading.skipped[error.code] = reading.skipped.get(error.code, 0) + 1
                _log.warning("metadata was not read again", extra={"entity": row.entity_id, "reason": _reason(error)})
        reading.providers = kept.providers
        return reading

    def _take(self, source: SourceRow, reading: Reading, kept: Stage, now: datetime) -> Refreshed:
        done = Refreshed(providers=reading.providers, skipped=reading.skipped)
        for batch in kept.batches(BATCH):
            with self._uow.write() as tx:
                _take_some(tx, source, batch, done, now=now)
        due_at = next_reading(now, valid_until=reading.valid_until, cache_duration=reading.cache_duration)
        with self._uow.write() as tx:
            if source.kind == "mdq":
                saml_entities.drop_expired(tx, source.id, now=now)
            else:
                done.gone = _drop(tx, source, reading.refused, now=now)
            saml_entities.note_refreshed(tx, source.id, now=now, due_at=due_at, valid_until=reading.valid_until)
        return done


_READ: dict[str, Callable[[SamlSources, SourceRow, Stage, datetime], Reading]] = {
    "entity": SamlSources._read_entity,
    "aggregate": SamlSources._read_aggregate,
    "mdq": SamlSources._read_each,
}


def _take_some(tx: Tx, source: SourceRow, batch: Sequence[dict[str, Any]], done: Refreshed, *, now: datetime) -> None:
    known = saml_entities.hold_many(tx, [one["entity_id"] for one in batch])
    rows = []
    for provider in sorted(batch, key=lambda one: str(one["entity_id"])):  # Two nodes must not wait for one another.
        before = known.get(provider["entity_id"])
        if before is None:
            done.added += 1
        elif before.source_id != source.id or before.refreshed_at > now:
            done.foreign += 1
            continue
        elif before.client_id and (changed := changes(before, provider, now=now)):
            done.changed += 1
            follow(tx, before.client_id, provider, changed, now=now)
        rows.append(entity_row(provider))
    saml_entities.put_many(tx, source.id, rows, now=now)


def _drop(tx: Tx, source: SourceRow, refused: set[str], *, now: datetime) -> int:
    """What a source names no more; what it names in a way that cannot be taken stays until its own time is over."""
    spared = refused.intersection(one.entity_id for one in saml_entities.of_source(tx, source.id)) if refused else ()
    dropped = saml_entities.drop_unnamed(tx, source.id, before=now, spared=spared)
    for _, client_id in dropped:
        audit.record(tx, event="saml_metadata_changed", now=now, client_id=client_id, data={"changed": ["valid_until"]})
    return len(dropped)


def entity_row(provider: dict[str, Any]) -> dict[str, Any]:
    """As `store.saml_entities.put_many` takes it."""
    until = provider.get("valid_until")
    moment = datetime.fromisoformat(until) if until else None
    return {"entity_id": provider["entity_id"], "provider": provider, "valid_until": moment}


def _mistakes(kind: str, url: str, certificates: Sequence[bytes], *, admits: str, all_schools: bool) -> list[str]:
    from idp.xml.errors import BadKey
    from idp.xml.keys import public_key

    found = [] if kind in KINDS else [f"kind: must be one of {', '.join(KINDS)}"]
    if wrong := web_address(url):
        found.append(f"url: {wrong}")
    for number, one in enumerate(certificates, 1):
        try:
            public_key(one)
        except BadKey as error:
            found.append(f"certificate {number}: {error.description}")
    if kind in ("aggregate", "mdq") and not certificates:
        found.append(f"certificate: needed for {kind}, the key that its publisher signs with")
    if admits not in ("", CATEGORY):
        found.append(f"admits: must be {CATEGORY}, or nothing")
    if admits and kind == "entity":
        found.append("admits: one service is registered by name")
    if all_schools and not admits:
        found.append("all_schools: only for a source that admits services by itself")
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, BilimError):
        return f"{error.code}: {error.description} {error.detail}".strip()[:500]
    return type(error).__name__


def _shown(row: SourceRow, entities: int, registered: int) -> dict[str, Any]:
    def moment(value: datetime | None) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    return {
        "id": row.id,
        "kind": row.kind,
        "url": row.url,
        "admits": row.admits,
        "all_schools": row.all_schools,
        "entities": entities,
        "registered": registered,
        "refreshed_at": moment(row.refreshed_at),
        "due_at": moment(row.due_at),
        "valid_until": moment(row.valid_until),
        "failures": row.failures,
        "last_error": row.last_error,
    }
