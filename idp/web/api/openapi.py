"""/api/v1/openapi.json (OpenAPI 3.1): made of the routes and of what `told` says at each, once a process."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from idp.oidc.scopes import MODULE_SCOPES, PERSON_SCOPES
from idp.web.api.schemas import SCHEMAS
from idp.web.api.token_door import PREFIX
from idp.web.api.told import Told, told
from idp.web.house import house

bp = Blueprint("api_openapi", __name__, url_prefix=PREFIX)
MEDIA_TYPE = "application/json"
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_KEEP = "public, max-age=300"
_MADE = "openapi_made"


@bp.get("/openapi.json")
@told("This description", answer="OpenAPI", by="")
def describe() -> Response:
    body, etag = _made(current_app)
    answer = Response(body, content_type=MEDIA_TYPE)
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = _KEEP
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer.make_conditional(request)  # type: ignore[return-value]


def _made(app: Flask) -> tuple[bytes, str]:
    made: tuple[bytes, str] | None = app.extensions.get(_MADE)
    if made is None:
        body = json.dumps(document(app, house().issuer), ensure_ascii=False, separators=(",", ":")).encode()
        made = app.extensions[_MADE] = (body, hashlib.sha256(body).hexdigest()[:32])
    return made


def document(app: Flask, issuer: str) -> dict[str, Any]:
    """Every route under /api/v1. Raises AttributeError for one that nobody described."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if not rule.rule.startswith(f"{PREFIX}/"):
            continue
        view: Any = app.view_functions[rule.endpoint]
        about: Told = view.told
        names = _ARGUMENT.findall(rule.rule)
        path = _ARGUMENT.sub(r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, about, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bilim ID", "version": "1", "description": "People, their consents, and what schools keep."},
        "servers": [{"url": issuer}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "responses": {"Problem": _answer("Refused (RFC 9457)", "Problem", "application/problem+json")},
            "securitySchemes": _security(issuer),
        },
    }


def _operation(endpoint: str, about: Told, names: list[str]) -> dict[str, Any]:
    answer = _answer("Done", about.answer, about.media) if about.status != 204 else {"description": "Done"}
    responses: dict[str, Any] = {str(about.status): answer, "default": {"$ref": "#/components/responses/Problem"}}
    if about.body == "ConsentAnswer":
        responses["202"] = _answer("The person goes on elsewhere", "Continue", MEDIA_TYPE)
    parameters = [_parameter(name, "path") for name in names] + [_parameter(name, "query") for name in about.query]
    made: dict[str, Any] = {
        "operationId": endpoint.removeprefix("api_").replace(".", "_"),
        "summary": about.summary,
        "responses": responses,
        "security": [{about.by: [about.scope]}] if about.scope else [],
    }
    if parameters:
        made["parameters"] = parameters
    if about.body:
        made["requestBody"] = {"required": True, "content": {MEDIA_TYPE: {"schema": _ref(about.body)}}}
    return made


def _parameter(name: str, place: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}


def _answer(words: str, name: str, media: str) -> dict[str, Any]:
    schema = _ref(name) if name else {"type": "string", "format": "binary"}
    return {"description": words, "content": {media: {"schema": schema}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _security(issuer: str) -> dict[str, Any]:
    token = f"{issuer}/oauth/token"
    scopes = {
        "me": "reads what the account shows", "me:write": "answers and asks in the person's name",
        "me:data": "takes a copy of everything that is kept",
        "admin": "works with the rights of the person's role",
    }  # fmt: skip
    person = {
        "authorizationUrl": f"{issuer}/oauth/authorize",
        "tokenUrl": token,
        "scopes": {name: scopes[name] for name in PERSON_SCOPES},
    }
    client = {"tokenUrl": token, "scopes": {name: f"of a module: {name}" for name in (*MODULE_SCOPES, "feed:<kind>")}}
    return {
        "person": {"type": "oauth2", "flows": {"authorizationCode": person}},
        "client": {"type": "oauth2", "flows": {"clientCredentials": client}},
    }
