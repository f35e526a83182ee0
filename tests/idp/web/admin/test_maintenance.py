"""The operator tells planned work; everybody sees it in time, in their language and local time."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from idp.services.maintenance import Maintenance
from tests.factories.console import Console
from tests.fakes.browser import Browser

TEXT = {"text_kk": "Жаңарту жүреді", "text_ru": "Идёт обновление", "text_en": "An update runs"}


def test_planned_work_is_announced_shown_and_withdrawn(console: Console) -> None:
    operator, stranger = console.browser("operator"), Browser(console.app.test_client())
    assert stranger.go("/status").status_code == 200
    operator.go("/admin/maintenance")
    assert operator.submit("/maintenance", **TEXT, begin="2026-09-10T22:00", end="2026-09-10T21:00").status_code == 422
    operator.go("/admin/maintenance")
    assert operator.submit("/maintenance", **TEXT, begin="2026-09-10T22:00", end="2026-09-10T23:30").status_code == 200
    assert "Идёт обновление" in stranger.go("/status?lang=ru").text
    assert "Идёт обновление" not in stranger.go("/login/password").text
    console.clock.advance(days=7)
    page = stranger.go("/login/password").text
    assert "Идёт обновление" in page
    assert "22:00" in page
    assert "Жаңарту жүреді" in console.browser("guardian").go("/account").text
    console.browser("operator").go("/admin/maintenance")
    again = console.browser("operator")
    again.go("/admin/maintenance")
    again.submit("/withdraw")
    assert "Идёт обновление" not in stranger.go("/login/password").text
    assert console.browser("director").go("/admin/maintenance").status_code == 403


def test_a_database_that_is_away_does_not_take_the_page_with_it(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_self: Maintenance) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(Maintenance, "upcoming", away)
    assert Browser(console.app.test_client()).go("/login/password").status_code == 200
