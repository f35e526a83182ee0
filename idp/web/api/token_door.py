"""The door of /api/v1: whose token it is, strict JSON, and refusals in the words of RFC 6750 and RFC 9457."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import UnsupportedMediaType

from idp.core.errors import Invalid
from idp.oidc.client import Client
from idp.oidc.errors import InsufficientAuthentication, InsufficientScope, InvalidToken, OidcError
from idp.oidc.protected_resource import bearer, client_of
from idp.services.acting import StepUp
from idp.services.person_form import Mistakes
from idp.web.errors import api_problem
from idp.web.house import house
from idp.web.incoming import refuse_unwritable

PREFIX = "/api/v1"


def blueprint(name: str, import_name: str) -> Blueprint:
    """A part of /api/v1. Machines call it with a token: no cookie is looked at, so no CSRF token is asked for."""
    made = Blueprint(name, import_name, url_prefix=PREFIX)

    def exempt(state: BlueprintSetupState) -> None:
        state.app.extensions["csrf"].exempt(made)

    made.record_once(exempt)
    made.register_error_handler(OidcError, _refused)
    made.register_error_handler(StepUp, _step_up)
    made.register_error_handler(Mistakes, _mistakes)
    return made


def client(scope: str) -> Client:
    """The client that shows a token of its own with this scope. Raises InvalidToken and InsufficientScope."""
    g.needed_scope = scope
    unverified_token = bearer(request.headers.get("Authorization", ""))
    return client_of(house().oidc, house().oidc_stores, unverified_token, scope=scope)


def body() -> Any:
    """The body, strictly: a member that comes twice would be read differently by two readers (RFC 8259 §4), and so
    would octets that are no UTF-8 (§8.1).

    Raises UnsupportedMediaType and Invalid (`invalid_json`, `invalid_characters`).
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        sent = json.loads(request.get_data(cache=False).decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Invalid("the body is not JSON with each member once", code="invalid_json") from error
    refuse_unwritable(_texts(sent))
    return sent


def _texts(sent: Any) -> Iterator[str]:
    """Every text and every name in it, however deep."""
    waiting = [sent]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member comes twice")
    return dict(pairs)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _step_up(error: StepUp) -> Response:
    """RFC 9470 §3: the app sends the person to sign in again with these `acr_values` and this `max_age`."""
    recent = g.get("needed_recent")
    return _refused(InsufficientAuthentication(error.acr, int(recent.total_seconds()) if recent else 0))


def _mistakes(error: Mistakes) -> Response:
    wrong = [(f"/{name}", what) for name, what in error.fields.items()]
    return api_problem(error.code, 422, description="members are wrong", wrong=wrong)


_UNQUOTABLE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


def _quoted(value: object) -> str:
    """As an attribute of a challenge: RFC 6750 §3 allows neither quotes and backslashes nor anything beyond ASCII."""
    return '"' + _UNQUOTABLE.sub("?", str(value)) + '"'


def _refused(error: OidcError) -> Response:
    """RFC 6750 §3: without a token no error code is told."""
    is_bare = isinstance(error, InvalidToken) and not error.description
    challenge = 'Bearer realm="bilim-id"'
    if not is_bare:
        challenge += f", error={_quoted(error.error)}, error_description={_quoted(error.description)}"
    if isinstance(error, InsufficientScope) and g.get("needed_scope"):
        challenge += f", scope={_quoted(g.needed_scope)}"
    if isinstance(error, InsufficientAuthentication):
        challenge += f", acr_values={_quoted(error.acr)}"
        challenge += f", max_age={_quoted(error.max_age)}" if error.max_age else ""
    words = "an access token is needed" if is_bare else error.description
    answer = api_problem(error.error, error.status, description=words, detail=error.detail)
    if error.status in (401, 403) or error.error == "invalid_request":
        answer.headers["WWW-Authenticate"] = challenge
    return answer
