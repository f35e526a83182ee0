"""The door of /api/v1/schools: the rights of the console, for who stands behind a token.

Role and reach are those of the membership that the grant was given in; acts of legal weight ask how and when the person
signed in. Same table, same answers as on the pages (`services/rights.py`, `web/admin/door.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g

from idp.core.errors import Denied, NotFound
from idp.oidc.scopes import ADMIN
from idp.services import scope as scopes
from idp.services.rights import RIGHTS
from idp.web.admin.door import Here, is_news
from idp.web.api.person_door import caller
from idp.web.house import house


def api_allows(right: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The rule of a view. The view gets `Here` and the `Caller` first; `school_id` of the address is taken out.

    A view without a school works on everything the right reaches; of people whose data are blocked an app is told
    nothing. Raises InvalidToken, InsufficientScope, and what `Acting.at` raises.
    """

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def opened(school_id: str = "", **values: Any) -> Any:
            who = caller(ADMIN)
            actor = g.actor = who.actor()
            g.needed_recent = RIGHTS[right].recent
            acting = house().acting
            scope = acting.at(actor, right, school_id) if school_id else acting.below(actor, right)
            try:
                return view(Here(actor, scopes.released(scope), school_id), who, **values)
            except (Denied, NotFound) as error:
                if is_news(error, values):
                    house().acting.refused(actor, right, school_id, error.code)
                raise

        opened.right = right  # type: ignore[attr-defined]
        return opened

    return mark
