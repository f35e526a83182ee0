"""A login under way is kept sealed, for an hour, and forgotten once used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from clients.kit import tables
from clients.kit.db import Database
from clients.kit.login_states import LoginStates
from clients.kit.sealing import Sealer, derive_key
from idp.core.clock import FixedClock


def test_a_state_is_kept_sealed_until_used_or_expired(client_database: Database, clock: FixedClock) -> None:
    states = LoginStates(client_database, Sealer(derive_key("s", "t")), clock)
    states.set("_state_bilim_abc", '{"code_verifier": "v"}', 3600)
    assert states.get("_state_bilim_abc") == '{"code_verifier": "v"}'
    with client_database.read() as connection:
        row = str(connection.execute(select(tables.login_states)).one())
    assert "abc" not in row
    assert "code_verifier" not in row
    clock.advance(seconds=3600)
    assert states.get("_state_bilim_abc") is None
    states.set("other", "{}", 3600)
    states.delete("other")
    assert states.get("other") is None


def test_a_state_is_taken_once(client_database: Database, clock: FixedClock) -> None:
    states = LoginStates(client_database, Sealer(derive_key("s", "t")), clock)
    states.set("request", "{}", 3600)
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: states.take("request"), range(4)))
    assert taken.count("{}") == 1
    assert taken.count(None) == 3
