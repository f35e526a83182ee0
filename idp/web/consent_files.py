"""What people and schools take home of an answer: the proof as JSON, the card as PDF."""

from __future__ import annotations

import json

from flask import Response, make_response

from idp.documents.consent_card import consent_card
from idp.services.consent_reading import Evidence


def proof(shown: Evidence) -> Response:
    body = json.dumps(shown.as_json(), ensure_ascii=False, indent=2, sort_keys=True).encode()
    return _saved(body, f"consent-{shown.record.id}.json", "application/json")


def card(shown: Evidence) -> Response:
    return _saved(consent_card(shown), f"consent-{shown.record.id}.pdf", "application/pdf")


def _saved(body: bytes, name: str, media_type: str) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
