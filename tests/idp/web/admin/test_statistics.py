"""Statistics in the console: a school's own, and an authority's without small groups."""

from __future__ import annotations

from tests.factories.console import Console


def test_charts_tables_and_a_file(console: Console) -> None:
    page = f"/admin/schools/{console.school}/statistics"
    shown = console.browser("director").go(page)
    assert shown.status_code == 200
    assert '<svg class="bars"' in shown.text
    assert "&lt;5" not in shown.text
    above = console.browser("official")
    assert "&lt;5" in above.go("/admin/statistics").text
    saved = above.go("/admin/statistics?format=csv")
    assert (saved.mimetype, "grades,7,<5" in saved.text) == ("text/csv", True)
    assert console.browser("secretary").go(page).status_code == 403
