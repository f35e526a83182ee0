"""Where to go after signing in without a client's request: to a page of ours that sent somebody here, and no other.

The place is kept in the signed cookie of this browser, not in the address, so that no link can set it.
"""

from __future__ import annotations

import re

from flask import session

from idp.core.clock import epoch
from idp.web.house import house

_KEY = "after_login"
_PLACES = re.compile(
    r"/(?:sign/[0-9a-f]{32}|(?:account|admin)(?:/[A-Za-z0-9_-]+){0,8})(?:\?(?:[A-Za-z0-9_.~=&+-]|%[0-9A-F]{2}){0,300})?"
)
_SECONDS = 1800
"""Long enough to find a password; a place remembered longer would surprise whoever signs in next."""


def is_place(path: str) -> bool:
    """Whether it is one of the pages that may be gone back to."""
    return _PLACES.fullmatch(path) is not None


def remember(path: str) -> None:
    if is_place(path):
        session[_KEY] = [path, epoch(house().clock.now())]


def take() -> str:
    """The remembered place, once; empty when there is none or it is too old."""
    kept = session.pop(_KEY, None)
    if not kept:
        return ""
    path, since = str(kept[0]), int(kept[1])
    is_recent = 0 <= epoch(house().clock.now()) - since <= _SECONDS
    return path if is_recent and is_place(path) else ""
