"""The database goes away and comes back while the IdP serves: people are told to come again, and nothing need restart.

On PostgreSQL the server stops; on SQLite somebody else holds the write lock for a while.
"""

from __future__ import annotations

import re
import select
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.factories import live
from tests.factories.live import CLIENT, Live, Pages, authorization, redemption, refreshing
from tests.factories.oidc import basic
from tests.factories.relying_party import SECRET
from tests.fakes.databases import PostgresServer, migrate, postgres_programs
from tests.fakes.deadline import wait_until
from tests.fakes.servers import running_idp, running_worker
from tests.fakes.volley import Call, Reply, begin, finish, send, volley

_PUBLIC = ("/healthz", "/.well-known/openid-configuration", "/oauth/jwks.json", "/static/css/base.css")
_LOCK_SECONDS = 2


@pytest.fixture
def own_postgres(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of this test's own, because it stops it (`postgres` first: it says when none is installed)."""
    programs = postgres_programs()
    assert programs
    server = PostgresServer(programs)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.mark.postgres
def test_while_postgresql_is_down_everything_says_so_and_then_goes_on(own_postgres: PostgresServer) -> None:
    url = own_postgres.create("bilim")
    migrate(url)
    with running_idp(url, workers=2) as idp, live.on(idp) as here, running_worker(idp) as worker:
        cookie = here.sign_in()
        tokens, code = here.tokens(cookie), here.code(cookie)
        page = Pages(here)
        password = page.open("/login/password") | {"username": "pupil1", "password": "бірдеңе"}
        _say_hello(here)
        own_postgres.halt()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        machines = [redemption(code), refreshing(tokens["refresh_token"]), Call("/oauth/userinfo", headers=bearer)]
        machines.append(Call("/oauth/introspect", {"token": tokens["access_token"]}, _as_client()))
        people = [authorization(cookie), Call("/account", headers={"Cookie": cookie})]
        people.append(Call("/login/password", password, {"Cookie": page.cookies}))
        page.close()
        for _ in range(3):
            for call in machines:
                assert _is_outage_for_a_machine(send(here.url, call)), call
            for call in people:
                assert _is_outage_for_a_person(send(here.url, call)), call
            assert send(here.url, Call("/readyz")).json() == {"status": "database"}
        assert {send(here.url, Call(path)).status for path in _PUBLIC} == {200}
        wait_until(lambda: "worker round failed" in worker.text(), seconds=30, why=worker.text)
        own_postgres.resume()
        here.parts.engine.dispose()
        wait_until(lambda: _has_recovered(here, cookie), seconds=30, why=idp.text)
        # What was asked for during the outage was not carried out: it still works, once.
        again = send(here.url, refreshing(tokens["refresh_token"]))
        assert again.status == 200
        assert send(here.url, redemption(code)).status == 200
        out = Call("/oauth/logout", {"id_token_hint": again.json()["id_token"]}, {"Cookie": cookie})
        assert send(here.url, out).status == 303
        wait_until(lambda: here.count("outbox") > here.count("outbox", attempts=0), seconds=30, why=worker.text)
        assert worker.is_running()
        assert idp.is_running()


def _as_client() -> dict[str, str]:
    return {"Authorization": basic(CLIENT, SECRET)}


def _say_hello(here: Live) -> None:
    """Every thread of every process opens its connection, so that each holds a broken one afterwards."""
    assert {reply.status for reply in volley(here.url, [Call("/readyz")] * 32)} == {200}


def _is_outage_for_a_machine(reply: Reply) -> bool:
    body = reply.json()
    assert (reply.status, body["error"]) == (503, "unavailable"), (reply.status, body)
    return bool(re.fullmatch("[0-9A-Z]{3} [0-9A-Z]{3}", body["reference"])) and "retry-after" in reply.headers


def _is_outage_for_a_person(reply: Reply) -> bool:
    page = reply.body.decode()
    assert reply.status == 503, (reply.status, page[:400])
    shown = re.search('id="error-reference">[0-9A-Z]{3} [0-9A-Z]{3}<', page)
    return shown is not None and 'id="error-code">unavailable<' in page


def _has_recovered(here: Live, cookie: str) -> bool:
    """A volley over all processes without any failure; before it at most 503 is heard."""
    statuses = {reply.status for reply in volley(here.url, [authorization(cookie)] * 16)}
    assert statuses <= {303, 503}
    return statuses == {303}


def test_while_sqlite_is_locked_writers_wait_and_readers_do_not(sqlite_url: str) -> None:
    with running_idp(sqlite_url, workers=2) as idp, live.on(idp) as here:
        cookie = here.sign_in()
        tokens = here.tokens(cookie)
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = [
                begin(here.url, authorization(cookie)),
                begin(here.url, refreshing(tokens["refresh_token"])),
                begin(here.url, redemption("A" * 86)),
            ]
            assert {send(here.url, Call(path)).status for path in (*_PUBLIC, "/readyz", "/login/password")} == {200}
            until = time.monotonic() + _LOCK_SECONDS
            assert _answered(waiting[:2], until) == []
            other.execute("ROLLBACK")
        assert [finish(wire).status for wire in waiting] == [303, 200, 400]


def _answered(wires: list[socket.socket], until: float) -> list[socket.socket]:
    """The connections on which something arrives before a moment; returns when something does, or then."""
    return select.select(wires, [], [], max(0.0, until - time.monotonic()))[0]
