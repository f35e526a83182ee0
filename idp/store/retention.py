"""Deletes rows that can never matter again. In batches, so that no transaction holds the writer for long."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select

from idp.store.models.grants import Grant, RevokedToken
from idp.store.models.sessions import LoginSession, OneTimeValue, Throttle
from idp.store.models.signing import PhoneErrand, SigningRequest
from idp.store.session import Tx


def delete_grants(tx: Tx, *, now: datetime, limit: int) -> int:
    """Grants past their end, with their codes and refresh tokens."""
    return _delete(tx, Grant, Grant.id, Grant.expires_at <= now, limit)


def delete_revoked_tokens(tx: Tx, *, now: datetime, limit: int) -> int:
    """Notes about access tokens that have expired anyway."""
    return _delete(tx, RevokedToken, RevokedToken.jti, RevokedToken.expires_at <= now, limit)


def delete_sessions(tx: Tx, *, before: datetime, limit: int) -> int:
    """Sessions whose absolute end lies before `before` and that no grant refers to any more."""
    is_free = ~exists().where(Grant.session_id == LoginSession.id)
    return _delete(tx, LoginSession, LoginSession.id, (LoginSession.expires_at <= before) & is_free, limit)


def delete_one_time_values(tx: Tx, *, now: datetime, limit: int) -> int:
    return _delete(tx, OneTimeValue, OneTimeValue.value_hash, OneTimeValue.expires_at <= now, limit)


def delete_phone_errands(tx: Tx, *, now: datetime, limit: int) -> int:
    """With what a phone brought and no browser confirmed."""
    return _delete(tx, PhoneErrand, PhoneErrand.id, PhoneErrand.expires_at <= now, limit)


def delete_unsigned_requests(tx: Tx, *, before: datetime, limit: int) -> int:
    """Documents that nobody signed and whose time ended before `before`; what was signed stays."""
    is_free = ~exists().where(PhoneErrand.request_id == SigningRequest.id)
    is_unsigned = (SigningRequest.state != "signed") & (SigningRequest.expires_at <= before)
    return _delete(tx, SigningRequest, SigningRequest.id, is_unsigned & is_free, limit)


def delete_throttles(tx: Tx, *, now: datetime, limit: int) -> int:
    """Windows of counted failures that are over."""
    return _delete(tx, Throttle, Throttle.key, Throttle.window_ends_at <= now, limit)


def _delete(tx: Tx, table: Any, key: Any, condition: ColumnElement[bool], limit: int) -> int:
    chosen = select(key).where(condition).limit(limit)
    return tx.connection.execute(delete(table).where(key.in_(chosen), condition)).rowcount
