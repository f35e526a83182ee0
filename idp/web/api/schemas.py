"""Shapes that /api/v1 takes and answers, as JSON Schema (OpenAPI 3.1); `shapes.py` and the views make them."""

from __future__ import annotations

from typing import Any

from idp.services.person_members import ALWAYS, SHAPES

Schema = dict[str, Any]


def _text(words: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": words} if words else {}), **more}


def _one_of(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


def _maybe(kind: Schema) -> Schema:
    return {"anyOf": [kind, {"type": "null"}]}


def _list(kind: Schema) -> Schema:
    return {"type": "array", "items": kind}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Closed: an answer with a member that nobody described fails the tests."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _held(shape: str, members: dict[str, Schema]) -> Schema:
    """An object of which an app has only what it is approved for (`services/person_members.py`); the rest is absent."""
    always = {name for name, rule in SHAPES[shape].items() if ALWAYS in rule.claims and name not in _MAY_BE_ABSENT}
    required = {name: kind for name, kind in members.items() if name in always}
    return _object(required, {name: kind for name, kind in members.items() if name not in always})


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _texts(*names: str) -> dict[str, Schema]:
    return dict.fromkeys(names, _TEXT)


_MAY_BE_ABSENT = {"restricted", "card", "consents"}
"""Only that a child is restricted is told of one who is."""
_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_FLAG: Schema = {"type": "boolean"}
_WHEN = _text(format="date-time")
_DAY = _text(format="date")
_OPEN: Schema = {"type": "object", "additionalProperties": True}
_WORDS: Schema = {"type": "object", "additionalProperties": {"type": "string"}, "description": "by language"}
_SCHOOL = _object(_texts("id", "name"))
_SUB = _text("pairwise: the same for clients of one sector, another for every other")


def _page(name: str, row: Schema, **beside: Schema) -> Schema:
    return _object({name: _list(row), "total": _NUMBER, "page": _NUMBER, "pages": _NUMBER, **beside})


_CHILD = {
    "sub": _SUB, **_texts("name", "given_name", "relation", "grade"), "school": _maybe(_SCHOOL),
    "restricted": {"const": True, "description": "nothing else is told"},
}  # fmt: skip
_CARD = _object({**_texts("id", "state", "reason", "number_ends_in"), "changed_at": _WHEN})
_WHO = _held("Who", {"id": _TEXT, "sub": _SUB, "name": _TEXT})
_FIELDS = ("family_name", "given_name", "middle_name", "birth_date", "sex", "language", "email", "phone")
_CONSENT = {
    **_texts("id", "text", "purpose", "recipient", "answer", "state", "channel", "relation"),
    "version": _NUMBER, "title": _WORDS, "given_at": _WHEN, "expires_on": _maybe(_DAY),
    "acknowledged_at": _maybe(_WHEN), "withdrawn_at": _maybe(_WHEN), "stop_by": _maybe(_DAY),
}  # fmt: skip
_REQUEST = {
    **_texts("id", "kind", "sub", "name", "text", "state", "answer"), "school": _maybe(_SCHOOL),
    "fields": _OPEN, "made_at": _WHEN, "due_on": _DAY, "closed_at": _maybe(_WHEN), "is_own": _FLAG,
}  # fmt: skip
_SCHOOL_REQUEST = {
    **_texts("id", "kind", "state"), "person": _WHO, "restricted": _FLAG, "made_at": _WHEN, "due_on": _DAY,
    "days_left": _NUMBER, "closed_at": _maybe(_WHEN),
}  # fmt: skip
_CAMPAIGN = {
    **_texts("id", "title", "state"), "begin": _DAY, "end": _DAY, "closed_at": _maybe(_WHEN),
    "class_count": {**_NUMBER, "description": "how many are asked; 0 is the whole school"},
}  # fmt: skip
_COUNT = {"pupils": _NUMBER, "answered": _NUMBER, "given": _NUMBER}
_BREACH = {
    **_texts("id", "what", "state"), "school": _SCHOOL, "detected_at": _WHEN, "due_on": _DAY, "people": _NUMBER,
    "notified_at": _maybe(_WHEN), "closed_at": _maybe(_WHEN),
}  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "Problem": _object(
        {"type": _text("urn:bilim:problem:<code>"), "title": _TEXT, "status": _NUMBER, "reference": _TEXT},
        {"detail": _TEXT, "errors": _list(_object(_texts("pointer", "detail")))},
    ),
    "Me": _held("Me", {
        "sub": _SUB,
        **_texts("name", "family_name", "given_name", "middle_name", "preferred_username", "locale", "acr"),
        "roles": _list(_held("Role", {**_texts("role", "grade"), "school": _maybe(_SCHOOL), "active": _FLAG})),
        "auth_time": _WHEN, "sessions": _NUMBER,
    }),
    "Children": _held("Children", {"children": _list(
        _held("ChildRow", {**_CHILD, "class": _maybe(_object({"title": _TEXT}))})
    )}),
    "Child": _held("Child", {
        **_CHILD,
        "class": _maybe(_held("Class", {**_texts("id", "title"), "teacher": _maybe(_TEXT)})),
        "card": _maybe(_CARD),
        "consents": _object({
            "waiting": _NUMBER,
            "states": _list(_held("ConsentState", {"title": _WORDS, **_texts("purpose", "state")})),
        }),
    }),
    "Card": _object({"card": _maybe(_CARD)}),
    "Access": _object({
        "releases": _list(_object({
            **_texts("client_id", "name", "owner", "basis"), "times": _NUMBER, "first": _WHEN, "last": _WHEN,
            "claims": _list(_TEXT), "feeds": _list(_TEXT),
        })),
        "looks": _list(_held("Look", {"at": _WHEN, **_texts("name", "role", "school", "what")})),
    }),
    "Copy": _OPEN,
    "Consents": _object({
        "schools": _list(_held("ConsentSchool", {
            "school": _maybe(_SCHOOL), "waiting": _NUMBER, "answers": _list(_ref("Consent")),
            "asked": _list(_held("Asked", {
                **_texts("text", "purpose", "recipient", "sha256", "state", "may"), "version": _NUMBER,
                "title": _WORDS, "body": _WORDS, "contents": _OPEN, "answer": _maybe(_TEXT),
            })),
        })),
    }),
    "Consent": _held("Consent", _CONSENT),
    "ConsentAnswer": _object(
        {"text": _text("id of the text"), "answer": _one_of("yes", "no")},
        {"channel": _one_of("mfa", "eds", "kdp"), "language": _one_of("kk", "ru", "en")},
    ),
    "Continue": _object({"continue_uri": _text("where the person signs", format="uri")}),
    "Requests": _object({
        "requests": _list(_ref("Request")),
        "about": _list(_held("Subject", {**_texts("sub", "name"), "school": _maybe(_SCHOOL), "is_self": _FLAG})),
        "kinds": _list(_object({"kind": _TEXT, "working_days": _NUMBER, "by_law": _FLAG})),
    }),
    "Request": _held("Request", _REQUEST),
    "NewRequest": _object(_texts("kind", "sub", "school"), {"text": _TEXT, "fields": _OPEN}),
    "People": _page("people", _held("PersonRow", {
        "id": _TEXT, "sub": _SUB, **_texts("name", "username", "state"), "birth_date": _maybe(_DAY),
        "roles": _list(_TEXT), "classes": _list(_TEXT),
    })),
    "Person": _held("Person", {
        "sub": _SUB, **_texts("id", "username", "iin", *(name for name in _FIELDS if name != "birth_date")),
        "birth_date": _maybe(_DAY), "classes": _list(_TEXT), "is_current": _FLAG,
    }),
    "PersonChange": _object({}, _texts(*_FIELDS)),
    "Classes": _page("classes", _held("ClassRow", {
        **_texts("id", "title", "grade", "shift", "language", "kind", "teacher"), "is_open": _FLAG, "pupils": _NUMBER,
    })),
    "Guardianships": _page("guardianships", _held("Guardianship", {
        **_texts("id", "relation", "class", "state"), "child": _WHO, "guardian": _WHO, "begin": _maybe(_DAY),
        "end": _maybe(_DAY),
    })),
    "Cards": _page("cards", _held("CardRow", {
        "id": _maybe(_TEXT), "person": _WHO, **_texts("class", "state", "reason", "number_ends_in"),
        "changed_at": _maybe(_WHEN),
    })),
    "Calendar": _object({
        "is_own": _FLAG,
        "sessions": _list(_object({
            **_texts("id", "type", "title"), "begin": _DAY, "end": _DAY, "school_year": _NUMBER,
        })),
        "days": _list(_object({**_texts("id", "kind"), "begin": _DAY, "end": _DAY})),
        "bells": {"type": "object", "additionalProperties": _list(_object(
            {"lesson": _NUMBER, "begin": _NUMBER, "end": _NUMBER}
        )), "description": "by shift; begin and end in minutes of the day"},
    }),
    "SchoolRequests": _page("requests", _held("SchoolRequestRow", _SCHOOL_REQUEST), waiting=_NUMBER, late=_NUMBER),
    "SchoolRequest": _held("SchoolRequest", {
        **_SCHOOL_REQUEST, **_texts("requester", "text", "answer"), "fields": _OPEN,
    }),
    "RequestAnswer": _object(
        {"act": _one_of("do", "refuse")}, {**_texts("text"), "fields": _OPEN, "end_roles": _FLAG}
    ),
    "Campaigns": _page("campaigns", _held("Campaign", _CAMPAIGN)),
    "Progress": _held("Progress", {
        **_CAMPAIGN, "whole": _object(_COUNT),
        "classes": _list(_object({**_texts("id", "title"), **_COUNT})),
        "texts": _list(_object({
            **_texts("id", "purpose", "recipient"), "version": _NUMBER, "title": _WORDS,
            "states": {"type": "object", "additionalProperties": _NUMBER, "description": "pupils by state"},
        })),
    }),
    "Services": _page("services", _held("Service", {
        **_texts("client_id", "name", "owner", "purpose", "basis", "iin_basis"), "claims": _list(_TEXT),
        "end_date": _maybe(_DAY), "is_on": _FLAG, "since": _maybe(_DAY), "is_everywhere": _FLAG,
        "last_used": _maybe(_WHEN),
    })),
    "Schools": _page("schools", _held("School", {
        **_texts("id", "name", "type"), "depth": _NUMBER, "is_active": _FLAG,
    })),
    "Statistics": _object({
        "anonymised": _FLAG,
        "tables": _list(_object({"name": _TEXT, "rows": _list(_object({
            "key": _TEXT, "count": _maybe(_NUMBER | {"description": "null: fewer than five"}),
        }))})),
    }),
    "Breaches": _page("breaches", _held("BreachRow", _BREACH)),
    "Breach": _held("Breach", {**_BREACH, **_texts("measures", "contact", "notified_how")}),
    "NewCard": _object(_texts("person", "number"), _texts("format")),
    "CardId": _object(_texts("id")),
    "CardReason": _object(_texts("reason")),
    "FeedPage": _object({
        "kind": _TEXT, "records": _list(_OPEN), "cursor": _TEXT, "more": _FLAG, "snapshot": _FLAG, "as_of": _WHEN,
    }),
    "CardQuestion": _object(_texts("number", "school"), _texts("format")),
    "CardAnswer": _object(_texts("card", "sub", "school", "state")),
    "SigningRequest": _OPEN,
    "NewSigningRequest": _OPEN,
    "OpenAPI": _OPEN,
}  # fmt: skip
"""By the names that `told` uses. Signing requests are described in docs/reference/signing-requests.md."""
