"""What holds an announcement to its word."""

from __future__ import annotations

from datetime import timedelta

from idp.core.clock import FixedClock
from idp.store import announcements
from idp.store.session import UnitOfWork


def test_an_outage_counts_as_planned_only_when_told_before_it_began(uow: UnitOfWork, clock: FixedClock) -> None:
    now, hour = clock.now(), timedelta(hours=1)
    row = {"id": "a1", "text": {}, "begin": now, "end": now + 2 * hour, "made_by": "p", "made_at": now + hour}
    with uow.write() as tx:
        announcements.add(tx, row)
        assert not announcements.covers(tx, now, now + hour)
        assert announcements.covers(tx, now + hour, now + 2 * hour)
        assert [one["id"] for one in announcements.upcoming(tx, now=now)] == ["a1"]
        assert announcements.withdraw(tx, "a1", now=now)
        assert not announcements.withdraw(tx, "a1", now=now)
        assert not announcements.covers(tx, now + hour, now + 2 * hour)
        announcements.add_outage(tx, now, now + hour, planned=False)
        assert announcements.outages(tx, since=now) == [(now, now + hour, False)]
