"""Imported revocation lists: half a million entries as 256 packed values, found without reading the others.

A record is 25 octets: the serial number in 20, the moment in 4 (seconds since 1970), the reason in 1. The records of
serials that end in the same octet lie sorted in one value (decision 14).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, and_, delete, insert, select

from idp.core.ids import new_id
from idp.store.models.signing import RevocationList, RevocationShard
from idp.store.session import Tx

SERIAL_BYTES = 20
RECORD_BYTES = 25
_LATEST = (1 << 32) - 1
_REMOVED = 8
"""removeFromCRL (RFC 5280 §5.3.1): a delta takes an entry of the base back."""


@dataclass(frozen=True, slots=True)
class NewList:
    """What a list says of itself. `base_number` is its own number for a base."""

    issuer_key_id: str
    """Hex SHA-1 of the issuer's key bits."""
    kind: str
    """`base` or `delta`."""
    number: int
    base_number: int
    this_update: datetime
    next_update: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What the lists of an issuer say of one serial number; `revoked_at` None when nothing."""

    number: int
    this_update: datetime
    next_update: datetime
    """When the first of the lists that were used is out of date."""
    revoked_at: datetime | None
    reason: int


class Packed:
    """Entries on their way into the table: 25 octets each and no object that stays."""

    def __init__(self) -> None:
        self._shards = [bytearray() for _ in range(256)]
        self.entries = 0

    def add(self, serial: int, seconds: int, reason: int) -> None:
        """`seconds` since 1970; what lies outside 1970…2106 counts as the nearer end."""
        moment = min(max(seconds, 0), _LATEST)
        record = serial.to_bytes(SERIAL_BYTES, "big") + moment.to_bytes(4, "big") + bytes((reason,))
        self._shards[serial & 0xFF] += record
        self.entries += 1

    def add_all(self, entries: Iterable[tuple[int, int, int]]) -> Packed:
        """(serial, seconds, reason) each; returns itself."""
        for serial, seconds, reason in entries:
            self.add(serial, seconds, reason)
        return self

    @property
    def octets(self) -> int:
        return self.entries * RECORD_BYTES

    def shards(self) -> Mapping[int, bytes]:
        """Sorted values by last octet, the empty ones left out."""
        return {shard: _sorted(records) for shard, records in enumerate(self._shards) if records}


def _sorted(records: bytearray) -> bytes:
    size = len(records)
    return b"".join(sorted(bytes(records[at : at + RECORD_BYTES]) for at in range(0, size, RECORD_BYTES)))


def numbers(tx: Tx, issuer_key_id: str) -> dict[str, int]:
    """The number of the imported `base` and `delta` of an issuer, as far as there are any."""
    query = select(RevocationList.kind, RevocationList.number).where(RevocationList.issuer_key_id == issuer_key_id)
    return {row.kind: row.number for row in tx.connection.execute(query.order_by(RevocationList.number))}


def replace_list(tx: Tx, new: NewList, shards: Mapping[int, bytes], *, entries: int, now: datetime) -> bool:
    """Puts a list in place of the one of its kind; False when it adds nothing to what is there.

    That is a list not newer than the imported one, so that a repeated old list cannot forget revocations, and a delta
    that does not fit the imported base. A new base also ends deltas that are not newer than it.
    """
    mine = RevocationList.issuer_key_id == new.issuer_key_id
    there = tx.connection.execute(select(RevocationList.__table__).where(mine)).all()
    if any(row.kind == new.kind and _age(row) >= (new.this_update, new.number) for row in there):
        return False
    if new.kind == "delta" and not any(row.kind == "base" and _fits(row, new) for row in there):
        return False
    is_over = [row.id for row in there if row.kind == new.kind or (new.kind == "base" and not _fits(new, row))]
    tx.connection.execute(delete(RevocationShard).where(RevocationShard.list_id.in_(is_over)))
    tx.connection.execute(delete(RevocationList).where(RevocationList.id.in_(is_over)))
    list_id = new_id()
    tx.connection.execute(
        insert(RevocationList),
        {
            "id": list_id,
            "issuer_key_id": new.issuer_key_id,
            "kind": new.kind,
            "number": new.number,
            "base_number": new.base_number,
            "this_update": new.this_update,
            "next_update": new.next_update,
            "entries": entries,
            "imported_at": now,
        },
    )
    if shards:
        rows = [{"list_id": list_id, "shard": shard, "serials": serials} for shard, serials in shards.items()]
        tx.connection.execute(insert(RevocationShard), rows)
    return True


def look_up(tx: Tx, issuer_key_id: str, serial: int) -> Found | None:
    """None without a base. One statement, so that a list replaced meanwhile cannot show half of itself."""
    shard = and_(RevocationShard.list_id == RevocationList.id, RevocationShard.shard == serial & 0xFF)
    query = (
        select(RevocationList.__table__, RevocationShard.serials)
        .outerjoin(RevocationShard, shard)
        .where(RevocationList.issuer_key_id == issuer_key_id)
    )
    rows = tx.connection.execute(query).all()
    bases = [row for row in rows if row.kind == "base"]
    if not bases:
        return None
    base = max(bases, key=_age)
    deltas = [row for row in rows if row.kind == "delta" and _fits(base, row)]
    used = [base, *([max(deltas, key=_age)] if deltas else [])]
    newest = used[-1]
    entry = next((found for row in reversed(used) if (found := entry_in(row.serials or b"", serial))), None)
    if entry is not None and entry[1] == _REMOVED:
        entry = None
    return Found(
        newest.number,
        newest.this_update,
        # A delta that is out of date means that something may have happened which no list here knows.
        min(row.next_update for row in used),
        entry[0] if entry else None,
        entry[1] if entry else 0,
    )


def _age(row: Row[tuple[object, ...]]) -> tuple[datetime, int]:
    return row.this_update, row.number


def _fits(base: Row[tuple[object, ...]] | NewList, delta: Row[tuple[object, ...]] | NewList) -> bool:
    """RFC 5280 §5.2.4: made for this base or an earlier one, and later than it."""
    return bool(delta.base_number <= base.number and delta.this_update > base.this_update)


def entry_in(records: bytes, serial: int) -> tuple[datetime, int] | None:
    """Moment and reason of a serial number among packed records."""
    wanted = serial.to_bytes(SERIAL_BYTES, "big")
    count = len(records) // RECORD_BYTES

    def serial_at(place: int) -> bytes:
        return records[place * RECORD_BYTES : place * RECORD_BYTES + SERIAL_BYTES]

    place = bisect_left(range(count), wanted, key=serial_at)
    if place == count or serial_at(place) != wanted:
        return None
    rest = records[place * RECORD_BYTES + SERIAL_BYTES : (place + 1) * RECORD_BYTES]
    return datetime.fromtimestamp(int.from_bytes(rest[:4], "big"), UTC), rest[4]
