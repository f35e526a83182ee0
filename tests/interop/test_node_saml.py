"""`@node-saml/node-saml` of npm, what Passport signs in with: two service providers and a scriptless browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.factories.running import NAME, PASSWORD, USERNAME, Provider
from tests.factories.saml_metadata import credential
from tests.interop.conftest import AddSp
from tests.interop.node_script import run_script
from tests.interop.shibboleth_sp import pem
from tests.interop.traveller import Traveller

pytestmark = pytest.mark.node
BASE = "http://127.0.0.9:9/node"
_TERMS = ("--consent", "implicit", "--sign", "both", "--attribute", "displayName", "--attribute", "pairwise-id")
_DISPLAY_NAME = "urn:oid:2.16.840.1.113730.3.1.241"
_PAIRWISE_ID = "urn:oasis:names:tc:SAML:attribute:pairwise-id"


class _World:
    """Does what the script asks for; `signed_in` counts how often a password was typed."""

    def __init__(self, provider: Provider, add_sp: AddSp) -> None:
        self._issuer = provider.issuer
        self._add_sp = add_sp
        self._browser = Traveller(elsewhere=BASE)
        self.signed_in = 0

    def answer(self, said: dict[str, Any]) -> dict[str, Any]:
        browser = self._browser
        if "register" in said:
            return self._add_sp(said["register"], *_TERMS)
        if "open" in said:
            browser.go(said["open"])
        elif "post" in said:
            browser.post(f"{self._issuer}/saml/sso", said["post"])
        else:
            browser.go(f"{self._issuer}/oauth/logout")
            browser.submit("/oauth/logout", answer="yes")
        if not browser.left_for and 'id="login-submit"' in browser.page.text:
            self.signed_in += 1
            browser.sign_in(USERNAME, PASSWORD)
        return {"address": browser.left_for, "fields": browser.posted, "path": urlsplit(browser.page.url).path}


def test_node_saml_signs_in_at_two_services_once_and_out_from_either_side(provider: Provider, add_sp: AddSp) -> None:
    made, world = credential(11), _World(provider, add_sp)
    given = {
        "issuer": provider.issuer,
        "base": BASE,
        "key": made.private_key_pem.decode(),
        "certificate": pem(made.certificate),
    }
    seen = run_script("node_saml.mjs", given, world.answer)
    one, two, again = seen["one"], seen["two"], seen["again"]
    assert one["issuer"] == f"{provider.issuer}/saml/metadata"
    assert one["attributes"][_DISPLAY_NAME] == NAME
    assert one["nameIDFormat"].endswith(":persistent")
    assert one["attributes"][_PAIRWISE_ID] == f"{one['nameID']}@127.0.0.1"
    assert two["attributes"][_DISPLAY_NAME] == NAME
    assert two["nameID"] != one["nameID"] == again["nameID"]
    assert (seen["told"], seen["answered"]) == (f"{BASE}/two/slo", f"{BASE}/one/slo")
    assert seen["logged_out"]
    assert (seen["left"], seen["end"]) == (f"{BASE}/one/slo", "/oauth/signed-out")
    assert world.signed_in == 2
