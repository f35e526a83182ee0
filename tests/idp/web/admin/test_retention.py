"""What goes when, for who is responsible for personal data."""

from __future__ import annotations

from idp.jobs.retention import Retention
from tests.factories.console import Console


def test_rules_and_runs_are_shown(console: Console) -> None:
    office = console.browser("data_protection")
    assert office.go("/admin/retention").status_code == 200
    console.clock.advance(days=400)
    parts = console.parts
    Retention(parts.uow, parts.clock, parts.retention_rules)()
    assert console.browser("director").go("/admin/retention").status_code == 200
    assert console.browser("secretary").go("/admin/retention").status_code == 403
