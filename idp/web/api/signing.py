"""Signing requests of modules: a document in, the address where it is signed and what became of it out."""

from __future__ import annotations

from flask import Response, jsonify, request, url_for

from idp.core.errors import Invalid
from idp.oidc.scopes import SIGNING
from idp.services.signing_submission import MAX_DOCUMENT, Rejected
from idp.web.api import token_door
from idp.web.api.told import told
from idp.web.errors import api_problem
from idp.web.house import house
from idp.web.incoming import takes
from idp.web.signing_page import check_id

bp = token_door.blueprint("api_signing", __name__)
MAX_BODY = MAX_DOCUMENT * 4 // 3 + 64 * 1024
"""A document in base64 and what is said about it."""
_LONGEST_KEY = 200


@bp.post("/signing-requests")
@told("Asks for a signature", answer="SigningRequest", body="NewSigningRequest", scope=SIGNING, by="client", status=201)
@takes(MAX_BODY)
def create() -> tuple[Response, int, dict[str, str]]:
    """A document, its SHA-256, its title and who may sign; answers with the address to send the signer to."""
    client = token_door.client(SIGNING)
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _LONGEST_KEY:
        raise Invalid(f"Idempotency-Key is longer than {_LONGEST_KEY} characters")
    made = house().signing_requests.create(client, token_door.body(), idempotency_key=key)
    shown = {
        "id": made.id,
        "sign_uri": _sign_uri(made.id),
        "state": made.state,
        "expires_at": made.expires_at.isoformat(),
    }
    return jsonify(shown), 201, {"Location": url_for("api_signing.show", request_id=made.id)}


@bp.get("/signing-requests/<request_id>")
@told("What became of it", answer="SigningRequest", scope=SIGNING, by="client")
def show(request_id: str) -> Response:
    """Its state, who signed, and the evidence for clients that may hold an ИИН."""
    client = token_door.client(SIGNING)
    check_id(request_id)
    shown = house().signing_requests.show(client, request_id)
    return jsonify({**shown, "sign_uri": _sign_uri(request_id)})


@bp.delete("/signing-requests/<request_id>")
@told("Takes a waiting request back", scope=SIGNING, by="client", status=204)
def cancel(request_id: str) -> tuple[str, int]:
    """Takes a waiting request back."""
    client = token_door.client(SIGNING)
    check_id(request_id)
    house().signing_requests.cancel(client, request_id)
    return "", 204


def _sign_uri(request_id: str) -> str:
    return house().oidc.url(url_for("signing.page", request_id=request_id))


@bp.errorhandler(Rejected)
def _rejected(error: Rejected) -> Response:
    return api_problem(error.code, 422, description=error.description, wrong=error.fields)
