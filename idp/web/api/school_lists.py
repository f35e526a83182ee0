"""Lists of /api/v1/schools: what was asked for, and a page of rows with its count against the day's limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Response, jsonify, request

from idp.core.errors import Invalid
from idp.services.listing import PER_PAGE, Asked, Found
from idp.web.admin.door import Here
from idp.web.admin.lists import asked as asked_on_a_page
from idp.web.api.person_door import Caller
from idp.web.house import house

PAGED = ("q", "page", "limit")
MOST, _DIGITS = 200, 3
"""Rows of a page; the length is looked at first: Python refuses to read numbers of thousands of digits."""
_CALLED = {"guardianships": "guardians"}
"""Lists that the log calls otherwise, as the console does."""
_OF_NOBODY = ("classes", "campaigns", "services", "breaches", "schools")
"""Lists without people in them."""


def asked(*filters: str, sorts: tuple[str, ...] = ("",)) -> Asked:
    """`q`, `page`, `sort` and filters as on the pages, and `limit`. Raises Invalid for a limit that is none."""
    limit = request.args.get("limit", "")
    if limit and not (limit.isascii() and limit.isdigit() and len(limit) <= _DIGITS and 0 < int(limit) <= MOST):
        raise Invalid(f"limit is a number from 1 to {MOST}")
    return replace(asked_on_a_page(*filters, sorts=sorts), per_page=int(limit or PER_PAGE))


def cut(rows: list[Any], wanted: Asked) -> Found[Any]:
    """One page of a list that services give whole."""
    return Found(rows[wanted.offset : wanted.offset + wanted.per_page], len(rows), wanted)


def page(
    here: Here, who: Caller, name: str, shape: str, found: Found[Any], shown: Callable[[Any], dict[str, Any]],
    **more: Any,
) -> Response:  # fmt: skip
    """Rows about people count against the day's limit of who takes them and leave a trace, as on the pages.

    `more` stands beside the rows. Raises ExportLimit.
    """
    rows = [who.shows(shape, "", shown(one)) for one in found.rows]
    if name not in _OF_NOBODY and rows:
        house().exports.take(f"person:{here.actor.person_id}", len(rows), school_id=here.school_id)
        house().viewing.listed(
            here.actor, here.school_id, _CALLED.get(name, name), client_id=who.client.client_id,
            claims=who.told[""], basis=who.client.basis,
        )  # fmt: skip
    return jsonify({name: rows, "total": found.total, "page": found.asked.page, "pages": found.pages, **more})


def day(value: date | datetime | None) -> str | None:
    """A day, or a moment, as JSON holds it."""
    return value.isoformat() if value else None
