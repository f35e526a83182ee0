"""Proving once more who one is, for an act that needs it: the way there, and back to where one was."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

from idp.core.errors import Denied
from idp.web import after_login


def ask(acr: str) -> Response:
    """To the page that asks, remembering this one. What a form sent is not kept, so its page asked before.

    Raises Denied (`step_up`) for a request that is no page of ours.
    """
    place = request.full_path.rstrip("?")
    if request.method != "GET":
        place = urlsplit(request.referrer or "").path
        if not place or not after_login.is_place(place):
            raise Denied("a stronger or more recent sign-in is needed", code="step_up")
    after_login.remember(place)
    return redirect(f"/login/again?acr={acr}", 303)
