"""The copy of the feed: whole before it counts, resumed where it stopped, old when it is, and never a dead end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import g, render_template_string
from requests import ConnectionError as NoConnection

from clients.kit.db import Database
from clients.kit.own_token import OwnCalls
from clients.kit.projection import Freshness, Projection
from clients.kit.settings import Credentials
from clients.kit.testing import FakeFeed, WsgiTransport
from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from tests.fakes.client_browser import World

KINDS = ("people", "cards")


class Ground:
    """A feed with seven people and two cards, read three records a page."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.feed = FakeFeed(page_size=3, clock=clock)
        self.transport = WsgiTransport(self.feed)
        self.clock = clock
        self.database = database
        for number in range(7):
            self.feed.put("people", {"sub": f"p{number}", "name": f"N{number}"})
        for number in range(2):
            self.feed.put("cards", {"id": f"c{number}", "sub": f"p{number}", "state": "active"})
        self.copy = self.again()

    def again(self) -> Projection:
        """As another worker would find it."""
        credentials = Credentials("canteen", "secret")
        calls = OwnCalls("http://localhost:8000", credentials, "feed:people", self.clock, self.transport)
        return Projection(self.database, calls, self.clock, KINDS)

    def subs(self) -> list[str]:
        return [str(one["sub"]) for one in self.copy.records("people")]


@pytest.fixture
def ground(client_database: Database, clock: FixedClock) -> Ground:
    return Ground(client_database, clock)


def test_a_snapshot_then_changes_and_tombstones(ground: Ground) -> None:
    assert ground.copy.freshness() == Freshness(None, is_old=True)
    assert ground.copy.pull() == {"people": 7, "cards": 2}
    assert ground.subs() == [f"p{number}" for number in range(7)]
    ground.feed.put("cards", {"id": "c1", "sub": "p1", "state": "blocked"})
    ground.feed.remove("people", "p3")
    ground.feed.put("people", {"sub": "p9", "name": "N9"})
    assert ground.copy.pull() == {"people": 2, "cards": 1}
    assert ground.subs() == ["p0", "p1", "p2", "p4", "p5", "p6", "p9"]
    assert ground.copy.one("cards", "c1") == {"id": "c1", "sub": "p1", "state": "blocked"}
    assert ground.copy.one("cards", "p1") is None
    assert ground.copy.pull() == {"people": 0, "cards": 0}
    assert ground.feed.tokens == 1


def test_a_worker_that_stops_midway_goes_on_from_there(ground: Ground) -> None:
    ground.feed.page_size = 2
    place = ground.copy._place("people")
    page = ground.feed._page("people", "")[1]
    ground.copy._keep("people", place, page | {"as_of": ground.clock.now()})
    assert ground.copy.age("people") is None
    ground.feed.asked.clear()
    assert ground.again().pull_kind("people") == 5
    assert "" not in ground.feed.asked
    assert len(ground.subs()) == 7


def test_when_the_cursor_is_too_old_the_old_records_serve_until_the_new_ones_are_whole(ground: Ground) -> None:
    ground.copy.pull()
    ground.feed.remove("people", "p3")
    ground.feed.forget()
    before = ground.copy.age("people")
    assert before is not None
    real, calls = ground.transport.send, []

    def dies_after_the_first_page(*arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) > 2:
            raise NoConnection
        return real(*arguments, **options)  # type: ignore[arg-type]

    ground.transport.send = dies_after_the_first_page  # type: ignore[method-assign, assignment]
    with pytest.raises(Unavailable):
        ground.copy.pull_kind("people")
    assert "p3" in ground.subs()
    ground.transport.send = real  # type: ignore[method-assign]
    assert ground.again().pull_kind("people") == 3
    assert ground.subs() == ["p0", "p1", "p2", "p4", "p5", "p6"]


def test_the_age_grows_while_the_idp_is_away_and_a_dead_token_is_replaced(ground: Ground) -> None:
    ground.copy.pull()
    ground.clock.advance(minutes=14)
    assert not ground.copy.freshness().is_old
    ground.transport.failing = NoConnection()
    ground.clock.advance(minutes=2)
    assert ground.copy.pull() == {}
    assert ground.copy.age("people") == timedelta(minutes=16)
    assert ground.copy.freshness().is_old
    assert len(ground.subs()) == 7
    ground.transport.failing = None
    ground.feed.tokens += 1
    assert ground.copy.pull() == {"people": 0, "cards": 0}
    assert ground.copy.age("people") == timedelta(0)


def test_the_age_is_told_by_the_clock_of_the_idp(ground: Ground) -> None:
    """A client whose clock is wrong does not take old data for fresh."""
    behind = ground.clock.now() - timedelta(hours=1)
    ground.feed._clock = FixedClock(behind)
    ground.copy.pull()
    assert ground.copy.freshness() == Freshness(behind, is_old=True)
    ground.feed._clock = FixedClock(ground.clock.now() + timedelta(minutes=1))
    ground.copy.pull()
    assert ground.copy.age("people") == timedelta(0)


def test_a_copy_that_we_may_not_have_any_more_is_dropped(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    """A school has switched the client off; a page of something in between means nothing."""
    ground.copy.pull()
    for refuses in ((404, {}), (403, {"type": "about:blank"}), (404, {"type": "urn:bilim:problem:other"})):
        ground.feed.refuses = refuses
        assert ground.copy.pull() == {}
        assert len(ground.subs()) == 7
    ground.feed.refuses = (404, {"type": "urn:bilim:problem:not_found"})
    assert ground.copy.pull() == {}
    assert (ground.subs(), ground.copy.age("people"), ground.copy.freshness().as_of) == ([], None, None)
    told = [(one.kind, one.rows) for one in caplog.records if one.message == "feed withdrawn"]  # type: ignore[attr-defined]
    assert told == [("people", 7), ("cards", 2)]
    ground.feed.refuses = None
    assert ground.copy.pull() == {"people": 7, "cards": 2}


def test_a_feed_that_refuses_its_own_cursors_is_asked_twice_a_round(ground: Ground) -> None:
    ground.copy.pull()
    ground.feed.asked.clear()
    ground.feed.refuses = (410, {"type": "urn:bilim:problem:cursor_too_old"})
    with pytest.raises(Unavailable):
        ground.copy.pull_kind("people")
    assert (len(ground.feed.asked), len(ground.subs())) == (2, 7)


@pytest.mark.parametrize(
    "change",
    [
        {"records": [{"name": "x"}]}, {"records": ["x"]}, {"records": [{"sub": 7}]}, {"records": [{"sub": ""}]},
        {"records": [{"sub": "\x00"}]}, {"records": [{"sub": "x" * 65}]}, {"records": [{"sub": "a"}, None]},
        {"records": None}, {"cursor": 1}, {"more": "no"}, {"as_of": "yesterday"}, {"as_of": None},
        {"as_of": "2026-09-01T00:00:00"},
    ],
    ids=str,
)  # fmt: skip
def test_a_page_that_cannot_be_read_stops_the_round_and_not_the_worker(
    ground: Ground, change: dict[str, object]
) -> None:
    ground.feed.refuses = (200, ground.feed._page("people", "")[1] | change)
    assert "people" not in ground.copy.pull()
    assert ground.subs() == []
    ground.feed.refuses = (200, [])  # type: ignore[assignment]
    assert ground.copy.pull() == {}


def test_the_foot_of_a_page_says_how_old_the_data_are(textbooks: World, clock: FixedClock) -> None:
    page = '{% from "kit/data_age.html" import data_age %}{{ data_age(freshness) }}'
    with textbooks.app.test_request_context("/?lang=en"):
        g.lang = "en"
        shown = [
            render_template_string(page, freshness=one)
            for one in (Freshness(clock.now(), False), Freshness(clock.now(), True), Freshness(None, True))
        ]
    assert [text.count("notice-warn") for text in shown] == [0, 1, 1]
    assert all(str(clock.now().year) in text for text in shown[:2])
