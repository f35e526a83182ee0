"""Debian's Shibboleth SP behind Apache: two service providers, whole ways of a browser, and what its sessions hold."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests

from idp.xml.parser import Element, parse
from tests.factories.running import NAME, PASSWORD, USERNAME, Provider
from tests.interop.conftest import AddSp
from tests.interop.shibboleth_sp import Addresses, ShibbolethSp, running_shibboleth
from tests.interop.traveller import Traveller

pytestmark = pytest.mark.shibboleth
PAGE, HANDLER = "/protected/page.shtml", "/Shibboleth.sso"
SSO, SLO, LOGIN = "127.0.0.1/saml/sso", "127.0.0.1/saml/slo", "127.0.0.1/login/password"
CONSUMERS = {"POST-SimpleSign": 2, "Artifact": 3}
"""By their index in its metadata."""
_ATTRIBUTES = (
    "displayName", "pairwise-id", "eduPersonScopedAffiliation", "eduPersonPrincipalName", "schacHomeOrganization",
    "bilimRoles",
)  # fmt: skip


@pytest.fixture(scope="module")
def shibboleth(provider: Provider, add_sp: AddSp, shibboleth_at: Addresses) -> Iterator[ShibbolethSp]:
    """Both are registered by the metadata that they make of themselves; `library` is the preset's."""
    certificate = provider.parts.saml.credential("rsa-sha256").certificate
    with running_shibboleth(provider.issuer, shibboleth_at, certificate) as running:
        asked = [word for name in _ATTRIBUTES for word in ("--attribute", name)]
        add_sp(_metadata(shibboleth_at.reading), "--consent", "implicit", *asked)
        add_sp(_metadata(shibboleth_at.library), "--preset", "shibboleth", "--encrypt-name-id")
        yield running


@pytest.fixture
def browser(shibboleth: ShibbolethSp) -> Traveller:
    """Signed in at `reading`."""
    browser = Traveller()
    browser.go(shibboleth.at.reading + PAGE)
    assert browser.way[-1] == LOGIN, browser.page.text
    browser.sign_in(USERNAME, PASSWORD)
    assert browser.way[-1] == f"127.0.0.2{PAGE}", browser.page.text
    return browser


def _metadata(base: str) -> str:
    return requests.get(base + HANDLER + "/Metadata", timeout=10).text


def _attributes(browser: Traveller, base: str) -> dict[str, list[str]]:
    """Of the session that this browser has there; empty without one."""
    browser.go(f"{base}{HANDLER}/Session")
    if not browser.page.headers["Content-Type"].startswith("application/json"):
        return {}
    return {one["name"]: one["values"] for one in json.loads(browser.page.text).get("attributes", ())}


def _environment(browser: Traveller) -> dict[str, str]:
    """What a program behind the protected page would be given."""
    browser.page.encoding = "utf-8"
    lines = (line.partition("=") for line in html.unescape(browser.page.text).splitlines())
    return {name: value for name, _, value in lines}


def _answer(browser: Traveller) -> Element:
    """The Response that the browser carried last."""
    return parse(base64.b64decode(browser.posted["SAMLResponse"]))


def _enter_library(browser: Traveller, at: Addresses) -> None:
    browser.go(at.library + PAGE)
    if browser.way[-1] == "127.0.0.1/consent":
        browser.submit("/consent", answer="allow")
    assert browser.way[-1] == f"127.0.0.3{PAGE}", browser.page.text


def test_a_session_holds_what_was_released_and_came_encrypted(browser: Traveller, shibboleth: ShibbolethSp) -> None:
    assert browser.way == [LOGIN, SSO, f"127.0.0.2{HANDLER}/SAML2/POST", f"127.0.0.2{PAGE}"]
    assert [re.sub("{.*}", "", str(one.tag)) for one in _answer(browser)] == ["Issuer", "Status", "EncryptedAssertion"]
    given = _environment(browser)
    assert given["Shib-Identity-Provider"].endswith("/saml/metadata")
    assert given["Shib-AuthnContext-Class"].endswith(":PasswordProtectedTransport")
    assert given["REMOTE_USER"] == given["pairwise-id"]
    assert given["displayName"] == NAME
    held = _attributes(browser, shibboleth.at.reading)
    assert held["affiliation"] == ["student@127.0.0.1", "member@127.0.0.1"]
    assert (held["eppn"], held["schacHomeOrganization"]) == ([f"{USERNAME}@127.0.0.1"], ["127.0.0.1"])
    assert json.loads(held["bilimRoles"][0])["role"] == "pupil"
    # The NameID, whose qualifiers its policy compares with the two entityIDs.
    assert held["persistent-id"][0].rpartition("!")[2] == held["pairwise-id"][0].partition("@")[0]


def test_the_other_service_asks_by_post_and_nobody_signs_in_again(browser: Traveller, shibboleth: ShibbolethSp) -> None:
    reading = _attributes(browser, shibboleth.at.reading)
    _enter_library(browser, shibboleth.at)
    library = _attributes(browser, shibboleth.at.library)
    assert sorted(library) == ["affiliation", "assurance", "pairwise-id", "persistent-id", "schacHomeOrganization"]
    assert library["pairwise-id"] != reading["pairwise-id"]
    _ask(browser, shibboleth.at.library)
    assert browser.way == [
        f"127.0.0.3{HANDLER}/Login", SSO, SSO, f"127.0.0.3{HANDLER}/SAML2/POST", f"127.0.0.3{PAGE}"
    ]  # fmt: skip


@pytest.mark.parametrize("name", CONSUMERS)
def test_an_answer_comes_by_every_binding(name: str, browser: Traveller, shibboleth: ShibbolethSp) -> None:
    _ask(browser, shibboleth.at.reading, acsIndex=CONSUMERS[name])
    assert browser.way[-3:] == [SSO, f"127.0.0.2{HANDLER}/SAML2/{name}", f"127.0.0.2{PAGE}"], browser.page.text


def _ask(browser: Traveller, base: str, **asked: int) -> None:
    """A sign-on with words of its own, as a link of the service would begin it."""
    browser.go(f"{base}{HANDLER}/Login?{urlencode({'target': base + PAGE, **asked})}")


def test_force_authn_asks_again_and_is_passive_asks_nobody(browser: Traveller, shibboleth: ShibbolethSp) -> None:
    at = shibboleth.at
    _ask(browser, at.reading, forceAuthn=1)
    assert browser.way[-1] == LOGIN
    browser.sign_in(USERNAME, PASSWORD)
    assert browser.way[-1] == f"127.0.0.2{PAGE}"
    _ask(browser, at.reading, isPassive=1)
    assert browser.way[-1] == f"127.0.0.2{PAGE}"
    stranger = Traveller()
    _ask(stranger, at.reading, isPassive=1)
    assert stranger.way[-2:] == [SSO, f"127.0.0.2{HANDLER}/SAML2/POST"]
    assert "NoPassive" in stranger.page.text


def test_a_service_signs_out_and_hears_that_the_others_did(browser: Traveller, shibboleth: ShibbolethSp) -> None:
    """`reading` is told directly while `library` waits for the answer."""
    at = shibboleth.at
    _enter_library(browser, at)
    browser.go(f"{at.library}{HANDLER}/Logout")
    assert browser.way == [f"127.0.0.3{HANDLER}/Logout", SLO, f"127.0.0.3{HANDLER}/SLO/Redirect"]
    assert "Logout completed successfully" in browser.page.text
    assert _attributes(browser, at.reading) == _attributes(browser, at.library) == {}
    browser.go(at.reading + PAGE)
    assert browser.way[-1] == LOGIN


def test_a_service_that_waits_for_no_answer_leaves_its_person_with_us(
    browser: Traveller, shibboleth: ShibbolethSp
) -> None:
    """As Shibboleth asks unless told otherwise; `library` is told through the browser."""
    at = shibboleth.at
    _enter_library(browser, at)
    browser.go(f"{at.reading}{HANDLER}/Logout")
    assert browser.way == [f"127.0.0.2{HANDLER}/Logout", SLO, f"127.0.0.3{HANDLER}/SLO/Redirect", SLO]
    assert 'id="missed"' not in browser.page.text
    assert _attributes(browser, at.reading) == _attributes(browser, at.library) == {}


def test_a_person_signs_out_at_the_idp_and_both_hear_of_it(
    browser: Traveller, provider: Provider, shibboleth: ShibbolethSp
) -> None:
    """`library`, which was entered twice, through the browser; `reading` directly by the worker."""
    at = shibboleth.at
    _enter_library(browser, at)
    _ask(browser, at.library)
    browser.go(f"{provider.issuer}/oauth/logout")
    browser.submit("/oauth/logout", answer="yes")
    assert browser.way[1:] == [f"127.0.0.3{HANDLER}/SLO/Redirect", SLO, "127.0.0.1/oauth/signed-out"]
    assert 'id="missed"' not in browser.page.text
    assert _attributes(browser, at.library) == {}
    provider.parts.worker().once()
    assert _attributes(browser, at.reading) == {}
