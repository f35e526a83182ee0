"""Which members of `/api/v1` an app gets: those that stand for a claim the operator approved for it, and no other.

One table beside the feed's (`feed_fields.py`), engine-free. What is in no row of it leaves in no answer. Members marked
`always` name a record, say how far it is, or are what the scope itself was approved for (a card, a consent, a request);
they hold nothing about a person but the pairwise subject.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from idp.oidc.scopes import ADMIN, ME_DATA, ME_WRITE

ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Member:
    """`claims`: any one of these, or a scope, opens the member. `told`: what the log says of it, else the first claim.
    `inside`: the shape of the object, or of each in the list, that it holds.
    """

    claims: tuple[str, ...]
    told: tuple[str, ...] = ()
    inside: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return self.told or tuple(name for name in self.claims[:1] if name != ALWAYS)


def _always(*names: str) -> dict[str, Member]:
    return dict.fromkeys(names, Member((ALWAYS,)))


def _same(*names: str) -> dict[str, Member]:
    """Members called as their claims."""
    return {name: Member((name,)) for name in names}


_CHILD, _LINK = ("children",), ("children", "guardians")
_NAMES = ("name", "family_name", "given_name", "middle_name")
_CHILD_ROW = {
    **_always("sub", "restricted"),
    "name": Member(_CHILD, ("name",)),
    "given_name": Member(_CHILD, ("given_name",)),
    "relation": Member(_CHILD, ("guardians",)),
    "school": Member(_CHILD, ("school",)),
    "grade": Member(("grade",)),
    "class": Member(_CHILD, ("classes",), "Class"),
}
_FACTS = {
    **_same("family_name", "given_name", "middle_name", "email"),
    "birth_date": Member(("birthdate",)),
    "sex": Member(("gender",)),
    "language": Member(("locale",)),
    "phone": Member(("phone_number",)),
    "iin": Member(("iin",)),
}
_REQUEST = {
    **_always("id", "kind", "sub", "made_at", "due_on", "state", "closed_at", "is_own"),
    **_same("name", "school"),
    "text": Member((ME_WRITE,), ("requests",)),
    "answer": Member((ME_WRITE,), ("requests",)),
    "fields": Member((ALWAYS,), inside="Facts"),
}
_SUBJECT = {**_always("sub", "is_self"), **_same("name", "school")}
_OF_CHILD = {"name": Member(_CHILD, ("name",)), "school": Member(_CHILD, ("school",))}
_SCHOOL_REQUEST = {
    **_always("id", "kind", "restricted", "made_at", "due_on", "days_left", "state", "closed_at"),
    "person": Member((ALWAYS,), inside="Who"),
}
_CAMPAIGN = _always("id", "title", "begin", "end", "state", "class_count", "closed_at")
_BREACH = {
    **_same("school"),
    **_always("id", "detected_at", "due_on", "people", "notified_at", "state", "closed_at"),
    "what": Member((ADMIN,), ("requests",)),
}

SHAPES: dict[str, dict[str, Member]] = {
    "Me": {
        **_always("sub", "acr", "auth_time", "sessions"),
        **_same(*_NAMES, "preferred_username", "locale"),
        "roles": Member(("roles",), inside="Role"),
    },
    "Role": {**_always("role", "active"), **_same("school", "grade")},
    "Children": {"children": Member(_CHILD)},
    "ChildRow": _CHILD_ROW,
    "Child": {
        **_CHILD_ROW,
        "card": Member((ALWAYS,), ("cards",)),
        "consents": Member((ALWAYS,), ("consents",), "ChildConsents"),
    },
    "Class": {**_always("id", "title"), "teacher": Member(("classes",))},
    "ChildConsents": {**_always("waiting"), "states": Member((ALWAYS,), inside="ConsentState")},
    "ConsentState": {**_always("purpose", "state"), "title": Member(("school",))},
    "Card": {"card": Member((ALWAYS,), ("cards",))},
    "Access": {**_always("releases"), "looks": Member((ALWAYS,), inside="Look")},
    "Look": {**_always("at", "role", "what"), **_same("school"), "name": Member((ME_DATA,), ("access",))},
    "Consents": {"schools": Member((ALWAYS,), ("consents",), "ConsentSchool")},
    "ConsentSchool": {
        **_always("waiting"),
        **_same("school"),
        "asked": Member((ALWAYS,), inside="Asked"),
        "answers": Member((ALWAYS,), inside="Consent"),
    },
    "Asked": {
        **_always("text", "purpose", "recipient", "version", "sha256", "state", "may", "answer"),
        **dict.fromkeys(("title", "body", "contents"), Member(("school",))),
    },
    "Consent": {
        **_always(
            "id", "text", "purpose", "recipient", "version", "answer", "state", "channel", "given_at", "expires_on",
            "acknowledged_at", "withdrawn_at", "stop_by",
        ),
        "title": Member(("school",)),
        "relation": Member(_LINK, ("guardians",)),
    },
    "Request": _REQUEST,
    "ChildRequest": _REQUEST | _OF_CHILD,
    "Subject": _SUBJECT,
    "ChildSubject": _SUBJECT | _OF_CHILD,
    "Facts": _FACTS,
    "PersonRow": {
        **_always("id", "sub", "state"),
        **_same("name", "roles", "classes"),
        "username": Member(("preferred_username",)),
        "birth_date": Member(("birthdate",)),
    },
    "Person": {
        **_always("id", "sub", "is_current"),
        **_FACTS,
        **_same("classes"),
        "username": Member(("preferred_username",)),
    },
    "ClassRow": {
        **_always("id"),
        **dict.fromkeys(
            ("title", "grade", "shift", "language", "kind", "is_open", "pupils"), Member(("classes",))
        ),
        "teacher": Member(("name",)),
    },
    "Who": {**_always("id", "sub"), **_same("name")},
    "Guardianship": {
        **_always("id", "state"),
        **dict.fromkeys(("child", "guardian"), Member(_LINK, ("children", "guardians"), "Who")),
        **dict.fromkeys(("relation", "begin", "end"), Member(_LINK, ("guardians",))),
        "class": Member(("classes",)),
    },
    "CardRow": {
        **_always("id", "state", "reason", "number_ends_in", "changed_at"),
        "person": Member((ALWAYS,), inside="Who"),
        "class": Member(("classes",)),
    },
    "SchoolRequestRow": _SCHOOL_REQUEST,
    "SchoolRequest": _SCHOOL_REQUEST | {
        "requester": Member(("name",)),
        "text": Member((ADMIN,), ("requests",)),
        "answer": Member((ADMIN,), ("requests",)),
        "fields": Member((ADMIN,), ("requests",), "Facts"),
    },
    "Campaign": _CAMPAIGN,
    "Progress": {**_CAMPAIGN, **_always("whole", "texts"), "classes": Member(("classes",))},
    "Service": _always(
        "client_id", "name", "owner", "purpose", "claims", "basis", "iin_basis", "end_date", "is_on", "since",
        "is_everywhere", "last_used",
    ),
    "School": _always("id", "name", "type", "depth", "is_active"),
    "BreachRow": _BREACH,
    "Breach": _BREACH | dict.fromkeys(("measures", "contact", "notified_how"), Member((ADMIN,), ("requests",))),
}  # fmt: skip
"""A child's names, school and class stand behind `children`, as in the claim; free words of requests behind `me:write`,
for who writes them, and behind `admin` at the school; names of who looked behind `me:data`, as in the copy."""

_COPIED_COLUMNS = {
    "username": "preferred_username", "family_name": "family_name", "given_name": "given_name",
    "middle_name": "middle_name", "birth_date": "birthdate", "sex": "gender", "language": "locale", "email": "email",
    "phone": "phone_number", "iin": "iin",
}  # fmt: skip
_COPIED_GROUPS = {"school": ("roles", "school", "grade", "classes"), "guardians": ("children", "guardians"),
                  "cards": ("cards",), "consents": ("consents",), "rights": ("requests",), "log": ("access",)}  # fmt: skip  # noqa: E501


def shape(name: str, value: Mapping[str, Any], allowed: Collection[str]) -> tuple[dict[str, Any], set[str]]:
    """What these approved claims and scopes leave of an answer, and the words for the log of what has a value in it."""
    made: dict[str, Any] = {}
    told: set[str] = set()
    for member, rule in SHAPES[name].items():
        if member not in value or (ALWAYS not in rule.claims and not set(rule.claims) & set(allowed)):
            continue
        held = value[member]
        if rule.inside and isinstance(held, list):
            parts = [shape(rule.inside, one, allowed) for one in held]
            held = [one for one, _ in parts]
            told.update(*(words for _, words in parts))
        elif rule.inside and held is not None:
            held, words = shape(rule.inside, held, allowed)
            told |= words
        if held not in (None, "", [], {}):
            told.update(rule.words)
        made[member] = held
    return made, told


def copied(tables: Mapping[str, Any]) -> set[str]:
    """Words for the log of what a whole copy (`MyData.copy`) holds."""
    found = {"name"}
    for row in tables["people"]["rows"]:
        found |= {word for column, word in _COPIED_COLUMNS.items() if row.get(column)}
    for table in tables.values():
        if table["rows"]:
            found.update(_COPIED_GROUPS.get(table["group"], ()))
    return found
