"""Badges hold faces, names and classes of those the printer reaches, and no number but its end."""

from __future__ import annotations

import pytest

from idp.core.errors import NotFound
from idp.services import scope as scopes
from tests.factories.console import Console


def test_a_class_is_printed_by_who_reaches_it(console: Console) -> None:
    office = scopes.of_actor(console.people["secretary"], "secretary", (console.school,))
    console.parts.cards.issue(office, console.school, "pupil", "0000002001", "dec10")
    sheet = console.parts.card_badges.of_class(office, console.school, console.klass)
    assert (sheet.school, sheet.class_title) == ("№ 12 мектеп-гимназия", "7 «Ә»")
    assert [tuple(face) for face in sheet.faces] == [("Серікова", "Айгерім", "7 «Ә»", "2001", None)]
    for scope, klass in (
        (office, console.other_klass),
        (scopes.of_actor("x", "class_teacher", (console.school,), classes=()), console.klass),
    ):
        with pytest.raises(NotFound):
            console.parts.card_badges.of_class(scope, console.school, klass)
