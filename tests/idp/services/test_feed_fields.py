"""The table of fields: what a claim opens, and what nothing opens."""

from __future__ import annotations

import pytest

from idp.oidc.scopes import ALL_CLAIMS
from idp.services import feed_fields
from idp.services.feed_fields import ALWAYS, FIELDS, may_know_consent, names
from idp.store.feed import KINDS


class _Plain:
    def sub(self, person_id: str) -> str:
        return f"sub-{person_id}"

    def record(self, kind: str, record_id: str) -> str:
        return f"{kind}-{record_id}"

    def iin(self, person_id: str, sealed: bytes) -> str:
        return sealed.decode()

    def photo(self, person_id: str) -> str:
        return f"photo-{person_id}"


def test_every_kind_has_its_table_and_every_field_its_claim() -> None:
    assert tuple(FIELDS) == KINDS
    known = {ALWAYS, *ALL_CLAIMS}
    assert all(set(field.claims) <= known and field.claims for table in FIELDS.values() for field in table.values())
    assert names("people", []) == ("sub",)
    assert names("people", ["iin", "children"]) == ("sub", "iin")
    assert names("guardianships", []) == ("id",)


def test_a_record_holds_what_has_a_value_and_a_tombstone_nothing_else() -> None:
    row = {"id": "g", "child_id": "c", "guardian_id": "p", "relation": "parent", "begin": None, "end": None,
           "kept_at": None, "of_age_on": None}  # fmt: skip
    fields = names("guardianships", ["children"])
    assert feed_fields.shape("guardianships", row, fields, _Plain()) == {
        "id": "guardianships-g", "child": "sub-c", "guardian": "sub-p", "relation": "parent",
    }  # fmt: skip
    assert feed_fields.gone("people", "p", _Plain()) == {"sub": "sub-p", "deleted": True}
    assert feed_fields.gone("cards", "k", _Plain()) == {"id": "cards-k", "deleted": True}
    assert feed_fields.gone("classes", "k", _Plain()) == {"id": "k", "deleted": True}


@pytest.mark.parametrize(
    ("purpose", "recipient", "scopes", "is_told"),
    [
        ("visits", "", ["attendance:write"], True),
        ("visits", "", ["canteen:serve"], False),
        ("free_meals", "", ["feed:consents", "attendance:read"], False),
        ("free_meals", "", ["canteen:read"], True),
        ("free_meals", "lms", ["canteen:read"], False),
        ("textbooks", "me", [], True),
        ("textbooks", "", ["feed:consents"], False),
        ("automated_decision", "", ["attendance:write", "canteen:serve"], False),
    ],
)
def test_a_consent_is_told_to_who_acts_on_it(purpose: str, recipient: str, scopes: list[str], is_told: bool) -> None:
    assert may_know_consent({"purpose": purpose, "recipient": recipient}, "me", scopes) is is_told
