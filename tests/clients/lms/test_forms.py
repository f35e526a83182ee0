"""What people type is cleaned and measured."""

from __future__ import annotations

from datetime import date

import pytest

from clients.lms.forms import assignment_form, mark_form, work_form

TODAY = date(2026, 12, 1)


def test_text_keeps_its_lines_and_loses_what_nobody_wants() -> None:
    form = work_form({"text": " бір\r\nекі\u00a0үш\x00\u202e\tтөрт\r\n\r\n"})
    assert form.text == "бір\nекі үш\tтөрт"
    assert assignment_form({"title": "а\nб", "due_on": "2026-12-01"}, TODAY).title == "а б"


@pytest.mark.parametrize(
    ("due_on", "mistake"),
    [
        ("2026-12-01", None),
        ("2027-12-02", None),
        ("", "empty"),
        ("1.12.2026", "no_day"),
        ("2026-02-30", "no_day"),
        ("20261201", "no_day"),
        ("2026-W50-1", "no_day"),
        ("2026-11-30", "past"),
        ("2027-12-03", "far"),
        ("9999-12-31", "far"),
    ],
)
def test_a_day_is_a_day_from_today_within_a_year(due_on: str, mistake: str | None) -> None:
    assert assignment_form({"title": "a", "due_on": due_on}, TODAY).mistakes.get("due_on") == mistake
    unchanged = assignment_form({"title": "a", "due_on": "2026-11-30"}, TODAY, former_due="2026-11-30")
    assert unchanged.mistakes == {}


def test_a_mark_is_a_whole_number_from_1_to_10() -> None:
    assert mark_form({"mark": "10", "remark": "r", "version": "2"}).mark == 10
    for mark in ("", "0", "11", "1.0", "١", "9" * 5000):
        assert mark_form({"mark": mark}).mistakes == {"mark": "empty"}
    assert mark_form({"mark": "1", "remark": "r" * 1001}).mistakes == {"remark": "long"}
