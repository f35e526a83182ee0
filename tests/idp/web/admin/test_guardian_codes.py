"""A sheet of codes: printed once, never in an address."""

from __future__ import annotations

import re

from tests.factories.console import Console


def test_a_sheet_shows_a_slip_for_each_child_and_the_next_one_makes_it_void(console: Console) -> None:
    browser, url = console.browser("class_teacher"), f"/admin/schools/{console.school}/guardians/codes"
    assert console.klass in browser.go(url).text
    overview = browser.page
    sheet = browser.submit("/codes", **{"class": console.klass})
    codes = re.findall(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{2}\b", sheet.text)
    assert len(codes) == 1
    assert "Айгерім С." in sheet.text
    assert "Болатқызы" not in sheet.text
    assert "http://localhost:8000/account/children/add" in sheet.text
    assert len(sheet.data) < 50_000
    browser.page = overview
    assert codes[0] not in browser.submit("/codes", **{"class": console.klass}).text
    assert codes[0] not in browser.go(url).text
    assert "1 код" in browser.submit("/revoke", **{"class": console.klass}).text
    browser.go(url)
    assert browser.submit("/codes", **{"class": console.other_klass}).status_code == 422
    assert console.browser("guardian").go(url).status_code == 403
