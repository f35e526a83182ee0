"""Who may act for a child: the one condition under which a link holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from idp.store.models.people import Guardianship


def holds(today: Any) -> ColumnElement[bool]:
    """Verified, begun, not ended, not blocked, and the child not of age or keeping it. `today` is a date or a bind.

    Asked anew at every question about a child, so that a block is felt in the next request.
    """
    return and_(
        Guardianship.verified_at.is_not(None),
        Guardianship.blocked_at.is_(None),
        or_(Guardianship.begin.is_(None), Guardianship.begin <= today),
        or_(Guardianship.end.is_(None), Guardianship.end > today),
        or_(Guardianship.of_age_on.is_(None), Guardianship.of_age_on > today, Guardianship.kept_at.is_not(None)),
    )
