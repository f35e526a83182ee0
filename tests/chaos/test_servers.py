"""The server under rough hands: it starts quickly, stops politely, and comes back after a kill."""

from __future__ import annotations

import time
from contextlib import suppress

import psutil
import requests
from sqlalchemy import Engine, select

from idp.store.models.work import Lease
from idp.store.session import UnitOfWork, open_engine
from tests.fakes.deadline import wait_until
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
        parent = psutil.Process(idp.pid)
        before = {worker.pid for worker in parent.children()}
        parent.children()[0].kill()
        # Until the new one listens, what the kernel had queued for the dead one is reset: that is what a kill means.
        wait_until(lambda: len(_listening(parent)) == 2 and _listening(parent) != before, seconds=30, why=idp.text)
        assert {requests.get(f"{idp.url}/readyz", timeout=5).status_code for _ in range(8)} == {200}


def _listening(parent: psutil.Process) -> set[int]:
    """The workers that take connections."""
    found = set()
    for worker in parent.children():
        with suppress(psutil.Error):
            if any(one.status == psutil.CONN_LISTEN for one in worker.net_connections()):
                found.add(worker.pid)
    return found


def test_the_background_worker_stops_when_told(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with running_idp(sqlite_url) as idp, running_worker(idp) as worker:
        wait_until(lambda: _has_worked(engine), seconds=20, why=worker.text)
        assert worker.stop() == 0
    engine.dispose()


def _has_worked(engine: Engine) -> bool:
    """A worker takes the lease of a job in its first round."""
    with UnitOfWork(engine).read() as tx:
        return tx.connection.execute(select(Lease.name)).first() is not None
