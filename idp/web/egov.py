"""What the app eGov Mobile calls (nca.md §6): API1 tells who asks, API2 gives the document and takes the signature.

The phone has no cookie: it knows the id from the QR code, and for API2 the token that API1 gave it.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.blueprints import BlueprintSetupState

from idp.core.errors import Conflict, Denied, Invalid, NotFound
from idp.web.errors import error_page
from idp.web.house import house
from idp.web.i18n import LANGUAGES

bp = Blueprint("egov", __name__, url_prefix="/egov")
_LONGEST_ID = 64
_MAX_BODY = 192 * 1024
"""A CMS of 64 KiB in base64, in the JSON it came in."""


@bp.get("/<errand_id>")
def face(errand_id: str) -> Response:
    """API1."""
    return jsonify(house().errands.face(_known(errand_id), language=_language()))


@bp.get("/<errand_id>/documents")
def documents(errand_id: str) -> Response:
    """API2, what is to be signed."""
    return jsonify(house().errands.documents(_known(errand_id), _token()))


@bp.put("/<errand_id>/documents")
def deliver(errand_id: str) -> Response:
    """API2, the signature: `success`, or 403 when it proves nothing."""
    if (request.content_length or 0) > _MAX_BODY:
        return error_page("request_too_large", 413)
    house().errands.deliver(_known(errand_id), _token(), _body())
    return Response("success", content_type="text/plain; charset=utf-8")


@bp.errorhandler(Denied)
def _denied(error: Denied) -> Response:
    if error.code != "wrong_token":
        return error_page(error.code, 403, detail=error.description)
    response = error_page(error.code, 401, detail=error.description)
    response.headers["WWW-Authenticate"] = 'Bearer realm="bilim-id"'
    return response


@bp.errorhandler(Conflict)
def _over(error: Conflict) -> Response:
    """RFC 9110 §15.5.11: it was here, and will not be again."""
    return error_page(error.code, 410, detail=error.description)


def _known(errand_id: str) -> str:
    if len(errand_id) > _LONGEST_ID or not errand_id.isascii():
        raise NotFound("no such errand")
    return errand_id


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _body() -> Any:
    try:
        return json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError) as error:
        raise Invalid("the body is not JSON") from error


def _language() -> str:
    """The app says `kz` for Kazakh."""
    wanted = request.headers.get("Accept-Language", "").strip().lower()
    return "kk" if wanted.startswith("kz") else request.accept_languages.best_match(LANGUAGES) or "kk"


@bp.record_once
def _exempt_from_csrf(state: BlueprintSetupState) -> None:
    """The app is no browser and brings no cookie."""
    state.app.extensions["csrf"].exempt(bp)
