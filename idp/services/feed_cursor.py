"""Cursors of the feed: sealed, and good for one client, kind and set of schools only.

A made-up cursor, or one of another client, is refused before anything is read. What is inside may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from idp.core.clock import epoch
from idp.core.errors import BilimError, Invalid
from idp.core.ids import b64url, b64url_decode, fingerprint, keyed_hash
from idp.store.feed import Position

KEEP = timedelta(days=30)
"""How long changes are kept, and a cursor is good."""
_LONGEST = 512


class InvalidCursor(Invalid):
    """Not one of ours, or another client's, kind's or school's."""

    code = "invalid_cursor"


class CursorTooOld(BilimError):
    """What happened since is not kept any more, or the reach is another now: take a new snapshot."""

    code = "cursor_too_old"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads what: a cursor is bound to it."""

    client_id: str
    kind: str
    school_id: str
    reach: str
    """Stands for the set of schools and for what they ask before data goes out; it changes when the client is switched
    on or off somewhere, and when a school begins or ends to ask for consent."""

    @classmethod
    def of(
        cls, client_id: str, kind: str, school_id: str, schools: Collection[str], asked: Sequence[tuple[str, str]] = ()
    ) -> Reader:
        """`asked` are (school, purpose), see `store/consent_release.py`."""
        reach = " ".join((*sorted(schools), *(f"{school}:{purpose}" for school, purpose in sorted(asked))))
        return cls(client_id, kind, school_id, fingerprint(reach)[:16])


@dataclass(frozen=True, slots=True)
class Cursor:
    """`position` in the log; while a snapshot is being read, `last_id` is the record told last."""

    position: Position
    at: datetime
    last_id: str | None = None


def write(key: bytes, reader: Reader, cursor: Cursor) -> str:
    """Sealed: `last_id` is our own id of a person, by which two vendors could match whom they know by pairwise ones."""
    body = [reader.reach, cursor.position.xid, cursor.position.seq, epoch(cursor.at), cursor.last_id]
    text = json.dumps(body, separators=(",", ":"))
    return b64url(_seal(key).encrypt(text.encode(), _bound_to(reader)))


def read(key: bytes, reader: Reader, unverified_cursor: str, *, now: datetime) -> Cursor:
    """Raises InvalidCursor, and CursorTooOld for what was good once."""
    if len(unverified_cursor) > _LONGEST:
        raise InvalidCursor("the cursor is not one of ours")
    try:
        text = _seal(key).decrypt(b64url_decode(unverified_cursor), _bound_to(reader))
    except (ValueError, InvalidTag) as error:
        raise InvalidCursor("the cursor is not one of ours, or of another client, kind or school") from error
    reach, xid, seq, at, last_id = json.loads(text)
    made_at = datetime.fromtimestamp(at, now.tzinfo)
    if reach != reader.reach or now - made_at > KEEP:
        raise CursorTooOld("take a new snapshot")
    return Cursor(Position(xid, seq), made_at, last_id)


def _seal(key: bytes) -> AESSIV:
    return AESSIV(keyed_hash(key, "feed cursor"))


def _bound_to(reader: Reader) -> list[bytes]:
    """The reader, but for its reach: with another it is too old, not wrong."""
    return [part.encode() for part in (reader.client_id, reader.kind, reader.school_id)]
