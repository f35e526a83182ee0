"""Planned work is told beforehand; what was not planned is measured apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.errors import Invalid, NotFound
from idp.services.acting import Actor
from idp.services.maintenance import Maintenance
from idp.store.session import UnitOfWork

TEXT = {"kk": "Жаңарту", "ru": "Обновление", "en": "Update"}


@pytest.fixture
def operator(clock: FixedClock) -> Actor:
    return Actor("p1", "m1", "operator", "o1", levels.MFA, (), clock.now(), "s1")


def test_work_is_announced_in_three_languages_shown_three_days_before_and_can_be_withdrawn(
    uow: UnitOfWork, clock: FixedClock, operator: Actor
) -> None:
    maintenance = Maintenance(uow, clock)
    begin = clock.now() + timedelta(days=4)
    end = begin + timedelta(hours=2)
    made = maintenance.announce(operator, TEXT, begin, end)
    for text, first, last in (({**TEXT, "en": " "}, begin, end), (TEXT, end, begin), (TEXT, begin, clock.now())):
        with pytest.raises(Invalid):
            maintenance.announce(operator, text, first, last)
    assert (maintenance.banner(), len(maintenance.upcoming())) == (None, 1)
    clock.advance(days=1, minutes=1)
    shown = maintenance.banner()
    assert shown is not None
    assert (shown.text["ru"], shown.begin) == ("Обновление", begin)
    maintenance.withdraw(operator, made)
    assert maintenance.banner() is None
    with pytest.raises(NotFound):
        maintenance.withdraw(operator, made)


def test_a_silence_is_an_outage_and_only_announced_ones_were_planned(
    uow: UnitOfWork, clock: FixedClock, operator: Actor
) -> None:
    maintenance = Maintenance(uow, clock)
    assert not maintenance.pulse()
    clock.advance(minutes=1)
    assert not maintenance.pulse()
    clock.advance(minutes=30)
    assert maintenance.pulse()
    maintenance.announce(operator, TEXT, clock.now(), clock.now() + timedelta(hours=3))
    clock.advance(minutes=1)
    maintenance.pulse()
    clock.advance(hours=2)
    assert maintenance.pulse()
    assert [(one.minutes, one.planned) for one in maintenance.away()] == [(120, True), (30, False)]
    clock.advance(days=31)
    assert maintenance.away() == []
