"""A module's copy by the feed through what happens: days of an authority, a restore, changes while it is read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from idp.core.clock import FixedClock
from idp.oidc.client import Client
from idp.parts import Parts
from idp.services import scope as scopes
from idp.services.feed_cursor import CursorTooOld
from idp.store import feed
from idp.store.models.people import Membership, Person
from tests.factories.console import Console
from tests.factories.modules import Modules


@pytest.fixture
def ground(app: Flask, parts: Parts, clock: FixedClock) -> Modules:
    return Modules(Console(app, parts, clock))


class _Copy:
    """What a module knows of a kind: records in the place of former ones, tombstones taken out."""

    def __init__(self, ground: Modules, client: Client, kind: str) -> None:
        self._ground, self._client, self._kind = ground, client, kind
        self.records: dict[str, Any] = {}
        self.cursor = ""

    def page(self, limit: int = 200) -> tuple[list[dict[str, Any]], bool]:
        """The records of the next page, and whether more is there now."""
        page = self._ground.page(self._client, self._kind, after=self.cursor, limit=limit)
        self.cursor = page.cursor
        came = [dict(one) for one in page.records]
        for record in came:
            key = record["sub" if self._kind == "people" else "id"]
            if record.get("deleted"):
                self.records.pop(key, None)
            else:
                self.records[key] = record
        return came, page.has_more

    def whole(self, limit: int = 200) -> list[dict[str, Any]]:
        came, has_more = self.page(limit)
        while has_more:
            more, has_more = self.page(limit)
            came += more
        return came


def test_days_of_the_authority_reach_the_modules_of_its_schools(ground: Modules) -> None:
    """First in the snapshot, then as a change and a tombstone; told whose schools they hold for."""
    client, console = ground.client("canteen"), ground.console
    copy = _Copy(ground, client, "calendar")
    copy.whole()
    operator = scopes.of_operator((console.district,))
    calendar, sent = console.parts.calendar, {"kind": "holiday", "title": "Аудан күні", "begin": "2026-10-27"}
    day_id = calendar.add_day(operator, console.people["operator"], console.district, sent)
    calendar.add_session(
        operator, console.people["operator"], console.district,
        {"title": "2026–2027", "begin": "2026-09-01", "end": "2027-05-31"},
    )  # fmt: skip
    assert [(one["what"], one["school_id"], one["schools"]) for one in copy.whole()] == [
        ("day", console.district, [console.school]), ("session", console.district, [console.school]),
    ]  # fmt: skip
    assert day_id in {one["id"] for one in _Copy(ground, client, "calendar").whole()}
    everywhere = _Copy(ground, ground.client("attendance"), "calendar")
    everywhere.whole()
    assert everywhere.records[day_id]["schools"] == sorted((console.school, console.other))
    shown = calendar.view(scopes.of_operator((console.school,)), console.school, month="2026-10")
    assert [day.title for day in shown.month.special] == ["Аудан күні"]
    calendar.remove_day(operator, console.people["operator"], console.district, day_id)
    assert copy.whole() == [{"id": day_id, "deleted": True}]


def test_after_a_restore_every_cursor_from_before_is_too_old(ground: Modules) -> None:
    """Also when the log has grown past the cursor meanwhile, and in the middle of a snapshot."""
    client, console = ground.client("canteen"), ground.console
    read, halfway = _Copy(ground, client, "people"), _Copy(ground, client, "people")
    read.whole()
    halfway.page(limit=2)
    console.clock.advance(hours=1)
    with console.parts.uow.write() as tx:
        feed.mark_restored(tx, now=console.clock.now())
        for _ in range(9):
            feed.append(tx, "people", "changed", [(console.school, console.people["pupil"])], now=console.clock.now())
    for copy in (read, halfway):
        with pytest.raises(CursorTooOld):
            copy.page()
    console.clock.advance(seconds=1)
    fresh = _Copy(ground, client, "people")
    assert fresh.whole()
    assert fresh.whole() == []


def test_what_changes_while_a_snapshot_is_read_is_in_the_copy_at_the_end(ground: Modules) -> None:
    """Names change and people leave all the while, several at once; afterwards the copy is as if read anew."""
    client, console = ground.client("canteen"), ground.console
    names = ["pupil", "teacher", "guard", "nurse", "secretary", "deputy", "director", "staff"]
    copy = _Copy(ground, client, "people")

    def change(number: int) -> None:
        name = names[number % len(names)]
        person, membership = console.people[name], console.memberships[name]
        with console.parts.uow.write() as tx:
            now = console.clock.now()
            renamed = update(Person).where(Person.id == person).values(given_name=f"Есім {number}")
            tx.connection.execute(renamed)
            feed.append(tx, "people", "changed", [(console.school, person)], now=now)
            if number % 5 == 0:
                over = date(2026, 9, 1) if number % 2 else None
                at = (Membership.id == membership, Membership.school_id == console.school)
                tx.connection.execute(update(Membership).where(*at).values(end=over))
                feed.append(tx, "memberships", "changed", [(console.school, membership)], now=now)

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(change, number) for number in range(60)]
        while not all(one.done() for one in running):
            copy.page(limit=2)
        for one in running:
            one.result()
    while copy.whole(limit=7):
        pass
    fresh = _Copy(ground, client, "people")
    fresh.whole()
    assert copy.records == fresh.records
    assert len(fresh.records) > 5
