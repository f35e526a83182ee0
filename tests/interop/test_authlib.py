"""Authlib as a client: its session for scripts, and its Flask client with code, PKCE and nonce."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.factories.relying_party import SECRET
from tests.factories.running import AFTER_LOGOUT, NAME, PASSWORD, REDIRECT, USERNAME, Provider
from tests.fakes.http_browser import HttpBrowser

SCOPE = "openid profile offline_access"


def _metadata(provider: Provider) -> dict[str, Any]:
    found = requests.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=5).json()
    assert found["issuer"] == provider.issuer
    return dict(found)


def _verified(provider: Provider, metadata: dict[str, Any], token: str, alg: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=5).json())
    return dict(jwt.decode(token, keys, algorithms=[alg]).claims)


def _session(provider: Provider, metadata: dict[str, Any], method: str, alg: str) -> OAuth2Session:
    """Registered, and able to prove itself by `method`."""
    changes: dict[str, Any] = {"token_endpoint_auth_method": method, "id_token_signed_response_alg": alg}
    secret: Any = SECRET
    if method == "private_key_jwt":
        secret = ECKey.generate_key("P-256", {"kid": "client-key"})
        changes |= {"jwks": {"keys": [secret.as_dict(private=False)]}, "bilim_assertion_audience": "token_endpoint"}
    session = OAuth2Session(
        provider.register(**changes),
        secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope=SCOPE,
        redirect_uri=REDIRECT,
        code_challenge_method="S256",
    )
    if method == "private_key_jwt":
        way = PrivateKeyJWT(metadata["token_endpoint"], headers={"kid": "client-key"}, alg="ES256")
        session.register_client_auth_method(way)
    return session


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_a_session_logs_in_refreshes_and_logs_out(provider: Provider, method: str, alg: str) -> None:
    metadata = _metadata(provider)
    session, browser = _session(provider, metadata, method, alg), provider.browser()
    verifier, nonce = generate_token(48), generate_token(20)
    address, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    browser.go(address)
    browser.sign_in(USERNAME, PASSWORD)
    token = session.fetch_token(
        metadata["token_endpoint"], authorization_response=browser.left_for, state=state, code_verifier=verifier
    )
    claims = _verified(provider, metadata, token["id_token"], alg)
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (provider.issuer, session.client_id, nonce)
    person = session.get(metadata["userinfo_endpoint"]).json()
    assert (person["sub"], person["name"]) == (claims["sub"], NAME)
    fresh = session.refresh_token(metadata["token_endpoint"])
    assert fresh["refresh_token"] != token["refresh_token"]
    assert _verified(provider, metadata, fresh["id_token"], alg)["sub"] == claims["sub"]
    _inspect_and_revoke(session, metadata, fresh["access_token"])
    _log_out(browser, metadata, session, fresh["id_token"])


def _inspect_and_revoke(session: OAuth2Session, metadata: dict[str, Any], access_token: str) -> None:
    def active() -> bool:
        answer = session.introspect_token(metadata["introspection_endpoint"], access_token)
        return bool(answer.json()["active"])

    assert active()
    assert session.revoke_token(metadata["revocation_endpoint"], access_token).status_code == 200
    assert not active()
    assert (
        requests.get(
            metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"}, timeout=5
        ).status_code
        == 401
    )


def _log_out(browser: HttpBrowser, metadata: dict[str, Any], session: OAuth2Session, id_token: str) -> None:
    """RP-initiated: the hint is of this very session, so nobody is asked; after it `prompt=none` finds nobody."""
    request = requests.Request(
        "GET",
        metadata["end_session_endpoint"],
        params={"id_token_hint": id_token, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "left"},
    )
    browser.go(str(request.prepare().url))
    assert browser.left_for == f"{AFTER_LOGOUT}?state=left"
    address, _ = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=generate_token(48), prompt="none"
    )
    browser.go(address)
    assert browser.answer()["error"] == "login_required"
    refused = requests.post(metadata["token_endpoint"], timeout=5, data={"grant_type": "refresh_token"})
    assert refused.status_code in (400, 401)


def _relying_party(provider: Provider, client_id: str) -> Flask:
    """What the tutorial of Authlib's Flask client makes, with its id_token checks."""
    app = Flask("relying-party")
    app.secret_key = "relying-party"
    oauth = OAuth(app)
    oauth.register(
        "bilim",
        client_id=client_id,
        client_secret=SECRET,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login() -> ResponseReturnValue:
        return oauth.bilim.authorize_redirect(REDIRECT)  # type: ignore[no-any-return]

    @app.get("/callback")
    def callback() -> ResponseReturnValue:
        token = oauth.bilim.authorize_access_token()
        return jsonify(identity=token["userinfo"], person=oauth.bilim.userinfo(token=token))

    return app


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_the_flask_client_logs_in_with_pkce_and_nonce(provider: Provider, alg: str) -> None:
    client_id = provider.register(id_token_signed_response_alg=alg)
    client, browser = _relying_party(provider, client_id).test_client(), provider.browser()
    address = client.get("/login").headers["Location"]
    assert "code_challenge_method=S256" in address
    assert "nonce=" in address
    browser.go(address)
    browser.sign_in(USERNAME, PASSWORD)
    back = urlsplit(browser.left_for)
    answer = client.get(f"{back.path}?{back.query}").get_json()
    assert answer["identity"]["aud"] == client_id
    assert answer["identity"]["acr"] == "urn:bilim:acr:password"
    assert answer["person"]["name"] == NAME
    assert answer["person"]["sub"] == answer["identity"]["sub"]
