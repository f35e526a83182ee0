"""Lists: what they were asked for, and that nobody pages or downloads past the day's limit."""

from __future__ import annotations

import pytest
from flask import Flask

from idp.services.exports import Exports
from idp.services.listing import Asked, Found
from idp.store import audit
from idp.web.admin.lists import asked, whole
from idp.web.house import House
from tests.factories.console import Console


@pytest.mark.parametrize(
    ("query", "page", "sort", "words"),
    [
        ("", 1, "name", ""),
        ("page=3&sort=class&q= Әли  ", 3, "class", "Әли"),
        ("page=-1&sort=secret", 1, "name", ""),
        ("page=99999999999999&q=%00x", 2000, "name", "x"),
        ("page=" + "7" * 5000, 2000, "name", ""),
        ("page=" + "0" * 5000 + "7", 7, "name", ""),
    ],
)
def test_an_old_or_odd_link_still_opens_the_list(query: str, page: int, sort: str, words: str) -> None:
    with Flask("test").test_request_context(f"/?{query}&role=pupil"):
        found = asked("role", sorts=("name", "class"))
    assert (found.page, found.sort, found.words, found.filters) == (page, sort, words, {"role": "pupil"})


def test_pages_of_people_count_and_the_limit_stops_them(console: Console) -> None:
    house: House = console.app.extensions["house"]
    exports = Exports(console.parts.uow, console.clock, person_limit=3)
    object.__setattr__(house, "exports", exports)
    now = console.clock.now()
    with console.parts.uow.write() as tx:
        for _ in range(2):
            audit.record(tx, event="card_issued", now=now, school_id=console.school)
    browser = console.browser("director")
    address = f"/admin/schools/{console.school}/log"
    assert browser.go(address).status_code == 200
    page = browser.go(address)
    assert (page.status_code, int(page.headers["Retry-After"]) > 3600) == (429, True)
    assert "Бір күнге тым көп жол" in page.text
    assert browser.go(f"{address}?format=xlsx").status_code == 429
    with console.parts.uow.read() as tx:
        assert audit.happened(tx, "export_alert", since=now, actor_id=console.people["director"], level="limit")


def test_every_list_is_saved_as_it_is_narrowed(console: Console) -> None:
    director, at = console.browser("director"), f"/admin/schools/{console.school}"
    for page in ("guardians", "classes", "requests", "breaches", "statistics"):
        for kind, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
            saved = director.go(f"{at}/{page}?format={kind}")
            assert (saved.status_code, saved.data.startswith(begins)) == (200, True), page
    rows = director.go(f"{at}/classes?format=csv").data.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("7 «Ә»")
    assert len(director.go(f"{at}/classes?format=csv&q=nothing").data.decode().splitlines()) == 1
    for page in ("guardians", "classes"):
        assert "format=xlsx" in director.go(f"{at}/{page}").text


def test_a_whole_list_is_every_page_of_it() -> None:
    rows = list(range(1201))

    def page(wanted: Asked) -> Found[int]:
        return Found(rows[wanted.offset : wanted.offset + wanted.per_page], len(rows), wanted)

    assert list(whole(page, Asked(page=3))) == rows
