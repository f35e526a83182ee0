"""Who comes into the console, and how far."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from idp.core import levels
from idp.services.acting import StepUp
from idp.store.models.audit import AuditEvent
from tests.factories.console import Console
from tests.fakes.browser import Browser


def test_a_stranger_signs_in_first(console: Console) -> None:
    page = Browser(console.app.test_client()).go(f"/admin/schools/{console.school}")
    assert page.request.path == "/login/password"


def test_the_front_door_leads_to_the_own_school(console: Console) -> None:
    page = console.browser("director").go("/admin")
    assert (page.status_code, page.request.path) == (200, f"/admin/schools/{console.school}")


def test_another_school_is_not_found_and_the_try_is_written_down(console: Console) -> None:
    assert console.browser("director").go(f"/admin/schools/{console.other}").status_code == 404
    with console.parts.uow.read() as tx:
        event = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "access_denied")).one()
    assert (event.actor_id, event.school_id) == (console.people["director"], console.other)


def test_a_role_without_the_right_is_refused(console: Console) -> None:
    assert console.browser("pupil").go(f"/admin/schools/{console.school}").status_code == 403


@pytest.mark.parametrize(("acr", "age"), [(levels.PASSWORD, 0), (levels.EDS, 16)])
def test_an_act_of_weight_needs_a_strong_and_recent_sign_in(console: Console, acr: str, age: int) -> None:
    acting = console.parts.acting
    actor = acting.actor(
        person_id=console.people["director"], membership_id=console.memberships["director"], acr=acr, amr=("pwd",),
        auth_time=console.clock.now() - timedelta(minutes=age),
    )  # fmt: skip
    with pytest.raises(StepUp):
        acting.at(actor, "guardians.block", console.school)


def test_a_class_teacher_reaches_the_own_class_only(console: Console) -> None:
    acting = console.parts.acting
    actor = acting.actor(
        person_id=console.people["class_teacher"], membership_id=console.memberships["class_teacher"],
        acr=levels.PASSWORD, amr=("pwd",), auth_time=console.clock.now(),
    )  # fmt: skip
    assert acting.at(actor, "people.read", console.school).classes == (console.klass,)
