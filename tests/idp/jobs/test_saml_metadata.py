"""jobs/saml_metadata: what is due is read beside the worker's loop, and never twice at a time."""

from __future__ import annotations

import logging
import threading

import pytest

from idp.core.clock import FixedClock
from idp.jobs.outbox import Outbox
from idp.jobs.saml_metadata import EVERY, MetadataRefresh, job
from idp.jobs.schedule import Worker
from idp.services.saml_schedule import MOST
from idp.store.session import UnitOfWork
from tests.factories.saml_federation import federation, member


def test_the_worker_reads_a_source_when_its_time_has_come(uow: UnitOfWork, clock: FixedClock) -> None:
    with federation(uow, clock) as fed:
        fed.aggregate(member("lms"))
        made = job(fed.sources)
        assert isinstance(made.run, MetadataRefresh)
        worker = Worker(uow, clock, Outbox(uow, clock, {}), [made])
        for wait in (EVERY, MOST, EVERY):
            worker.once()
            made.run.wait()
            clock.moment += wait
            fed.publish_all(member("lms"), member("library"))
        assert fed.asked == ["/all.xml"] * 2
        assert fed.sources.list()[0]["entities"] == 2


class _Slow:
    """Sources that take until they are let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.readings = 0

    def is_due(self) -> bool:
        return True

    def refresh_due(self) -> int:
        self.readings += 1
        self.go_on.wait(10)
        raise RuntimeError("the disk is full")


def test_a_slow_reading_holds_up_nobody_and_its_failure_is_told(caplog: pytest.LogCaptureFixture) -> None:
    sources = _Slow()
    refresh = MetadataRefresh(sources)  # type: ignore[arg-type]  # as much of it as the job needs
    refresh()
    refresh()
    sources.go_on.set()
    with caplog.at_level(logging.ERROR):
        refresh.wait()
    assert sources.readings == 1
    assert "job failed" in caplog.text
    refresh()
    refresh.wait()
    assert sources.readings == 2
