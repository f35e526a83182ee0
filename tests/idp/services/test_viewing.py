"""Who looked at whose data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from idp.core import levels
from idp.core.clock import FixedClock
from idp.services.acting import Actor
from idp.services.viewing import Viewing
from idp.store.models.audit import AuditEvent
from idp.store.session import UnitOfWork


def test_a_look_is_written_once_an_hour_for_each_part(uow: UnitOfWork, clock: FixedClock) -> None:
    viewing = Viewing(uow, clock)
    actor = Actor("director", "m", "director", "s", levels.MFA, ("pwd",), clock.now(), "")
    for what in ("facts", "facts", "cards"):
        viewing.saw(actor, "pupil", "s", what)
    viewing.saw(actor, "director", "s", "facts")
    clock.advance(hours=1)
    viewing.saw(actor, "pupil", "s", "facts")
    with uow.read() as tx:
        events = list(tx.session.scalars(select(AuditEvent).where(AuditEvent.person_id == "pupil")))
    assert [event.data["what"] for event in sorted(events, key=lambda event: event.id)] == ["facts", "cards", "facts"]
    assert {(event.event, event.actor_id, event.data["role"]) for event in events} == {
        ("person_viewed", "director", "director")
    }


def test_a_list_is_written_once_an_hour_on_a_page_and_to_each_app(uow: UnitOfWork, clock: FixedClock) -> None:
    viewing = Viewing(uow, clock)
    actor = Actor("director", "m", "director", "s", levels.MFA, ("pwd",), clock.now(), "")
    app: dict[str, Any] = {"client_id": "cabinet", "claims": {"name", "birthdate"}, "basis": "contract"}
    for _ in range(2):
        viewing.listed(actor, "s", "people", **app)
        viewing.listed(actor, "s", "people")
        viewing.listed(actor, "other", "people")
    clock.advance(hours=1)
    viewing.listed(actor, "s", "people")
    with uow.read() as tx:
        events = sorted(tx.session.scalars(select(AuditEvent)), key=lambda event: event.id)
    assert [(event.event, event.client_id, event.school_id) for event in events] == [
        ("listed", "cabinet", "s"), ("listed", "", "s"), ("listed", "", "other"), ("listed", "", "s"),
    ]  # fmt: skip
    assert events[0].data["claims"] == ["birthdate", "name"]
    assert events[0].data["basis"] == "contract"
