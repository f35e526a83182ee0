"""services/person_members: an app gets the members that stand for its claims, and no other."""

from __future__ import annotations

from typing import Any

from idp.oidc.scopes import ALL_CLAIMS, PERSON_SCOPES
from idp.services.person_members import ALWAYS, SHAPES, copied, shape

CHILD: dict[str, Any] = {
    "sub": "s", "name": "Серікова Айгерім", "given_name": "Айгерім", "relation": "parent",
    "school": {"id": "1", "name": "№ 12"}, "grade": "7", "class": {"id": "c", "title": "7 «Ә»", "teacher": "Ахметов"},
    "card": None, "consents": {"waiting": 1, "states": [{"title": {"kk": "x"}, "purpose": "visits", "state": "given"}]},
    "allergies": "жаңғақ",
}  # fmt: skip


def test_what_is_not_approved_is_absent_and_what_is_told_is_named() -> None:
    shown, told = shape("Child", CHILD, ())
    bare = {"waiting": 1, "states": [{"purpose": "visits", "state": "given"}]}
    assert (shown, told) == ({"sub": "s", "card": None, "consents": bare}, {"consents"})
    shown, told = shape("Child", CHILD, ("children",))
    assert (shown["name"], shown["class"]) == ("Серікова Айгерім", {"id": "c", "title": "7 «Ә»"})
    assert told == {"name", "given_name", "guardians", "school", "classes", "consents"}
    shown, _ = shape("Child", CHILD, ALL_CLAIMS)
    assert shown == {name: value for name, value in CHILD.items() if name != "allergies"}


def test_every_rule_names_a_claim_or_a_scope_and_every_shape_inside_is_there() -> None:
    rules = [rule for members in SHAPES.values() for rule in members.values()]
    assert {name for rule in rules for name in rule.claims} <= {ALWAYS, *ALL_CLAIMS, *PERSON_SCOPES}
    assert {rule.inside for rule in rules if rule.inside} <= set(SHAPES)


def test_a_copy_is_named_by_what_is_in_it() -> None:
    row = {"family_name": "Серікова", "middle_name": "", "birth_date": "2013-05-17", "iin": ""}
    tables = {"people": {"group": "person", "rows": [row]}, "cards": {"group": "cards", "rows": [{}]}}
    tables["memberships"] = {"group": "school", "rows": []}
    assert copied(tables) == {"name", "family_name", "birthdate", "cards"}
