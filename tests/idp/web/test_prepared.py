"""web/prepared: discovery and JWKS ahead of the framework, and fresh after a rotation."""

from __future__ import annotations

import pytest
from flask import Flask

from idp.parts import Parts
from tests.factories.relying_party import ISSUER

_PATHS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/jwks.json")


@pytest.mark.parametrize("path", _PATHS)
def test_a_document_is_cacheable_and_open_to_all_origins(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.is_json
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = app.test_client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = app.test_client().head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]


@pytest.mark.parametrize("path", _PATHS)
def test_other_methods_are_told_what_is_allowed(app: Flask, path: str) -> None:
    assert app.test_client().options(path).status_code == 204
    assert app.test_client().post(path).status_code == 405


def test_a_new_key_is_shown_when_the_keys_change(app: Flask, parts: Parts) -> None:
    before = app.test_client().get("/oauth/jwks.json")
    parts.keys.rotate(at_once=True)
    after = app.test_client().get("/oauth/jwks.json")
    kids = {key["kid"] for key in before.get_json()["keys"]}
    assert kids < {key["kid"] for key in after.get_json()["keys"]}
    assert before.headers["ETag"] != after.headers["ETag"]


def test_discovery_speaks_of_the_issuer(app: Flask) -> None:
    assert app.test_client().get(_PATHS[0]).get_json()["issuer"] == ISSUER


def test_everything_else_goes_on_to_the_app(app: Flask) -> None:
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/.well-known/other").status_code == 404
