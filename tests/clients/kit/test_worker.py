"""What has expired is deleted; what lives stays."""

from __future__ import annotations

from datetime import timedelta

from clients.kit.db import Database
from clients.kit.login_states import LoginStates
from clients.kit.logout_token import LogoutToken
from clients.kit.logouts import end_named_sessions
from clients.kit.sealing import Sealer, derive_key
from clients.kit.sessions import Sessions, Tokens
from clients.kit.worker import clean_up
from idp.core.clock import FixedClock

NOTHING = {"sessions": 0, "login_states": 0, "logout_tokens": 0}


def test_expired_rows_go_and_others_stay(client_database: Database, clock: FixedClock) -> None:
    sealer = Sealer(derive_key("s", "t"))
    cookie = Sessions(client_database, sealer, clock).create(
        sub="sub", sid="sid", tokens=Tokens("a", "r", "i", clock.now()), claims={}
    )
    LoginStates(client_database, sealer, clock).set("state", "{}", 3600)
    seen = LogoutToken("issuer", "jti", "nobody", "", 0)
    end_named_sessions(client_database, seen, keep_until=clock.now() + timedelta(minutes=5))

    assert clean_up(client_database, clock.now()) == NOTHING
    clock.advance(minutes=61)
    assert clean_up(client_database, clock.now()) == NOTHING | {"login_states": 1, "logout_tokens": 1}
    assert Sessions(client_database, sealer, clock).find(cookie)
    clock.advance(hours=13)
    assert clean_up(client_database, clock.now()) == NOTHING | {"sessions": 1}
    assert clean_up(client_database, clock.now()) == NOTHING
