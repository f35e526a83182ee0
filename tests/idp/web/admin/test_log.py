"""The log's pages: filters, files, and the tab of one person."""

from __future__ import annotations

import re

import pytest

from idp.store import audit
from tests.factories.console import Console


@pytest.fixture
def logged(console: Console) -> Console:
    with console.parts.uow.write() as tx:
        for event, data in (("card_issued", {"card": "x"}), ("never_heard_of", {}), ("export_alert", {"rows": 9})):
            audit.record(
                tx, event=event, now=console.clock.now(), actor_id=console.people["director"],
                person_id=console.people["pupil"], school_id=console.school, data=data,
            )  # fmt: skip
    return console


def test_the_log_says_what_happened_in_words_and_unknown_things_by_code(logged: Console) -> None:
    browser = logged.browser("data_protection")
    page = browser.go(f"/admin/schools/{logged.school}/log")
    assert page.status_code == 200
    for word in ("Карта берілді", "never_heard_of", "Омарова Сәуле", "1 ескерту"):
        assert word in page.text, word
    page = browser.go(f"/admin/schools/{logged.school}/log?event=card_issued&q=Омарова&lang=ru")
    assert "Карта выдана" in page.text
    assert 'scope="row">never_heard_of' not in page.text
    assert len(page.data) < 50_000
    page = browser.go(f"/admin/schools/{logged.school}/log?from=2031-01-01")
    assert page.status_code == 200


def test_a_page_full_of_the_longest_lines_stays_light(logged: Console) -> None:
    """With everything it loads, packed as it is sent: what a first visit costs."""
    data = {
        "claims": [f"claim_number_{n}" for n in range(40)],
        "grant": "a" * 32,
        "basis": "contract",
        "kind": "x" * 40,
    }
    with logged.parts.uow.write() as tx:
        for _ in range(25):
            audit.record(
                tx, event="claims_released", now=logged.clock.now(), actor_id=logged.people["director"],
                person_id=logged.people["pupil"], school_id=logged.school, client_id="cabinet", data=data,
            )  # fmt: skip
    browser = logged.browser("data_protection")
    page = browser.go(f"/admin/schools/{logged.school}/log?lang=ru")
    packed = {"Accept-Encoding": "gzip"}
    loaded = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    weight = len(page.data) + sum(len(browser.client.get(one, headers=packed).data) + 300 for one in loaded)
    assert len(loaded) > 10
    assert weight < 48_000
    assert "claim_number_39" not in page.text
    assert "claim_number_39" in browser.go(f"/admin/schools/{logged.school}/log?format=csv").text


def test_the_log_goes_into_a_file_and_that_is_logged(logged: Console) -> None:
    browser = logged.browser("data_protection")
    page = browser.go(f"/admin/schools/{logged.school}/log?format=csv&event=card_issued")
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert page.headers["Content-Disposition"].startswith('attachment; filename="log-')
    assert "card_issued,Омарова Сәуле,Серікова Айгерім Болатқызы" in page.text
    with logged.parts.uow.read() as tx:
        assert audit.happened(
            tx, "exported", since=logged.clock.now(), actor_id=logged.people["data_protection"], what="log"
        )


def test_the_tab_of_a_person_and_who_may_open_it(logged: Console) -> None:
    address = f"/admin/schools/{logged.school}/people/{logged.people['pupil']}/access"
    assert "Карта берілді" in logged.browser("director").go(address).text
    assert logged.browser("secretary").go(address).status_code == 403
    foreign = f"/admin/schools/{logged.school}/people/{logged.people['other_pupil']}/access"
    assert logged.browser("director").go(foreign).status_code == 404
    assert logged.browser("operator").go("/admin/log").status_code == 200


def test_an_alert_stands_on_the_overview_for_who_may_read_the_log(logged: Console) -> None:
    assert "Ескерту: көп дерек алынды" in logged.browser("director").go(f"/admin/schools/{logged.school}").text
    assert "Ескерту: көп дерек алынды" not in logged.browser("secretary").go(f"/admin/schools/{logged.school}").text
