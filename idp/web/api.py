"""/api/v1 for modules: bearer tokens of clients, JSON, errors as RFC 9457. No cookie means anything here."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import UnsupportedMediaType

from idp.core.errors import Invalid
from idp.oidc.client import Client
from idp.oidc.errors import InsufficientScope, InvalidToken, OidcError
from idp.oidc.protected_resource import bearer, client_of
from idp.services.signing_submission import MAX_DOCUMENT, Rejected
from idp.web.errors import api_problem
from idp.web.house import house
from idp.web.incoming import takes
from idp.web.signing_page import check_id

bp = Blueprint("api", __name__, url_prefix="/api/v1")
SCOPE = "signing:request"
MAX_BODY = MAX_DOCUMENT * 4 // 3 + 64 * 1024
"""A document in base64 and what is said about it."""
_LONGEST_KEY = 200


@bp.post("/signing-requests")
@takes(MAX_BODY)
def create_signing_request() -> tuple[Response, int, dict[str, str]]:
    """A document, its SHA-256, its title and who may sign; answers with the address to send the signer to."""
    client = _client()
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _LONGEST_KEY:
        raise Invalid(f"Idempotency-Key is longer than {_LONGEST_KEY} characters")
    made = house().signing_requests.create(client, _json(), idempotency_key=key)
    shown = {
        "id": made.id,
        "sign_uri": _sign_uri(made.id),
        "state": made.state,
        "expires_at": made.expires_at.isoformat(),
    }
    return jsonify(shown), 201, {"Location": url_for("api.signing_request", request_id=made.id)}


@bp.get("/signing-requests/<request_id>")
def signing_request(request_id: str) -> Response:
    """Its state, who signed, and the evidence for clients that may hold an ИИН."""
    client = _client()
    check_id(request_id)
    shown = house().signing_requests.show(client, request_id)
    return jsonify({**shown, "sign_uri": _sign_uri(request_id)})


@bp.delete("/signing-requests/<request_id>")
def cancel_signing_request(request_id: str) -> tuple[str, int]:
    """Takes a waiting request back."""
    client = _client()
    check_id(request_id)
    house().signing_requests.cancel(client, request_id)
    return "", 204


def _client() -> Client:
    unverified_token = bearer(request.headers.get("Authorization", ""))
    return client_of(house().oidc, house().oidc_stores, unverified_token, scope=SCOPE)


def _sign_uri(request_id: str) -> str:
    return house().oidc.url(url_for("signing.page", request_id=request_id))


def _json() -> Any:
    """The body, strictly: a member that comes twice would be read differently by two readers (RFC 8259 §4)."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return json.loads(request.get_data(cache=False), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Invalid("the body is not JSON with each member once", code="invalid_json") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member comes twice")
    return dict(pairs)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


@bp.errorhandler(Rejected)
def _rejected(error: Rejected) -> Response:
    return api_problem(error.code, 422, description=error.description, wrong=error.fields)


@bp.errorhandler(OidcError)
def _refused(error: OidcError) -> Response:
    """RFC 6750 §3: without a token no error code is told."""
    is_bare = isinstance(error, InvalidToken) and not error.description
    challenge = 'Bearer realm="bilim-id"'
    if not is_bare:
        challenge += f', error="{error.error}", error_description="{error.description}"'
    if isinstance(error, InsufficientScope):
        challenge += f', scope="{SCOPE}"'
    words = "an access token is needed" if is_bare else error.description
    answer = api_problem(error.error, error.status, description=words, detail=error.detail)
    if error.status in (401, 403) or error.error == "invalid_request":
        answer.headers["WWW-Authenticate"] = challenge
    return answer


@bp.record_once
def _exempt_from_csrf(state: BlueprintSetupState) -> None:
    """Machines call these with a token; no cookie is looked at."""
    state.app.extensions["csrf"].exempt(bp)
