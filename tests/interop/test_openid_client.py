"""`openid-client` of npm as a client: its script asks for pages, and a scriptless browser visits them."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.factories.relying_party import SECRET
from tests.factories.running import AFTER_LOGOUT, NAME, PASSWORD, REDIRECT, USERNAME, Provider
from tests.fakes.http_browser import HttpBrowser
from tests.interop.node_script import run_script

pytestmark = pytest.mark.node


def _visit(browser: HttpBrowser, address: str) -> dict[str, Any]:
    browser.go(address)
    if not browser.left_for and 'id="login-submit"' in browser.page.text:
        browser.sign_in(USERNAME, PASSWORD)
    if not browser.left_for:
        browser.submit(REDIRECT)
    return {"address": browser.left_for, "fields": browser.posted}


@pytest.mark.parametrize(
    ("method", "alg"),
    [
        ("client_secret_basic", "ES256"),
        ("client_secret_post", "RS256"),
        ("private_key_jwt", "ES256"),
        ("none", "RS256"),
    ],
)
def test_openid_client_logs_in_refreshes_and_logs_out(provider: Provider, method: str, alg: str) -> None:
    key = ECKey.generate_key("P-256", {"kid": "client-key"})
    changes: dict[str, Any] = {"token_endpoint_auth_method": method, "id_token_signed_response_alg": alg}
    if method == "private_key_jwt":
        changes["jwks"] = {"keys": [key.as_dict(private=False)]}
    client_id = provider.register(**changes)
    browser = provider.browser()
    seen = run_script(
        "openid_client.mjs",
        {
            "issuer": provider.issuer,
            "client_id": client_id,
            "secret": SECRET,
            "method": method,
            "alg": alg,
            "key": key.as_dict(private=True),
            "redirect_uri": REDIRECT,
            "after_logout": AFTER_LOGOUT,
            "scope": "openid profile offline_access",
        },
        lambda said: _visit(browser, said["open"]),
    )
    sub = seen["claims"]["sub"]
    assert (seen["claims"]["iss"], seen["claims"]["aud"]) == (provider.issuer, client_id)
    assert (seen["userinfo"]["sub"], seen["userinfo"]["name"]) == (sub, NAME)
    assert (seen["form_post_sub"], seen["refreshed_sub"]) == (sub, sub)
    assert seen["is_rotated"]
    if method != "none":
        assert (seen["introspected"]["active"], seen["introspected"]["client_id"]) == (True, client_id)
    assert seen["after_revocation"] == "invalid_grant"
    assert seen["foreign_issuer"] == "OAUTH_INVALID_RESPONSE"
    assert seen["after_logout"] == f"{AFTER_LOGOUT}?state=left"
    assert seen["silently"] == "login_required"
