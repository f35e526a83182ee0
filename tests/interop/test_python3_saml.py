"""python3-saml, which Open edX and Django's social auth sign in with, in strict mode against a running IdP."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Words
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from tests.factories.running import NAME, PASSWORD, USERNAME, Provider
from tests.factories.saml_metadata import credential
from tests.interop.conftest import AddSp
from tests.interop.shibboleth_sp import pem
from tests.interop.traveller import Traveller

HOST = "127.0.0.9:9"
_SECURITY = {
    "authnRequestsSigned": True,
    "logoutRequestSigned": True,
    "logoutResponseSigned": True,
    "wantMessagesSigned": True,
    "wantAssertionsSigned": True,
    "wantAssertionsEncrypted": True,
    "wantNameId": True,
    "rejectDeprecatedAlgorithm": True,
    "signatureAlgorithm": Words.RSA_SHA256,
    "digestAlgorithm": Words.SHA256,
}


class Service:
    """A service provider that learns of the IdP from its metadata, and is registered by its own."""

    def __init__(self, provider: Provider, add_sp: AddSp, name: str, *terms: str, **security: Any) -> None:
        self.base = f"http://{HOST}/python/{name}"
        made = credential(12)
        known = OneLogin_Saml2_IdPMetadataParser.parse_remote(f"{provider.issuer}/saml/metadata")
        own = {
            "strict": True,
            "sp": {
                "entityId": f"{self.base}/metadata",
                "assertionConsumerService": {"url": f"{self.base}/acs", "binding": Words.BINDING_HTTP_POST},
                "singleLogoutService": {"url": f"{self.base}/slo", "binding": Words.BINDING_HTTP_REDIRECT},
                "NameIDFormat": Words.NAMEID_PERSISTENT,
                "x509cert": pem(made.certificate),
                "privateKey": made.private_key_pem.decode(),
            },
            "security": _SECURITY | security,
        }
        self._settings = OneLogin_Saml2_IdPMetadataParser.merge_settings(known, own)
        metadata = OneLogin_Saml2_Settings(self._settings, sp_validation_only=True).get_sp_metadata()
        add_sp(metadata.decode(), "--consent", "implicit", "--sign", "both", *terms)

    def auth(self, address: str = "", fields: dict[str, str] | None = None) -> OneLogin_Saml2_Auth:
        """Its reading of one request that a browser brought."""
        parts = urlsplit(address or f"{self.base}/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        request = {
            "https": "off", "http_host": HOST, "script_name": parts.path, "get_data": query,
            "post_data": fields or {}, "query_string": parts.query,
        }  # fmt: skip
        return OneLogin_Saml2_Auth(request, self._settings)

    def enter(self, browser: Traveller, **asked: Any) -> OneLogin_Saml2_Auth:
        """Sends the browser off, lets its person sign in if need be, and takes what came back."""
        begun = self.auth()
        browser.go(begun.login(return_to="back", **asked))
        if 'id="login-submit"' in browser.page.text:
            browser.sign_in(USERNAME, PASSWORD)
        assert browser.left_for == f"{self.base}/acs", browser.page.text[:800]
        ended = self.auth(browser.left_for, browser.posted)
        ended.process_response(request_id=begun.get_last_request_id())
        assert ended.get_errors() == [], ended.get_last_error_reason()
        assert browser.posted["RelayState"] == "back"
        return ended

    def confirm(self, browser: Traveller) -> None:
        """Takes the LogoutRequest that the browser brought, and sends it back with the answer."""
        assert browser.left_for.startswith(f"{self.base}/slo?SAMLRequest="), browser.left_for
        asked = self.auth(browser.left_for)
        answer = asked.process_slo(keep_local_session=True)
        assert asked.get_errors() == [], asked.get_last_error_reason()
        browser.go(answer)


@pytest.fixture(scope="module")
def first(provider: Provider, add_sp: AddSp) -> Service:
    attributes = ("displayName", "bilimRoles", "pairwise-id", "eduPersonScopedAffiliation", "eduPersonTargetedID")
    return Service(provider, add_sp, "first", *(word for name in attributes for word in ("--attribute", name)))


@pytest.fixture(scope="module")
def second(provider: Provider, add_sp: AddSp) -> Service:
    """Wants the NameID encrypted as well, and nothing but it."""
    return Service(
        provider, add_sp, "second", "--no-attributes", "--encrypt-name-id", wantNameIdEncrypted=True,
        wantAttributeStatement=False, nameIdEncrypted=True,
    )  # fmt: skip


@pytest.fixture
def browser() -> Traveller:
    return Traveller(elsewhere=f"http://{HOST}/")


def test_a_person_signs_in_at_two_services_once(first: Service, second: Service, browser: Traveller) -> None:
    known = first.enter(browser)
    assert known.get_friendlyname_attribute("displayName") == [NAME]
    assert known.get_friendlyname_attribute("pairwise-id") == [f"{known.get_nameid()}@127.0.0.1"]
    assert known.get_friendlyname_attribute("eduPersonScopedAffiliation") == ["student@127.0.0.1", "member@127.0.0.1"]
    assert known.get_nameid_format() == Words.NAMEID_PERSISTENT
    assert known.get_last_authn_contexts() == [Words.AC_PASSWORD_PROTECTED]
    again = second.enter(browser)
    assert again.get_attributes() == {}
    assert browser.way == ["127.0.0.1/saml/sso"]
    assert again.get_nameid() not in ("", known.get_nameid())
    assert first.enter(browser).get_nameid() == known.get_nameid()


def test_a_service_signs_out_and_the_other_hears_of_it(first: Service, second: Service, browser: Traveller) -> None:
    first.enter(browser)
    other = second.enter(browser)
    # The one that begins names the person by an encrypted NameID, the other one is told one in return.
    begun = second.auth()
    browser.go(
        begun.logout(
            return_to="left", name_id=other.get_nameid(), name_id_format=other.get_nameid_format(),
            nq=other.get_nameid_nq(), spnq=other.get_nameid_spnq(), session_index=other.get_session_index(),
        )
    )  # fmt: skip
    first.confirm(browser)
    assert browser.left_for.startswith(f"{second.base}/slo?SAMLResponse=")
    ended = second.auth(browser.left_for)
    ended.process_slo(keep_local_session=True, request_id=begun.get_last_request_id())
    assert ended.get_errors() == [], ended.get_last_error_reason()
    passive = first.auth()
    browser.go(passive.login(is_passive=True))
    refused = first.auth(browser.left_for, browser.posted)
    refused.process_response(request_id=passive.get_last_request_id())
    assert "the person would have to be asked" in refused.get_last_error_reason()


def test_a_person_signs_out_at_the_idp_and_both_hear_of_it(
    provider: Provider, first: Service, second: Service, browser: Traveller
) -> None:
    first.enter(browser)
    second.enter(browser)
    browser.go(f"{provider.issuer}/oauth/logout")
    browser.submit("/oauth/logout", answer="yes")
    told = [first, second]
    while told:
        told.remove(next_one := next(one for one in told if browser.left_for.startswith(one.base)))
        next_one.confirm(browser)
    assert (browser.left_for, browser.way[-1]) == ("", "127.0.0.1/oauth/signed-out")
    assert 'id="missed"' not in browser.page.text


def test_who_must_prove_themselves_again_is_asked_again(first: Service, browser: Traveller) -> None:
    first.enter(browser)
    first.enter(browser, force_authn=True)
    assert browser.way == ["127.0.0.1/login/password", "127.0.0.1/saml/sso"]
