"""A logout token ends what it names, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clients.kit.db import Database
from clients.kit.logout_token import LogoutToken
from clients.kit.logouts import end_named_sessions
from clients.kit.sealing import Sealer, derive_key
from clients.kit.sessions import Sessions, Tokens
from idp.core.clock import FixedClock
from idp.core.errors import Conflict


def token(jti: str, *, sub: str = "", sid: str = "") -> LogoutToken:
    return LogoutToken("http://localhost:8000", jti, sub, sid, 0)


def test_sid_sub_and_both_end_what_they_name(client_database: Database, clock: FixedClock) -> None:
    sessions = Sessions(client_database, Sealer(derive_key("s", "t")), clock)
    given = Tokens("a", "r", "i", clock.now())
    cookies = {
        (sub, sid): sessions.create(sub=sub, sid=sid, tokens=given, claims={})
        for sub, sid in (("ann", "1"), ("ann", "2"), ("ann", "3"), ("bob", "4"), ("bob", "5"))
    }

    def alive() -> set[str]:
        return {sid for (_, sid), cookie in cookies.items() if sessions.find(cookie)}

    later = clock.now() + timedelta(minutes=5)
    assert end_named_sessions(client_database, token("j1", sid="1"), keep_until=later) == 1
    assert alive() == {"2", "3", "4", "5"}
    assert end_named_sessions(client_database, token("j2", sub="bob", sid="2"), keep_until=later) == 0
    assert alive() == {"2", "3", "4", "5"}
    assert end_named_sessions(client_database, token("j3", sub="ann"), keep_until=later) == 2
    assert alive() == {"4", "5"}
    with pytest.raises(Conflict):
        end_named_sessions(client_database, token("j3", sub="bob"), keep_until=later)
    assert alive() == {"4", "5"}
