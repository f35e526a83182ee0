"""Pages of classes: opened, filled and closed without a script; a teacher sees the own class and changes nothing."""

from __future__ import annotations

from tests.factories.console import Console


def test_a_secretary_keeps_the_classes(console: Console) -> None:
    browser = console.browser("secretary")
    base = f"/admin/schools/{console.school}/classes"
    page = browser.go(base)
    assert "7 «Ә»" in page.text
    assert "Ахметов Марат" in page.text
    assert "Nothing was found" in browser.go(f"{base}?grade=9&lang=en").text
    browser.go(f"{base}/new")
    assert browser.submit("/new", title="").status_code == 400
    page = browser.submit("/new", title="8 «Б»", grade="8", shift="2", language="kk")
    assert (page.status_code, "8 «Б»" in page.text) == (200, True)
    new = page.request.path
    pupil = console.people["pupil"]
    browser.go(f"{base}/{console.klass}")
    assert "Серікова Айгерім" in browser.submit("/out").text
    assert pupil in browser.go(new).text
    page = browser.submit("/pupils", people=pupil)
    assert "Серікова Айгерім" in page.text
    page = browser.submit("/teacher", teacher=console.people["teacher"])
    assert "Есенғалиева Динара" in page.text
    assert browser.submit("/teacher", teacher=pupil).status_code == 400
    browser.go(new)
    assert browser.submit("/close").status_code == 200
    assert "8 «Б»" not in browser.go(base).text
    assert "8 «Б»" in browser.go(f"{base}?status=ended").text


def test_a_class_teacher_sees_the_own_class_only(console: Console) -> None:
    browser = console.browser("class_teacher")
    base = f"/admin/schools/{console.school}/classes"
    assert "7 «Ә»" in browser.go(base).text
    page = browser.go(f"{base}/{console.klass}")
    assert (page.status_code, "/close" in page.text) == (200, False)
    assert browser.go(f"{base}/{console.other_klass}").status_code == 404
    assert browser.go(f"{base}/new").status_code == 403
    stranger = console.browser("other_director")
    assert stranger.go(f"/admin/schools/{console.other}/classes/{console.klass}").status_code == 404
