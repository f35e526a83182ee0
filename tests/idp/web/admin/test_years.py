"""The page of the year's end: planned, done once, taken back."""

from __future__ import annotations

from datetime import timedelta

from tests.factories.console import Console


def test_a_director_closes_the_year_and_takes_it_back(console: Console) -> None:
    browser = console.browser("director")
    base = f"/admin/schools/{console.school}/year"
    page = browser.go(f"{base}?lang=en")
    assert "8 «Ә»" in page.text
    page = browser.go(f"{base}/{console.klass}")
    assert "Серікова Айгерім" in page.text
    page = browser.submit(f"/year/{console.klass}", **{f"pupil-{console.people['pupil']}": "leaves"})
    assert "The plan is kept" in page.text
    plan = {"act": "plan", f"class-{console.klass}": "raise"}
    csrf = page.text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    assert browser.client.post(base, data=plan | {"csrf_token": csrf}).status_code == 303
    for _ in range(2):  # a second press finds it done
        done = browser.client.post(base, data={"act": "apply", "csrf_token": csrf})
        assert done.status_code == 303
    page = browser.go(base)
    assert "Pupils who left" in page.text
    console.clock.advance(minutes=1)
    page = browser.submit("/year", act="undo")
    assert "It was taken back" in page.text
    assert browser.client.post(base, data={"act": "undo", "csrf_token": csrf}).status_code == 409
    assert console.browser("secretary").go(base).status_code == 403
    old = console.browser("director", age=timedelta(hours=1)).go(base)
    assert old.request.path != base
