"""The guardians of one person, and the desk."""

from __future__ import annotations

from tests.factories.console import Console

FORM = {
    "family_name": "Серікова", "given_name": "Мәдина", "iin": "850525400018", "relation": "parent",
    "paper_kind": "Туу туралы куәлік", "paper_number": "1234567", "seen": "1",
}  # fmt: skip


def test_the_secretary_links_a_parent_and_hands_out_the_first_password(console: Console) -> None:
    browser = console.browser("secretary")
    url = f"/admin/schools/{console.school}/people/{console.people['pupil']}/guardians"
    assert "Гүлнара" in browser.go(url).text
    browser.go(f"{url}/add")
    page = browser.submit("/add", **{**FORM, "seen": "", "paper_kind": "", "paper_number": ""})
    assert page.status_code == 422
    assert 'href="#seen"' in page.text
    assert "850525400018" in page.text, "what was typed is kept"
    page = browser.submit("/add", **FORM, end="31.05.20267")
    assert (page.status_code, 'href="#end"' in page.text) == (422, True), "a mistyped end is no link without end"
    page = browser.submit("/add", **FORM, end="")
    assert 'id="new-password"' in page.text
    assert "madina.serikova" in page.text
    assert "Мәдина" in browser.go(url).text
    browser.go(f"{url}/add")
    assert browser.submit("/add", **FORM).status_code == 422, "they are linked already"
    child = browser.go(f"/admin/schools/{console.school}/people/{console.people['guardian']}/guardians")
    assert "Айгерім" in child.text
    assert "/guardians/add" not in child.text


def test_who_may_not_link_does_not_see_the_way(console: Console) -> None:
    url = f"/admin/schools/{console.school}/people/{console.people['pupil']}/guardians"
    teacher = console.browser("class_teacher")
    assert f"{url}/add" not in teacher.go(url).text
    assert teacher.go(f"{url}/add").status_code == 403
    other = f"/admin/schools/{console.school}/people/{console.people['other_pupil']}/guardians"
    assert console.browser("secretary").go(other).status_code == 404
