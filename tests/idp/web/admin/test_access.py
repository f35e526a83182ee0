"""Who has access, on a page and as a file."""

from __future__ import annotations

from tests.factories.console import Console


def test_the_list_of_who_has_access_is_shown_and_saved(console: Console) -> None:
    page = f"/admin/schools/{console.school}/access"
    office = console.browser("data_protection")
    assert "Қасымова Жанар" in office.go(page).text
    saved = office.go(f"{page}?format=csv")
    assert saved.mimetype == "text/csv"
    assert "guardians.block" in saved.text
    assert "Қасымова" not in console.browser("other_director").go(f"/admin/schools/{console.other}/access").text
    assert console.browser("secretary").go(page).status_code == 403
