"""Sessions that began with an assertion, found by the name under which the IdP knows the person here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select

from clients.kit import tables
from clients.kit.db import Database
from clients.lms.saml.service_provider import NameId
from idp.core.ids import fingerprint

_CLAIM = "saml"


def sid_of(name_id: str) -> str:
    """What `sessions.sid` holds: the NameID's hash."""
    return fingerprint(name_id)


def logout_claim(name_id: NameId, session_index: str) -> dict[str, Any]:
    """The claim that keeps what a LogoutRequest must repeat (SAML Core §3.7.1)."""
    return {_CLAIM: {"name_id": asdict(name_id), "session_index": session_index}}


def logout_names(claims: dict[str, Any]) -> tuple[NameId, str]:
    kept = claims[_CLAIM]
    return NameId(**kept["name_id"]), str(kept["session_index"])


def end_sessions(database: Database, name_id: str, session_indexes: Sequence[str]) -> int:
    """Ends the named sessions, all of the name when no index is given, and returns how many."""
    c = tables.sessions.c
    with database.write() as connection:
        rows = connection.execute(select(c.id, c.claims).where(c.sid == sid_of(name_id))).all()
        named = [row.id for row in rows if not session_indexes or logout_names(row.claims)[1] in session_indexes]
        return connection.execute(delete(tables.sessions).where(c.id.in_(named))).rowcount if named else 0
