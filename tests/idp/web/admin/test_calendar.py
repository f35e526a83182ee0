"""Pages of the calendar: a month as a picture with its table, years, days, bells; the operator's holidays."""

from __future__ import annotations

from werkzeug.test import TestResponse

from tests.factories.console import Console
from tests.fakes.browser import Browser


def _post(browser: Browser, url: str, **fields: str) -> TestResponse:
    """To exactly this address: many forms of these pages begin alike."""
    csrf = browser.page.text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    return browser.client.post(url, data=fields | {"csrf_token": csrf}, follow_redirects=True)


def test_a_deputy_keeps_the_calendar(console: Console) -> None:
    console.parts.holidays.seed()
    browser = console.browser("deputy")
    base = f"/admin/schools/{console.school}/calendar"
    page = browser.go(f"{base}?month=2026-12&lang=en")
    assert page.status_code == 200
    assert 'role="img"' in page.text
    assert "Тәуелсіздік күні" in page.text
    # The legend has the colours of the picture: what is worked is blue in both, and green nothing.
    assert ('st-day">Weekend day that is worked' in page.text, "st-ok" in page.text) == (True, False)
    page = _post(browser, f"{base}/sessions", title="2026–2027", begin="2026-09-01", end="2027-05-25")
    assert (page.status_code, "2026–2027" in page.text) == (200, True)
    page = _post(browser, f"{base}/sessions", title="2026–2027", begin="2026-10-01", end="2027-05-25")
    assert (page.status_code, "It overlaps" in page.text) == (400, True)
    browser.go(base)
    page = _post(browser, f"{base}/days", kind="break", title="Күзгі каникул", begin="2026-10-26", end="2026-11-01")
    assert "Күзгі каникул" in page.text
    page = _post(browser, f"{base}/copy")
    assert "2027–2028" in page.text
    browser.go(base)
    assert browser.submit("/remove").status_code == 200
    browser.go(f"{base}/bells/1")
    assert browser.submit("/bells/1", begin1="08:00", end1="08:45", begin2="08:40", end2="09:25").status_code == 400
    assert "08:45" in browser.submit("/bells/1", begin1="08:00", end1="08:45", begin2="08:50", end2="09:35").text
    assert browser.go(f"{base}/bells/9").status_code in (200, 404)
    assert 'action="' not in console.browser("guard").go(base).text.split("<main", 1)[1]


def test_the_operator_keeps_the_holidays_of_the_country(console: Console) -> None:
    console.parts.holidays.seed()
    browser = console.browser("operator")
    assert "Наурыз мейрамы" in browser.go("/admin/holidays?year=2027").text
    page = _post(browser, "/admin/holidays", kind="holiday", title="Құрбан айт", begin="2027-05-16")
    assert (page.status_code, "Құрбан айт" in page.text) == (200, True)
    assert _post(browser, "/admin/holidays", kind="holiday", title="", begin="2027-05-16").status_code == 400
    assert console.browser("director").go("/admin/holidays").status_code == 403
