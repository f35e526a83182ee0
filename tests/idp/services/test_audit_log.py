"""The log as people read it, within their reach."""

from __future__ import annotations

from datetime import timedelta

from idp.services import scope as scopes
from idp.services.audit_log import OUTSIDE
from idp.services.listing import Asked
from idp.store import audit
from tests.factories.console import Console


def _write(console: Console, event: str, school: str, *, days: int = 0, **more: object) -> None:
    with console.parts.uow.write() as tx:
        audit.record(
            tx, event=event, now=console.clock.now() - timedelta(days=days), school_id=school, **more  # type: ignore[arg-type]
        )  # fmt: skip


def test_a_school_reads_its_own_events_with_the_names_it_may_know(console: Console) -> None:
    people = console.people
    _write(console, "card_issued", console.school, actor_id=people["director"], person_id=people["pupil"])
    _write(console, "card_blocked", console.school, actor_id=people["operator"], person_id=people["pupil"], days=2)
    _write(console, "card_issued", console.other, actor_id=people["other_director"], person_id=people["other_pupil"])
    _write(console, "card_returned", console.school, person_id=people["pupil"], days=40)
    _write(console, "login", "", person_id=people["pupil"])
    log = console.parts.audit_log
    scope = scopes.of_actor(people["director"], "director", (console.school,))
    found = log.page(scope, Asked())
    assert (found.total, [row.event for row in found.rows]) == (2, ["card_issued", "card_blocked"])
    first, second = found.rows
    assert (first.actor, first.person) == ("Омарова Сәуле", "Серікова Айгерім Болатқызы")
    assert (second.actor, second.person_id) == (OUTSIDE, people["pupil"])
    for filters, events in (
        ({"event": "card_blocked"}, ["card_blocked"]),
        ({"from": "2026-07-01"}, ["card_issued", "card_blocked", "card_returned"]),
        ({"from": "2026-08-29", "to": "2026-08-30"}, ["card_blocked"]),
        ({"from": "yesterday"}, ["card_issued", "card_blocked"]),
    ):
        assert [row.event for row in log.page(scope, Asked(filters=filters)).rows] == events
    assert [row.event for row in log.page(scope, Asked(words="омарова")).rows] == ["card_issued"]
    assert log.page(scope, Asked(words="тілеуов")).rows == []
    assert [row.event for row in log.lines(scope, Asked())] == ["card_issued", "card_blocked"]


def test_the_operator_reads_everything_below_and_what_belongs_to_no_school(console: Console) -> None:
    people = console.people
    _write(console, "login", "", person_id=people["pupil"])
    _write(console, "card_issued", console.other, person_id=people["other_pupil"], data={"n": [1, 2], "empty": ""})
    schools = (console.district, console.school, console.other)
    found = console.parts.audit_log.page(scopes.of_actor(people["operator"], "operator", schools), Asked())
    assert {"login", "card_issued"} <= {row.event for row in found.rows}
    assert next(row.details for row in found.rows if row.event == "card_issued") == (("n", "1, 2"),)


def test_alerts_of_the_week_are_counted(console: Console) -> None:
    for days in (1, 9):
        _write(console, "export_alert", console.school, actor_id=console.people["director"], days=days)
    scope = scopes.of_actor(console.people["director"], "director", (console.school,))
    assert console.parts.audit_log.alerts(scope) == 1
