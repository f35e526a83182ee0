"""Pages of organisations: the tree for who reaches many, settings for the director."""

from __future__ import annotations

from idp.core import levels
from tests.factories.console import Console


def test_an_operator_walks_the_tree_and_adds_a_school(console: Console) -> None:
    browser = console.browser("operator")
    page = browser.go("/admin")
    assert (page.status_code, page.request.path) == (200, "/admin/schools")
    assert "№ 12 мектеп-гимназия" in page.text
    assert "№ 5 ауыл мектебі" in page.text
    assert "№ 5" not in browser.go("/admin/schools?q=гимназия").text
    browser.go("/admin/schools/new")
    page = browser.submit("/new", type="secondary", parent_id=console.district, name="", identifier="12")
    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.text
    page = browser.submit("/new", type="secondary", parent_id=console.district, name="№ 7 мектеп", identifier="")
    assert (page.status_code, "№ 7 мектеп" in page.text) == (200, True)
    browser.go(f"/admin/schools/{console.school}/edit")
    page = browser.submit("/edit", type="secondary", parent_id=console.district, name="№ 12 лицей", status="active")
    assert page.status_code == 200
    assert "№ 12 лицей" in browser.go("/admin/schools?lang=en").text


def test_an_authority_reads_and_does_not_add(console: Console) -> None:
    browser = console.browser("official")
    assert "/admin/schools/new" not in browser.go("/admin/schools").text
    assert browser.go("/admin/schools/new").status_code == 403


def test_a_director_settles_the_school_and_no_other(console: Console) -> None:
    browser = console.browser("director")
    browser.go(f"/admin/schools/{console.school}/settings")
    page = browser.submit("/settings", second_factor="staff", phone="+7 727 000 00 00", email="x")
    assert page.status_code == 400
    page = browser.submit("/settings", second_factor="staff", phone="+7 727 000 00 00", email="")
    assert (page.status_code, "+7 727 000 00 00" in page.text) == (200, True)
    assert browser.go(f"/admin/schools/{console.other}/settings").status_code == 404
    assert console.browser("deputy").go(f"/admin/schools/{console.school}/settings").status_code == 403
    weak = console.browser("director", acr=levels.PASSWORD)
    assert "/settings" not in weak.go(f"/admin/schools/{console.school}/settings").request.path


def test_the_overview_counts_what_matters(console: Console) -> None:
    page = console.browser("director").go(f"/admin/schools/{console.school}?lang=en")
    assert "<b>1</b>Pupils" in page.text
    assert f'href="/admin/schools/{console.school}/classes"><b>1</b>Classes' in page.text
