"""Readers of modules learn whose card it is where they stand, and cannot try numbers out."""

from __future__ import annotations

from typing import Any

import pytest

from idp.core.errors import NotFound, TooSoon
from idp.services import reader_cards
from idp.services.throttle import Limits
from tests.factories.console import Console
from tests.factories.modules import Modules


def test_a_reader_learns_what_it_needs_at_its_own_school(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    ground = Modules(console)
    canteen, textbooks = ground.client("canteen"), ground.client("textbooks", scope="openid cards:resolve")
    readers = console.parts.reader_cards

    def ask(client: Any, school: str = console.school, number: str = "0013961168") -> dict[str, str]:
        return readers.resolve(client, school, number, "dec10")

    found = ask(canteen)
    assert (found["sub"], found["school"], found["state"]) == (ground.sub(canteen, "pupil"), console.school, "active")
    [told] = ground.page(canteen, "cards").records
    assert told["id"] == found["card"]
    assert ask(textbooks)["card"] != found["card"]
    assert console.people["pupil"] not in repr(found)
    for school in (console.other, "x"):
        with pytest.raises(NotFound):
            ask(canteen, school)
    monkeypatch.setattr(reader_cards, "LIMITS", Limits(account_and_place=3, account=3, place=100))
    for number in range(3001, 3004):
        with pytest.raises(NotFound):
            ask(canteen, number=f"000000{number}")
        assert number > 3001 or ask(canteen)
    with pytest.raises(TooSoon):
        ask(canteen)
    assert ask(textbooks)["state"] == "active"
