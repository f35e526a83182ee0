"""Errors for programs: Problem Details (RFC 9457), with our code in `type` and the reference number of the log."""

from __future__ import annotations

import json
from collections.abc import Iterable

from flask import Response

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:bilim:problem:"


def problem(
    code: str, status: int, *, reference: str, detail: str = "", wrong: Iterable[tuple[str, str]] = ()
) -> Response:
    """`wrong` holds (JSON pointer into what was sent, what is wrong there)."""
    body: dict[str, object] = {
        "type": TYPE + code,
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "reference": reference,
    }
    if detail:
        body["detail"] = detail
    listed = [{"pointer": f"#{pointer}", "detail": why} for pointer, why in wrong]
    if listed:
        body["errors"] = listed
    # In ASCII: a pointer may echo a lone surrogate, which JSON can hold and UTF-8 cannot.
    return Response(json.dumps(body), status, content_type=MEDIA_TYPE)
