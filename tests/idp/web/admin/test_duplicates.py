"""Two records of one person."""

from __future__ import annotations

from datetime import date

from idp.core.names import search_key
from tests.factories.console import Console


def _twin(console: Console) -> str:
    with console.parts.uow.write() as tx:
        names = ("Серікова", "Айгерим", "Болатқызы")
        return console.add(
            tx, "twin", "pupil", console.school, family_name=names[0], given_name=names[1], middle_name=names[2],
            search_key=search_key(*names), birth_date=date(2013, 5, 17),
        )  # fmt: skip


def test_duplicates_are_found_compared_merged_and_taken_apart(console: Console) -> None:
    twin, kept = _twin(console), console.people["pupil"]
    browser = console.browser("director")
    page = browser.go(f"/admin/schools/{console.school}/duplicates")
    assert "Айгерим" in page.text
    url = f"/admin/schools/{console.school}/people/{kept}/merge/{twin}"
    form = browser.go(url)
    assert "twin" in form.text
    merged = browser.submit("/merge/")
    assert merged.request.path.endswith(kept)
    browser.page = form
    assert browser.submit("/merge/").request.path.endswith(kept)
    assert browser.go(f"/admin/schools/{console.school}/people/{twin}").request.path.endswith(kept)
    assert "Айгерим" not in browser.go(f"/admin/schools/{console.school}/duplicates").text
    browser.go(f"/admin/schools/{console.school}/people/{kept}/merged")
    browser.submit("/undo")
    assert browser.go(f"/admin/schools/{console.school}/people/{twin}").request.path.endswith(twin)


def test_what_cannot_be_merged_says_why(console: Console) -> None:
    browser = console.browser("director")
    url = f"/admin/schools/{console.school}/people"
    pupil, guardian = console.people["pupil"], console.people["guardian"]
    page = browser.go(f"{url}/{pupil}/merge/{guardian}")
    assert "заңды өкілі" in page.text
    assert "btn-primary" not in page.text
    assert browser.go(f"{url}/{pupil}/merge/{console.people['other_pupil']}").status_code == 404
    assert browser.go(f"{url}/{pupil}/merge/{pupil}").status_code == 404
