"""Records of the services as /api/v1 shows them; the schemas beside it say the same (`schemas.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp.services.child_classes import ChildClass
from idp.services.consent_reading import About, Item
from idp.services.guardians import Child
from idp.services.my_access import Seen
from idp.services.subject_requests import Listed
from idp.web.api.person_door import Caller
from idp.web.house import house

if TYPE_CHECKING:
    from idp.store.consent_records import RecordRow


def school(school_id: str, name: str) -> dict[str, str] | None:
    return {"id": school_id, "name": name} if school_id else None


def child(caller: Caller, one: Child, *, language: str) -> dict[str, Any]:
    name = (one.school_name_ru if language == "ru" else "") or one.school_name
    return {
        "sub": caller.sub(one.person_id),
        "name": one.name,
        "given_name": one.given_name,
        "relation": one.relation,
        "school": school(one.school_id, name),
        "grade": one.grade,
        "class": {"title": one.class_title} if one.class_title else None,
    }


def klass(found: ChildClass | None) -> dict[str, Any] | None:
    return {"id": found.id, "title": found.title, "teacher": found.teacher or None} if found else None


def card(caller: Caller, person_id: str) -> dict[str, Any] | None:
    """The card that counts now; its number stays with the school, but for the digits that tell two apart."""
    row = house().cards.mine(person_id)
    if row is None:
        return None
    return {
        "id": caller.id_of("cards", row.id),
        "state": row.state,
        "reason": row.reason,
        "number_ends_in": row.number_hint,
        "changed_at": row.changed_at.isoformat(),
    }


def consents(caller: Caller, listed: list[About]) -> dict[str, Any]:
    return {
        "schools": [
            {
                "school": school(about.school_id, about.school),
                "waiting": about.waiting,
                "asked": [_item(caller, item) for item in about.items],
                "answers": [consent(caller, row) for row in about.history],
            }
            for about in listed
        ]
    }


def _item(caller: Caller, item: Item) -> dict[str, Any]:
    text = item.text
    return {
        "text": text.id,
        "purpose": text.purpose,
        "recipient": text.recipient,
        "version": text.version,
        "title": dict(text.title),
        "body": dict(text.body),
        "contents": dict(text.contents),
        "sha256": text.sha256,
        "state": item.state,
        "may": item.may,
        "answer": caller.id_of("consents", item.record.id) if item.record else None,
    }


def consent(caller: Caller, row: RecordRow) -> dict[str, Any]:
    def day(value: Any) -> str | None:
        return value.isoformat() if value else None

    return {
        "id": caller.id_of("consents", row.id),
        "text": row.text_id,
        "purpose": row.purpose,
        "recipient": row.recipient,
        "version": row.version,
        "title": dict(row.title),
        "answer": row.answer,
        "state": row.state,
        "channel": row.channel,
        "relation": row.relation,
        "given_at": day(row.given_at),
        "expires_on": day(row.expires_on),
        "acknowledged_at": day(row.acknowledged_at),
        "withdrawn_at": day(row.withdrawn_at),
        "stop_by": day(row.stop_by),
    }


def seen(found: Seen) -> dict[str, Any]:
    return {
        "releases": [
            {
                "client_id": one.client_id, "name": one.name, "owner": one.owner, "times": one.times,
                "first": one.first.isoformat(), "last": one.last.isoformat(), "basis": one.basis,
                "claims": one.claims, "feeds": one.kinds,
            }
            for one in found.releases
        ],
        "looks": [
            {"at": one.at.isoformat(), "name": one.name, "role": one.role, "school": one.school, "what": one.what}
            for one in found.looks
        ],
    }  # fmt: skip


def subject_request(caller: Caller, one: Listed, *, language: str) -> dict[str, Any]:
    return {
        "id": caller.id_of("requests", one.id),
        "kind": one.kind,
        "sub": caller.sub(one.person_id),
        "name": one.person,
        "school": school(one.school_id, one.school_ru if language == "ru" else one.school),
        "text": one.text,
        "fields": dict(one.fields),
        "made_at": one.made_at.isoformat(),
        "due_on": one.due_on.isoformat(),
        "state": one.state,
        "answer": one.answer,
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
        "is_own": one.is_own,
    }
