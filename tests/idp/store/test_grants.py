"""store/grants: what ending a session takes along. Spending and rotating: `tests/contracts/test_oidc_stores.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.ids import fingerprint, new_id
from idp.store import clients, grants
from idp.store.models.sessions import LoginSession
from idp.store.session import Tx, UnitOfWork
from tests.factories.oidc import client_row
from tests.factories.rows import add_person


def add_session(tx: Tx, person_id: str, clock: FixedClock, **fields: Any) -> str:
    now = clock.now()
    row = {
        "id": new_id(),
        "token_hash": fingerprint(new_id()),
        "person_id": person_id,
        "acr": levels.PASSWORD,
        "amr": ["pwd"],
        "auth_time": now,
        "created_at": now,
        "last_seen_at": now,
        "idle_seconds": 3600,
        "expires_at": now + timedelta(days=1),
    } | fields
    tx.connection.execute(insert(LoginSession), row)
    return str(row["id"])


def add_grant(tx: Tx, person_id: str, session_id: str, clock: FixedClock, **fields: Any) -> str:
    now = clock.now()
    row = {
        "id": new_id(),
        "client_id": "textbooks",
        "person_id": person_id,
        "session_id": session_id,
        "scope": "openid",
        "auth_time": now,
        "code_consumed_at": now,
        "created_at": now,
        "expires_at": now + timedelta(days=1),
    } | fields
    grants.add(tx, row)
    return str(row["id"])


def add_client(tx: Tx, clock: FixedClock, client_id: str = "textbooks", **changes: Any) -> None:
    row = client_row(client_id, **changes)._asdict() | {"created_at": clock.now(), "updated_at": clock.now()}
    clients.add(tx, row)


def test_ending_a_session_revokes_codes_and_tied_families_once(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        add_client(tx, clock)
        session, other = add_session(tx, person, clock), add_session(tx, person, clock)
        tied = add_grant(tx, person, session, clock)
        free = add_grant(tx, person, session, clock, scope="openid offline_access")
        unspent = add_grant(tx, person, session, clock, scope="openid offline_access", code_consumed_at=None)
        elsewhere = add_grant(tx, person, other, clock)
        assert grants.end_session(tx, session, now=clock.now()) == person
        assert grants.end_session(tx, session, now=clock.now()) is None
        revoked = {}
        for grant_id in (tied, free, unspent, elsewhere):
            history = grants.history(tx, grant_id)
            assert history
            revoked[grant_id] = history.revoked_at is not None
    assert revoked == {tied: True, free: False, unspent: True, elsewhere: False}


def test_the_clients_of_a_session_are_named_once(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        for client_id in ("textbooks", "cabinet", "never"):
            add_client(tx, clock, client_id)
        session = add_session(tx, person, clock)
        for client_id in ("textbooks", "cabinet", "textbooks"):
            add_grant(tx, person, session, clock, client_id=client_id)
        assert [row.client_id for row in grants.clients_of_session(tx, session)] == ["cabinet", "textbooks"]
