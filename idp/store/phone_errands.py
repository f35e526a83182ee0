"""Errands of phones: each step is one conditional UPDATE, so of any number of parallel tries exactly one is taken.

Bound to the hash of the id in the QR code; what ends an errand is also bound to the browser that began it. Browsers
ask every few seconds how theirs stands: only `content` reads the document, which may have megabytes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, insert, or_, select, update

from idp.core.ids import fingerprint, same
from idp.store.models.signing import PhoneErrand, SigningRequest
from idp.store.session import Tx

_e = PhoneErrand.__table__.c
_OPEN = ("waiting", "fetched")
_FIND = (
    select(
        _e.purpose,
        _e.browser,
        _e.request_id,
        _e.token_hash,
        _e.state,
        _e.refusal,
        _e.sealed,
        _e.relay,
        _e.asked_at,
        _e.expires_at,
        SigningRequest.title,
        SigningRequest.media_type,
    )
    .select_from(PhoneErrand)
    .outerjoin(SigningRequest, SigningRequest.id == _e.request_id)
    .where(_e.id == bindparam("id"))
)
_CONTENT = (
    select(func.coalesce(SigningRequest.document, _e.document))
    .select_from(PhoneErrand)
    .outerjoin(SigningRequest, SigningRequest.id == _e.request_id)
    .where(_e.id == bindparam("id"))
)


class ErrandRow(NamedTuple):
    """An errand without its document; `title` and `media_type` are those of its request, where it has one."""

    purpose: str
    browser: str
    request_id: str | None
    token_hash: str
    state: str
    refusal: str
    sealed: bytes | None
    relay: dict[str, Any]
    asked_at: datetime | None
    expires_at: datetime
    title: dict[str, Any] | None
    media_type: str | None

    def serves(self, browser: str, purpose: str, request_id: str) -> bool:
        """Whether it is this browser's, and for this purpose and document; a sign-in has no request."""
        return same(self.browser, browser) and (self.purpose, self.request_id or "") == (purpose, request_id)


def add(tx: Tx, errand_id: str, row: dict[str, Any]) -> None:
    """`row` has the columns of `phone_errands` but the id, which is kept as a hash."""
    tx.connection.execute(insert(PhoneErrand), {"id": fingerprint(errand_id), "state": "waiting"} | row)


def relayed(tx: Tx, errand_id: str, addresses: dict[str, str]) -> None:
    """Notes where a relay keeps it."""
    tx.connection.execute(update(PhoneErrand).where(_e.id == fingerprint(errand_id)).values(relay=addresses))


def find(tx: Tx, errand_id: str) -> ErrandRow | None:
    row = tx.connection.execute(_FIND, {"id": fingerprint(errand_id)}).first()
    return None if row is None else ErrandRow._make(row)


def content(tx: Tx, errand_id: str) -> bytes | None:
    """What is signed, octet by octet: the document of its request, or its own."""
    found: bytes | None = tx.connection.execute(_CONTENT, {"id": fingerprint(errand_id)}).scalar()
    return found


def asked(tx: Tx, errand_id: str, *, now: datetime, every: timedelta) -> bool:
    """The relay may be asked now; False when another thread or node has done so less than `every` ago."""
    is_due = or_(_e.asked_at.is_(None), _e.asked_at <= now - every)
    query = update(PhoneErrand).where(
        _e.id == fingerprint(errand_id), _e.state.in_(_OPEN), _e.expires_at > now, is_due
    )  # fmt: skip
    return tx.connection.execute(query.values(asked_at=now)).rowcount == 1


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


def spend(
    tx: Tx, errand_id: str, *, browser: str, purpose: str, request_id: str, now: datetime
) -> bytes | None:  # fmt: skip
    """The sealed signature, for one of any number of parallel confirmations of the browser that began; else None."""
    row = find(tx, errand_id)
    if row is None or not row.serves(browser, purpose, request_id):
        return None
    is_mine = _step(tx, errand_id, ("delivered",), {"state": "spent", "sealed": None}, now=now)
    return row.sealed if is_mine else None


def _step(tx: Tx, errand_id: str, states: tuple[str, ...], values: dict[str, Any], *, now: datetime) -> bool:
    query = update(PhoneErrand).where(_e.id == fingerprint(errand_id), _e.state.in_(states), _e.expires_at > now)
    return tx.connection.execute(query.values(values)).rowcount == 1
