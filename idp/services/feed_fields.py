"""Which fields of the feed a client gets: those that stand for a claim the operator approved for it, and no other.

One table, engine-free. What is in no row of it leaves in no page: neither allergies nor benefits nor anything a later
column may hold. The fields marked `always` name a record or say that it is over; they hold nothing about a person but
the pairwise subject.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from idp.core.clock import epoch
from idp.core.names import full_name

ALWAYS = "always"


class Towards(Protocol):
    """How one client knows people and records: pairwise, so that two vendors cannot match them."""

    def sub(self, person_id: str) -> str: ...
    def record(self, kind: str, record_id: str) -> str: ...
    def iin(self, person_id: str, sealed: bytes) -> str: ...
    def photo(self, person_id: str) -> str: ...


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """`claims`: any one of these approved opens the field; `value` gives what JSON holds, None leaves it out."""

    claims: tuple[str, ...]
    value: Callable[[Row, Towards], Any]


def _plain(column: str) -> Callable[[Row, Towards], Any]:
    return lambda row, _: _json(row[column])


def _if_there(column: str) -> Callable[[Row, Towards], Any]:
    return lambda row, _: _json(row.get(column))


def _sub(column: str) -> Callable[[Row, Towards], Any]:
    return lambda row, towards: towards.sub(row[column])


def _id(kind: str) -> Field:
    return Field((ALWAYS,), lambda row, towards: towards.record(kind, row["id"]))


def _members(row: Row, towards: Towards) -> list[dict[str, Any]]:
    return [
        {"sub": towards.sub(one["person_id"]), "role": one["role"], "begin": _json(one["begin"]),
         "end": _json(one["end"])}
        for one in row["members"]
    ]  # fmt: skip


def _until(row: Row, _: Towards) -> Any:
    """A link ends at the latest when the child comes of age, unless the grown-up child keeps it."""
    of_age = None if row["kept_at"] else row["of_age_on"]
    ends = [day for day in (row["end"], of_age) if day is not None]
    return _json(min(ends)) if ends else None


_PICTURE = ("picture",)
_CALENDAR = ("kind", "type", "title", "title_ru", "begin", "end", "grades", "shift", "lesson", "school_year")

FIELDS: dict[str, dict[str, Field]] = {
    "people": {
        "sub": Field((ALWAYS,), _sub("id")),
        "name": Field(
            ("name",), lambda row, _: full_name(row["family_name"], row["given_name"], row["middle_name"]) or None
        ),
        "family_name": Field(("family_name",), _plain("family_name")),
        "given_name": Field(("given_name",), _plain("given_name")),
        "middle_name": Field(("middle_name",), _plain("middle_name")),
        "preferred_username": Field(("preferred_username",), _plain("username")),
        "locale": Field(("locale",), _plain("language")),
        "birthdate": Field(("birthdate",), _plain("birth_date")),
        "gender": Field(("gender",), _plain("sex")),
        "email": Field(("email",), _plain("email")),
        "email_verified": Field(
            ("email_verified",), lambda row, _: bool(row["email_verified"]) if row["email"] else None
        ),
        "phone_number": Field(("phone_number",), _plain("phone")),
        "phone_number_verified": Field(
            ("phone_number_verified",), lambda row, _: bool(row["phone_verified"]) if row["phone"] else None
        ),
        "iin": Field(
            ("iin",), lambda row, towards: towards.iin(row["id"], row["iin_sealed"]) if row["iin_sealed"] else None
        ),
        "picture": Field(
            _PICTURE, lambda row, towards: towards.photo(row["id"]) if row["photo_sha256"] else None
        ),
        "picture_sha256": Field(_PICTURE, _plain("photo_sha256")),
        "updated_at": Field(("updated_at",), lambda row, _: epoch(row["updated_at"])),
    },
    "memberships": {
        "id": _id("memberships"),
        "sub": Field((ALWAYS,), _sub("person_id")),
        "school_id": Field((ALWAYS,), _plain("school_id")),
        "role": Field(("roles",), _plain("role")),
        "is_primary": Field(("roles",), _plain("is_primary")),
        "grade": Field(("grade",), _plain("grade")),
        "begin": Field((ALWAYS,), _plain("begin")),
        "end": Field((ALWAYS,), _plain("end")),
    },
    "classes": {
        "id": Field((ALWAYS,), _plain("id")),
        "school_id": Field((ALWAYS,), _plain("school_id")),
        "title": Field(("classes",), _plain("title")),
        "kind": Field(("classes",), _plain("kind")),
        "grade": Field(("classes",), _plain("grade")),
        "subject": Field(("classes",), _plain("subject")),
        "language": Field(("classes",), _plain("language")),
        "shift": Field(("classes",), _plain("shift")),
        "members": Field(("classes",), _members),
    },
    "guardianships": {
        "id": _id("guardianships"),
        "child": Field(("children", "guardians"), _sub("child_id")),
        "guardian": Field(("children", "guardians"), _sub("guardian_id")),
        "relation": Field(("children", "guardians"), _plain("relation")),
        "begin": Field(("children", "guardians"), _plain("begin")),
        "end": Field(("children", "guardians"), _until),
    },
    "consents": {
        "id": _id("consents"),
        "sub": Field((ALWAYS,), _sub("person_id")),
        "school_id": Field((ALWAYS,), _plain("school_id")),
        "purpose": Field((ALWAYS,), _plain("purpose")),
        "recipient": Field((ALWAYS,), _plain("recipient")),
        "state": Field((ALWAYS,), lambda row, _: row.get("state", "given")),
        "given_at": Field((ALWAYS,), _plain("given_at")),
        "expires_on": Field((ALWAYS,), _plain("expires_on")),
        "ended_at": Field((ALWAYS,), _if_there("ended_at")),
    },
    "cards": {
        "id": _id("cards"),
        "sub": Field((ALWAYS,), _sub("person_id")),
        "school_id": Field((ALWAYS,), _plain("school_id")),
        "state": Field((ALWAYS,), _plain("state")),
        "issued_at": Field((ALWAYS,), _plain("issued_at")),
        "changed_at": Field((ALWAYS,), _plain("changed_at")),
    },
    "calendar": {
        "id": Field((ALWAYS,), _plain("id")),
        "what": Field((ALWAYS,), _plain("what")),
        "school_id": Field((ALWAYS,), _if_there("school_id")),
        "schools": Field((ALWAYS,), _if_there("schools")),
        **{name: Field((ALWAYS,), _if_there(name)) for name in _CALENDAR},
    },
}  # fmt: skip

_PURPOSES: dict[str, tuple[str, ...]] = {
    "visits": ("attendance:",),
    "alternative_method": ("attendance:", "canteen:"),
    "meal_payment": ("canteen:",),
    "free_meals": ("canteen:",),
    "photo": ("feed:people",),
    "web_push": ("notices:",),
}
"""Consents that stay in the school are told to the modules that act on them, known by their scopes. Any other consent
is told only to its recipient: that a pupil eats for free is nobody else's business."""


def names(kind: str, approved: Sequence[str]) -> tuple[str, ...]:
    """The fields of a kind that these approved claims open."""
    allowed = {ALWAYS, *approved}
    return tuple(name for name, field in FIELDS[kind].items() if not allowed.isdisjoint(field.claims))


def shape(kind: str, row: Row, fields: Sequence[str], towards: Towards) -> dict[str, Any]:
    """One record as JSON values; a field without a value is left out."""
    made = {name: FIELDS[kind][name].value(row, towards) for name in fields}
    return {name: value for name, value in made.items() if value not in (None, "")}


def gone(kind: str, record_id: str, towards: Towards) -> dict[str, Any]:
    """A tombstone: this record is to be forgotten, whether it was told before or not."""
    if kind == "people":
        return {"sub": towards.sub(record_id), "deleted": True}
    is_plain = kind in ("classes", "calendar")
    return {"id": record_id if is_plain else towards.record(kind, record_id), "deleted": True}


def over(row: Row, fields: Sequence[str], towards: Towards) -> dict[str, Any]:
    """The tombstone of a consent whose person may be told of: what has to stop, for whom and since when."""
    return shape("consents", row, fields, towards) | {"deleted": True}


def may_know_consent(row: Row, client_id: str, scopes: Sequence[str]) -> bool:
    """Whether a client is told of this consent."""
    if row["recipient"]:
        return bool(row["recipient"] == client_id)
    starts = _PURPOSES.get(row["purpose"], ())
    return any(scope.startswith(starts) for scope in scopes) if starts else False


def released(kind: str, row: Row, at: Collection[tuple[str, str]], people: Collection[str]) -> Row | None:
    """The row without pupils who are withheld (`consent_release.Withheld`); None when it is about one of them."""
    if kind == "classes":
        members = [one for one in row["members"] if (row["school_id"], one["person_id"]) not in at
                   or one["role"] != "pupil"]  # fmt: skip
        return {**row, "members": members}
    if kind in ("people", "guardianships"):
        return None if row["id" if kind == "people" else "child_id"] in people else row
    is_of_pupil = kind != "memberships" or row["role"] == "pupil"
    return None if is_of_pupil and (row["school_id"], row["person_id"]) in at else row


def about(kind: str, row: Row) -> list[str]:
    """Whose consent a row waits for, where one is asked."""
    if kind == "classes":
        return [one["person_id"] for one in row["members"]]
    return [row[{"people": "id", "guardianships": "child_id"}.get(kind, "person_id")]]


def _json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
