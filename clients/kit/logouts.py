"""What a valid logout token does: ends the sessions it names, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, insert
from sqlalchemy.exc import IntegrityError

from clients.kit import tables
from clients.kit.db import Database
from clients.kit.logout_token import LogoutToken
from idp.core.errors import Conflict
from idp.core.ids import fingerprint


def end_named_sessions(database: Database, token: LogoutToken, *, keep_until: datetime) -> int:
    """Ends sessions by `sid`, or all of the `sub`, and returns how many.

    Raises Conflict when this `jti` came before (OIDC Back-Channel Logout §2.6 step 8): a captured token must not
    end the sessions of tomorrow. The jti and the deletion are one transaction.
    """
    c = tables.sessions.c
    named = []
    if token.sid:
        named.append(c.sid == token.sid)
    if token.sub:
        named.append(c.sub == token.sub)
    seen = {"jti": fingerprint(f"{token.iss}\n{token.jti}"), "expires_at": keep_until}
    try:
        with database.write() as connection:
            connection.execute(insert(tables.logout_tokens).values(seen))
            return connection.execute(delete(tables.sessions).where(and_(*named))).rowcount
    except IntegrityError:
        raise Conflict("logout token replayed", code="logout_token_replayed") from None
