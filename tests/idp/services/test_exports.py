"""Nobody carries a region away: rows about people are counted by day."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.services.exports import CLIENT_LEAST, ExportLimit, Exports
from idp.store.models.audit import AuditEvent
from idp.store.session import UnitOfWork


def _events(uow: UnitOfWork, event: str) -> list[AuditEvent]:
    with uow.read() as tx:
        return list(tx.session.scalars(select(AuditEvent).where(AuditEvent.event == event).order_by(AuditEvent.id)))


def test_half_of_a_limit_alerts_once_and_the_limit_refuses_until_tomorrow(
    uow: UnitOfWork, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    exports = Exports(uow, clock, person_limit=100)
    exports.take("person:a", 50, what="people", school_id="s")
    assert _events(uow, "export_alert") == []
    for _ in range(3):
        exports.take("person:a", 10)
    for _ in range(2):
        with pytest.raises(ExportLimit) as refused:
            exports.take("person:a", 21)
    assert refused.value.code == "export_limit"
    exports.take("person:a", 20)
    exports.take("person:a", 21, what="breach", is_duty=True)  # The law gives one day: counted, alerted, not refused.
    exports.take("person:b", 50)
    assert [(event.actor_id, event.data["level"]) for event in _events(uow, "export_alert")] == [
        ("a", "half"), ("a", "limit"),
    ]  # fmt: skip
    assert [record.__dict__.get("reached") for record in caplog.records] == ["half", "limit"]
    assert not any("level" in record.__dict__ for record in caplog.records), "a line of the log has a level already"
    exported, _duty = _events(uow, "exported")
    assert (exported.actor_id, exported.school_id, exported.data) == ("a", "s", {"what": "people", "rows": 50})
    clock.advance(seconds=refused.value.retry_after)
    exports.take("person:a", 100)
    with pytest.raises(ExportLimit):
        exports.take("person:c", 101)


def test_a_client_may_take_the_people_of_its_schools_some_times_a_day(uow: UnitOfWork, clock: FixedClock) -> None:
    exports = Exports(uow, clock)
    assert exports.limit("client:nobody") == CLIENT_LEAST
    exports.take("client:nobody", CLIENT_LEAST)
    with pytest.raises(ExportLimit):
        exports.take("client:nobody", 1)
    assert [event.client_id for event in _events(uow, "export_alert")] == ["nobody", "nobody"]
    assert Exports(uow, clock, client_limit=7).limit("client:nobody") == 7
