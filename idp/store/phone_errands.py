"""Errands of phones: each step is one conditional UPDATE, so of any number of parallel tries exactly one is taken.

Bound to the hash of the id in the QR code; what ends an errand is also bound to the browser that began it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from idp.core.ids import fingerprint
from idp.store.models.signing import PhoneErrand, SigningRequest
from idp.store.session import Tx

_e = PhoneErrand.__table__.c
_OPEN = ("waiting", "fetched")
_FIND = (
    select(
        _e.purpose,
        _e.browser,
        _e.request_id,
        _e.document,
        _e.token_hash,
        _e.state,
        _e.refusal,
        _e.sealed,
        _e.relay,
        _e.expires_at,
        SigningRequest.title,
        SigningRequest.media_type,
        SigningRequest.document.label("request_document"),
    )
    .select_from(PhoneErrand)
    .outerjoin(SigningRequest, SigningRequest.id == _e.request_id)
    .where(_e.id == bindparam("id"))
)


class ErrandRow(NamedTuple):
    """An errand with the document of its request, where it has one."""

    purpose: str
    browser: str
    request_id: str | None
    document: bytes
    token_hash: str
    state: str
    refusal: str
    sealed: bytes | None
    relay: dict[str, Any]
    expires_at: datetime
    title: dict[str, Any] | None
    media_type: str | None
    request_document: bytes | None

    @property
    def content(self) -> bytes:
        """What is signed, octet by octet."""
        return self.document if self.request_document is None else self.request_document


def add(tx: Tx, errand_id: str, row: dict[str, Any]) -> None:
    """`row` has the columns of `phone_errands` but the id, which is kept as a hash."""
    tx.connection.execute(insert(PhoneErrand), {"id": fingerprint(errand_id), "state": "waiting"} | row)


def relayed(tx: Tx, errand_id: str, addresses: dict[str, str]) -> None:
    """Notes where a relay keeps it."""
    tx.connection.execute(update(PhoneErrand).where(_e.id == fingerprint(errand_id)).values(relay=addresses))


def find(tx: Tx, errand_id: str) -> ErrandRow | None:
    row = tx.connection.execute(_FIND, {"id": fingerprint(errand_id)}).first()
    return None if row is None else ErrandRow._make(row)


def fetched(tx: Tx, errand_id: str, *, now: datetime) -> bool:
    """A phone has the document; it may ask for it again."""
    return _step(tx, errand_id, _OPEN, {"state": "fetched"}, now=now)


def delivered(tx: Tx, errand_id: str, sealed: bytes, *, now: datetime, expires_at: datetime) -> bool:
    """The phone brought a good signature. False when another was there before, or time is up."""
    return _step(
        tx, errand_id, _OPEN, {"state": "delivered", "sealed": sealed, "expires_at": expires_at}, now=now
    )  # fmt: skip


def refused(tx: Tx, errand_id: str, code: str, *, now: datetime) -> bool:
    """What the phone brought proves nothing: the errand is over."""
    return _step(tx, errand_id, _OPEN, {"state": "refused", "refusal": code}, now=now)


def spend(tx: Tx, errand_id: str, *, browser: str, purpose: str, now: datetime) -> bytes | None:
    """The sealed signature, for one of any number of parallel confirmations of the browser that began; else None."""
    row = find(tx, errand_id)
    if row is None or row.browser != browser or row.purpose != purpose:
        return None
    is_mine = _step(tx, errand_id, ("delivered",), {"state": "spent", "sealed": None}, now=now)
    return row.sealed if is_mine else None


def _step(tx: Tx, errand_id: str, states: tuple[str, ...], values: dict[str, Any], *, now: datetime) -> bool:
    query = update(PhoneErrand).where(_e.id == fingerprint(errand_id), _e.state.in_(states), _e.expires_at > now)
    return tx.connection.execute(query.values(values)).rowcount == 1
