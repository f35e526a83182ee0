"""Usernames: readable, valid, never twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.services.usernames import FORMAT, Usernames, from_name, is_usable


@pytest.mark.parametrize(
    ("given_name", "family_name", "expected"),
    [("Әйгерім", "Серікова", "aigerim.serikova"), ("Іңкәр", "", "inkar"), ("", "Ғизат", "gizat"), ("李", "明", "user"),
     ("Jean-Luc", "O'Keefe", "jeanluc.okeefe"), ("А", "", "user")],
)  # fmt: skip
def test_a_name_becomes_a_username(given_name: str, family_name: str, expected: str) -> None:
    assert from_name(given_name, family_name) == expected


def test_wishes_are_kept_when_they_can_be() -> None:
    usernames = Usernames(lambda _: set(), lambda _: None)
    assert usernames.choose([("Hassie.Kutch", "", ""), ("O'Keefe", "Ә", "Б"), ("..", "Ә", "Б")]) == [
        "hassie.kutch",
        "a.b",
        "a.b2",
    ]


def test_a_taken_username_gets_a_number() -> None:
    taken = {"a.b", "a.b2"} | {f"cc{n}" for n in range(2, 60)} | {"cc"}
    usernames = Usernames(lambda asked: taken & set(asked), taken.update)
    assert usernames.choose([("a.b", "", ""), ("", "А", "Б"), ("cc", "", "")]) == ["a.b3", "a.b4", "cc60"]
    assert usernames.choose([("a.b", "", "")]) == ["a.b5"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=70), st.text(max_size=70), st.text(max_size=70)), max_size=30))
def test_whatever_is_wished_all_are_valid_and_different(wanted: list[tuple[str, str, str]]) -> None:
    taken: set[str] = {"user", "a"}
    chosen = Usernames(lambda asked: taken & set(asked), taken.update).choose(wanted)
    assert len(set(chosen)) == len(wanted)
    assert all(FORMAT.fullmatch(name) and is_usable(name) for name in chosen)
