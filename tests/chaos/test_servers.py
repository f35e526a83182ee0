"""The server under rough hands: it starts quickly, stops politely, and comes back after a kill."""

from __future__ import annotations

import time

import psutil
import requests
from sqlalchemy import Engine, select

from idp.store.models.work import Lease
from idp.store.session import UnitOfWork, open_engine
from tests.fakes.servers import running_idp, running_worker


def test_four_workers_answer_and_stop_within_their_grace(database_url: str) -> None:
    with running_idp(database_url, workers=4) as idp:
        children = psutil.Process(idp.pid).children(recursive=True)
        assert len([child for child in children if child.is_running()]) >= 4
        assert requests.get(f"{idp.url}/healthz", timeout=5).json() == {"status": "ok"}
        assert idp.stop() == 0
        assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


def test_a_killed_server_starts_again_on_the_same_database(database_url: str) -> None:
    with running_idp(database_url, workers=2) as idp:
        before = requests.get(f"{idp.url}/oauth/jwks.json", timeout=5).json()
        idp.kill()
        began = time.monotonic()
        idp.start()
        assert time.monotonic() - began < 10
        assert requests.get(f"{idp.url}/oauth/jwks.json", timeout=5).json() == before


def test_a_worker_that_dies_is_replaced(sqlite_url: str) -> None:
    with running_idp(sqlite_url, workers=2) as idp:
        victim = psutil.Process(idp.pid).children()[0]
        victim.kill()
        deadline = time.monotonic() + 20
        while len([c for c in psutil.Process(idp.pid).children() if c.status() != psutil.STATUS_ZOMBIE]) < 2:
            assert time.monotonic() < deadline, idp.text()
            time.sleep(0.05)
        assert requests.get(f"{idp.url}/readyz", timeout=5).status_code == 200


def test_the_background_worker_stops_when_told(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with running_idp(sqlite_url) as idp, running_worker(idp) as worker:
        deadline = time.monotonic() + 20
        while not _has_worked(engine):
            assert time.monotonic() < deadline, worker.text()
            time.sleep(0.05)
        assert worker.stop() == 0
    engine.dispose()


def _has_worked(engine: Engine) -> bool:
    """A worker takes the lease of a job in its first round."""
    with UnitOfWork(engine).read() as tx:
        return tx.connection.execute(select(Lease.name)).first() is not None
