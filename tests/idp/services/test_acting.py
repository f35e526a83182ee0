"""Who acts, how far, and how surely; what is refused is written down, and never without end."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from idp.core import levels
from idp.core.errors import Denied, NotFound
from idp.services.acting import REFUSALS_KEPT, Actor, StepUp
from idp.store.models.audit import AuditEvent
from tests.factories.console import Console


def _actor(console: Console, name: str, acr: str = levels.PASSWORD) -> Actor:
    return console.parts.acting.actor(
        person_id=console.people[name], membership_id=console.memberships[name], acr=acr, amr=("pwd",),
        auth_time=console.clock.now(),
    )  # fmt: skip


def test_a_role_reaches_its_class_its_school_or_everything_below(console: Console) -> None:
    acting = console.parts.acting
    teacher = acting.at(_actor(console, "class_teacher"), "people.read", console.school)
    assert (teacher.schools, teacher.classes) == ((console.school,), (console.klass,))
    assert acting.below(_actor(console, "director"), "audit.read").schools == (console.school,)
    everything = acting.below(_actor(console, "operator"), "audit.read").schools
    assert set(everything) == {console.district, console.school, console.other}
    assert acting.at(_actor(console, "operator"), "people.read", console.other).classes is None


def test_somebody_without_a_role_or_a_right_is_refused(console: Console) -> None:
    with pytest.raises(Denied, match="no role"):
        console.parts.acting.actor(
            person_id=console.people["pupil"], membership_id=console.memberships["director"], acr="", amr=(),
            auth_time=console.clock.now(),
        )  # fmt: skip
    with pytest.raises(Denied):
        console.parts.acting.at(_actor(console, "pupil"), "audit.read", console.school)
    with pytest.raises(Denied):
        console.parts.acting.below(_actor(console, "pupil"), "audit.read")


def test_a_weak_sign_in_is_asked_again(console: Console) -> None:
    with pytest.raises(StepUp) as asked:
        console.parts.acting.at(_actor(console, "director"), "clients.switch", console.school)
    assert asked.value.acr == levels.MFA
    assert console.parts.acting.at(_actor(console, "director", levels.EDS), "clients.switch", console.school)


def test_who_knocks_on_every_door_does_not_fill_the_log(console: Console) -> None:
    actor = _actor(console, "director")
    for number in range(REFUSALS_KEPT + 5):
        with pytest.raises(NotFound):
            console.parts.acting.at(actor, "people.read", f"school-{number}")
    with console.parts.uow.read() as tx:
        events = list(tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "access_denied")))
    assert len(events) == REFUSALS_KEPT + 1
    assert [event.school_id for event in events if event.data.get("more")] == [f"school-{REFUSALS_KEPT}"]
