"""What a list was asked for, read from its address: `q`, `page`, `sort` and the filters it knows."""

from __future__ import annotations

from flask import request

from idp.services.listing import LAST_PAGE, Asked

_LONGEST = 100


def asked(*filters: str, sorts: tuple[str, ...] = ("",)) -> Asked:
    """Unknown parameters and values that make no sense are passed over: an old link still opens the list."""
    page = request.args.get("page", "1")
    sort = request.args.get("sort", "")
    return Asked(
        words=" ".join(request.args.get("q", "").replace("\x00", "").split())[:_LONGEST],
        page=min(int(page), LAST_PAGE) if page.isascii() and page.isdigit() and int(page[:9]) > 0 else 1,
        sort=sort if sort in sorts else sorts[0],
        filters={name: request.args.get(name, "").replace("\x00", "")[:_LONGEST] for name in filters},
    )
