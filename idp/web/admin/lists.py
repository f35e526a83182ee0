"""What a list was asked for, read from its address: `q`, `page`, `sort` and the filters it knows; and lists as files.

Rows about people count against the day's limit of who takes them, whether on a page or in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from flask import Flask, Response, before_render_template, current_app, g, make_response, request
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.clock import local_date
from idp.documents import tables
from idp.services.acting import StepUp
from idp.services.listing import LAST_PAGE, Asked, Found
from idp.web import step_up
from idp.web.admin.door import Here
from idp.web.house import house

_T = TypeVar("_T")
_LONGEST = 100
_AT_ONCE = 500
_ABOUT_PEOPLE = (
    "people.", "classes.", "guardians.", "cards.", "consents.", "requests.", "audit.", "breaches.", "access.", "years.",
)  # fmt: skip
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def init(app: Flask) -> None:
    """From now on every page of a list counts."""
    before_render_template.connect(_count, app)


def _count(_app: Flask, context: dict[str, Any], **_template: Any) -> None:
    """No list can forget it: whatever page shows `Found` rows under a right over people's data is counted."""
    here: Here | None = g.get("here")
    view = current_app.view_functions.get(request.endpoint or "")
    if here is None or not getattr(view, "right", "").startswith(_ABOUT_PEOPLE):
        return
    rows = sum(len(value.rows) for value in context.values() if isinstance(value, Found))
    if rows:
        house().exports.take(f"person:{here.actor.person_id}", rows, school_id=here.school_id)
        what = getattr(view, "right", "").partition(".")[0]
        house().viewing.listed(here.actor, here.school_id, what)


def counted(*lists_: Sequence[_T]) -> Found[_T]:
    """People on a page that is no list, such as one class: given to the template under any name, they count too."""
    rows = [row for rows in lists_ for row in rows]
    return Found(rows, len(rows), Asked())


def exported(
    here: Here,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]] | Callable[[], Iterable[Sequence[Any]]],
    *,
    right: str = "people.export",
) -> WerkzeugResponse | None:
    """The list as a file when the address says `?format=csv` or `xlsx`; None when it asks for the page.

    `name` is a word in ASCII for the file and the log. `rows` may be a function, so that a page costs nothing.
    `right` is asked beside the page's own and may send to prove oneself again. Raises as `Acting.at`, and ExportLimit.
    """
    kind = request.args.get("format", "")
    if kind not in TYPES:
        return None
    try:
        if here.school_id:
            house().acting.at(here.actor, right, here.school_id)
        else:
            house().acting.below(here.actor, right)
    except StepUp as error:
        return step_up.ask(error.acr)
    taken = list(rows() if callable(rows) else rows)
    house().exports.take(f"person:{here.actor.person_id}", len(taken), what=name, school_id=here.school_id)
    headings = [str(heading) for heading in columns]
    body = tables.csv(headings, taken) if kind == "csv" else tables.xlsx(name, headings, taken)
    return file(body, f"{name}-{local_date(house().clock.now()).isoformat()}.{kind}", TYPES[kind])


def whole(page: Callable[[Asked], Found[_T]], wanted: Asked) -> Iterator[_T]:
    """Every row of a list that services give page by page, as it is narrowed."""
    asked = replace(wanted, page=1, per_page=_AT_ONCE)
    while (found := page(asked)).rows:
        yield from found.rows
        asked = replace(asked, page=asked.page + 1)


def file(body: bytes, name: str, media_type: str) -> Response:
    """An answer to be saved under a name in ASCII."""
    response = make_response(body)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def asked(*filters: str, sorts: tuple[str, ...] = ("",)) -> Asked:
    """Unknown parameters and values that make no sense are passed over: an old link still opens the list."""
    sort = request.args.get("sort", "")
    return Asked(
        words=" ".join(request.args.get("q", "").replace("\x00", "").split())[:_LONGEST],
        page=_page(request.args.get("page", "")),
        sort=sort if sort in sorts else sorts[0],
        filters={name: request.args.get(name, "").replace("\x00", "")[:_LONGEST] for name in filters},
    )


def _page(text: str) -> int:
    """Cut before it is read: Python refuses to read numbers of thousands of digits."""
    digits = text.lstrip("0")[:9]
    return min(int(digits), LAST_PAGE) if digits.isascii() and digits.isdigit() else 1
