"""Lists: what they were asked for, and that nobody pages or downloads past the day's limit."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from idp.core.scope import Scope
from idp.services.exports import Exports
from idp.services.listing import Asked, Found
from idp.store import audit
from idp.store import exports as store_exports
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
    for page in ("guardians", "classes", "requests", "breaches", "statistics", "duplicates", "imports"):
        for kind, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
            saved = director.go(f"{at}/{page}?format={kind}")
            assert (saved.status_code, saved.data.startswith(begins)) == (200, True), page
    rows = director.go(f"{at}/classes?format=csv").data.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("7 «Ә»")
    assert len(director.go(f"{at}/classes?format=csv&q=nothing").data.decode().splitlines()) == 1
    for page in ("guardians", "classes"):
        assert "format=xlsx" in director.go(f"{at}/{page}").text
    operator = console.browser("operator")
    saved = operator.go("/admin/schools?format=csv&type=district").data.decode("utf-8-sig").splitlines()
    assert (len(saved), "Көктөбе" in saved[1]) == (2, True)
    house: House = console.app.extensions["house"]
    day = {"kind": "holiday", "title": "Тәуелсіздік күні", "title_ru": "", "begin": "2026-12-16", "end": "2026-12-16"}
    house.calendar.add_day(Scope(console.people["operator"], "operator", ()), console.people["operator"], None, day)
    saved = operator.go("/admin/holidays?year=2026&format=csv").data.decode("utf-8-sig").splitlines()
    assert (len(saved), saved[1].startswith("Тәуелсіздік күні")) == (2, True)
    assert len(operator.go("/admin/holidays?year=2025&format=csv").data.decode().splitlines()) == 1
    assert "format=csv" in operator.go("/admin/holidays?year=2026").text


def test_a_whole_list_is_every_page_of_it() -> None:
    rows = list(range(1201))

    def page(wanted: Asked) -> Found[int]:
        return Found(rows[wanted.offset : wanted.offset + wanted.per_page], len(rows), wanted)

    assert list(whole(page, Asked(page=3))) == rows


def test_people_on_pages_that_are_no_lists_count_too(console: Console) -> None:
    house: House = console.app.extensions["house"]
    at, director = f"/admin/schools/{console.school}", console.browser("director")
    pages = [f"classes/{console.klass}", f"year/{console.klass}", "duplicates", "access", "consents/withdrawals"]
    with console.parts.uow.write() as tx:
        twins = {"family_name": "Егіз", "given_name": "Бір", "birth_date": date(2013, 1, 2)}
        for name in ("twin", "other_twin"):
            console.add(tx, name, "pupil", console.school, **twins)
    taken = []
    for page in pages:
        exports = Exports(console.parts.uow, console.clock, person_limit=1_000)
        object.__setattr__(house, "exports", exports)
        with console.parts.uow.read() as tx:
            before = store_exports.taken(tx, f"person:{console.people['director']}", day=date(2026, 9, 1))
        assert director.go(f"{at}/{page}").status_code == 200, page
        with console.parts.uow.read() as tx:
            after = store_exports.taken(tx, f"person:{console.people['director']}", day=date(2026, 9, 1))
        taken.append(after - before)
    assert all(taken[:4]), dict(zip(pages, taken, strict=True))
    object.__setattr__(house, "exports", Exports(console.parts.uow, console.clock, person_limit=1))
    assert director.go(f"{at}/classes/{console.klass}").status_code == 429
