"""A relying party of the tests: registered through the real service, speaking to the real endpoints over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.jose import compact
from idp.oidc.pkce import challenge_of
from idp.services.clients import Clients
from tests.fakes.browser import Browser

ISSUER = "http://localhost:8000"
SECRET = "a-secret-of-the-tests-long-enough"
VERIFIER = "verifier-of-the-tests-0123456789-abcdefghijklm"
REDIRECT = "https://textbooks.example/callback"


def document(client_id: str = "textbooks", **changes: Any) -> dict[str, Any]:
    """Metadata of a usual client: modern, confidential, asks for consent, switched on everywhere."""
    return {
        "client_id": client_id,
        "client_secret": SECRET,
        "client_name": "Оқулықтар",
        "client_name#ru": "Учебники",
        "client_uri": "https://textbooks.example",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email school roles classes offline_access",
        "bilim_owner": "Атамұра",
        "bilim_purpose": "Оқулық оқу",
        "bilim_consent": "implicit",
        "bilim_schools": "all",
    } | changes


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    """The same mapping with some members left out."""
    return {name: value for name, value in fields.items() if name not in names}


class RelyingParty:
    """`http` may be any browser's client: back-channel calls carry no cookies that matter."""

    def __init__(self, clients: Clients, http: FlaskClient, client_id: str = "textbooks", **changes: Any) -> None:
        fields = document(client_id, **changes)
        if fields.get("token_endpoint_auth_method") in ("none", "private_key_jwt"):
            fields = without(fields, "client_secret")
        self.client_id = client_id
        self.http = http
        clients.add(fields)

    def request(self, **changes: str) -> dict[str, str]:
        """The parameters of a usual authorization request; an empty change leaves one out."""
        params = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": "openid profile",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        } | changes
        return {name: value for name, value in params.items() if value}

    def address(self, **changes: str) -> str:
        return f"/oauth/authorize?{urlencode(self.request(**changes))}"

    def answer(self, browser: Browser, **changes: str) -> dict[str, str]:
        """Sends the browser to the IdP and returns what came back to the redirect_uri."""
        browser.left_for = ""
        browser.go(self.address(**changes))
        return came_back(browser)

    def code(self, browser: Browser, **changes: str) -> str:
        found = self.answer(browser, **changes)
        assert "code" in found, (found, browser.page.status_code, browser.page.text[:400])
        return found["code"]

    def post(self, path: str, auth: bool | tuple[str, str] = True, **fields: str) -> TestResponse:
        """A back-channel call, with HTTP Basic unless `auth` is False."""
        pair = (self.client_id, SECRET) if auth is True else auth or None
        data = {name: value for name, value in fields.items() if value}
        return self.http.post(path, data=data, auth=pair)

    def redeem(self, code: str, auth: bool | tuple[str, str] = True, **changes: str) -> TestResponse:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        } | changes
        return self.post("/oauth/token", auth, **fields)

    def tokens(self, browser: Browser, **changes: str) -> dict[str, Any]:
        """A whole sign-in of somebody who is signed in already."""
        answer = self.redeem(self.code(browser, **changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def refresh(self, refresh_token: str, auth: bool | tuple[str, str] = True, **changes: str) -> TestResponse:
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token} | changes
        return self.post("/oauth/token", auth, **fields)

    def userinfo(self, access_token: str) -> TestResponse:
        return self.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {access_token}"})


def came_back(browser: Browser) -> dict[str, str]:
    """The parameters of the redirect that left the IdP; empty when it did not."""
    query = parse_qs(urlsplit(browser.left_for).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in query.values())
    return {name: values[0] for name, values in query.items()}


def claims_of(token: str, typ: str = "jwt") -> Mapping[str, Any]:
    """The claims of a token, unverified."""
    return compact.read(token, typ=(typ,)).unverified_claims
