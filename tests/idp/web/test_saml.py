"""The doors of SAML: our metadata, messages by SOAP, artifacts, enhanced clients, and what is no message at all."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask

from idp.saml import names
from idp.saml.entity import Settings
from idp.saml.names import q
from idp.xml.build import element, serialize
from idp.xml.parser import Element, children, parse
from idp.xml.signature import verify
from tests.factories.saml_ground import HOST, SamlGround
from tests.fakes.browser import Browser
from tests.idp.web.conftest import PASSWORD


@pytest.fixture
def lms(app: Flask, person: str) -> SamlGround:
    return SamlGround(app)


@pytest.fixture
def signed_in(browser: Browser, lms: SamlGround) -> Browser:
    browser.go("/login")
    browser.submit("/login/password", username="aigerim", password=PASSWORD)
    return browser


def _body(data: bytes) -> Element:
    envelope = parse(data)
    return parse(serialize(children(envelope, q(names.SOAP, "Body"))[0][0]))


def test_our_metadata_is_signed_and_lies_at_our_entity_id_and_at_the_query_protocol(
    browser: Browser, lms: SamlGround
) -> None:
    page = browser.go("/saml/metadata")
    assert page.headers["Content-Type"] == "application/samlmetadata+xml"
    root = verify(parse(page.data), [one.certificate for one in lms.parts.saml.signing()])
    assert root.get("entityID") == f"{HOST}/saml/metadata"
    by_name = browser.client.get(f"/saml/mdq/entities/{quote(f'{HOST}/saml/metadata', safe='')}")
    assert by_name.data == page.data
    assert browser.client.get("/saml/metadata", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert browser.go("/saml/mdq/entities/nobody").status_code == 404


def test_an_artifact_is_resolved_once_and_by_its_own_service(signed_in: Browser, lms: SamlGround, app: Flask) -> None:
    signed_in.left_for = ""
    signed_in.go(lms.address(AssertionConsumerServiceIndex="1"))
    brought = parse_qs(urlsplit(signed_in.left_for).query)
    assert brought["RelayState"] == ["back"]

    def resolve(sp: SamlGround) -> Element:
        data = sp.by_soap(sp.artifact_resolve(brought["SAMLart"][0]))
        answer = app.test_client().post("/saml/artifact", data=data, content_type="text/xml")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        return _body(answer.data)

    other = SamlGround(app, "https://other.example/saml", number=1)
    assert not children(resolve(other), q(names.SAMLP, "Response"))
    found = children(resolve(lms), q(names.SAMLP, "Response"))
    heard = lms.read_xml("", serialize(found[0]))
    assert (heard.status, bool(heard.name_id)) == ("Success", True)
    assert not children(resolve(lms), q(names.SAMLP, "Response"))


def test_what_is_no_message_gets_a_soap_fault(lms: SamlGround, app: Flask) -> None:
    for path in ("/saml/soap", "/saml/artifact"):
        for data in (b"", b"<a/>", b"<!DOCTYPE a><a/>", lms.by_soap(lms.authn_request(), is_signed=False)[:-9]):
            answer = app.test_client().post(path, data=data, content_type="text/xml")
            assert (answer.status_code, b"Fault" in answer.data) == (400, True), data
    unsigned = lms.by_soap(lms.artifact_resolve("AAQ"), is_signed=False)
    assert app.test_client().post("/saml/artifact", data=unsigned).status_code == 400


def test_a_logout_by_soap_ends_the_session(signed_in: Browser, lms: SamlGround, app: Flask) -> None:
    heard = lms.enter(signed_in)
    request = lms.logout_request(heard.name_id, destination=f"{HOST}/saml/soap")
    answer = app.test_client().post("/saml/soap", data=lms.by_soap(request), content_type="text/xml")
    root = verify(_body(answer.data), [one.certificate for one in lms.parts.saml.signing()])
    assert root.tag == q(names.SAMLP, "LogoutResponse")
    assert b"status:Success" in serialize(root)
    signed_in.go("/account")
    assert signed_in.page.request.path != "/account"


def _ecp(lms: SamlGround, app: Flask, password: str | None, *content: Element, **more: str) -> tuple[int, str, bytes]:
    request = lms.authn_request(*content, destination=f"{HOST}/saml/soap", AssertionConsumerServiceIndex="2", **more)
    basic = base64.b64encode(f"aigerim:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"} if password is not None else {}
    answer = app.test_client().post("/saml/soap", data=lms.by_soap(request), content_type="text/xml", headers=headers)
    if answer.status_code != 200:
        return answer.status_code, "", answer.data
    heard = lms.read_xml("", serialize(_body(answer.data)))
    return 200, heard.status, answer.data


def test_an_enhanced_client_brings_a_password_and_gets_an_envelope(lms: SamlGround, app: Flask) -> None:
    assert _ecp(lms, app, None)[0] == 401
    assert _ecp(lms, app, "wrong")[0] == 401
    status, said, data = _ecp(lms, app, PASSWORD)
    assert (status, said) == (200, "Success")
    assert b'AssertionConsumerServiceURL="https://lms.example/paos"' in data


def test_34_an_enhanced_client_gets_nothing_that_a_browser_would_need_a_second_factor_for(
    lms: SamlGround, app: Flask
) -> None:
    refs = element(q(names.SAML, "AuthnContextClassRef"), None, names.CONTEXT_MFA)
    wanted = element(q(names.SAMLP, "RequestedAuthnContext"), None, refs)
    assert _ecp(lms, app, PASSWORD, wanted)[:2] == (200, "NoAuthnContext")
    assert _ecp(lms, app, PASSWORD, ForceAuthn="true")[:2] == (200, "Success")
    strict = SamlGround(app, "https://strict.example/saml", settings=Settings(acr="urn:bilim:acr:mfa"))
    assert _ecp(strict, app, PASSWORD)[:2] == (200, "NoAuthnContext")


def test_an_answer_may_go_by_simple_sign_encrypted_and_without_a_name(
    signed_in: Browser, lms: SamlGround, app: Flask
) -> None:
    assert lms.enter(signed_in, AssertionConsumerServiceIndex="3").status == "Success"
    sealed = SamlGround(
        app, "https://sealed.example/saml", settings=Settings(name_id="none", sign="both"),
        metadata={"encryption_certificates": (lms.credential.certificate,)},
    )  # fmt: skip
    heard = sealed.enter(signed_in)
    assert (heard.status, heard.name_id) == ("Success", {})
    assert "displayName" in heard.attributes


def test_pages_that_post_allow_only_the_service_they_post_to(signed_in: Browser, lms: SamlGround) -> None:
    page = signed_in.go(lms.address())
    policy = page.headers["Content-Security-Policy"]
    assert re.search(r"form-action 'self' https://lms\.example(;|$)", policy)
    assert page.headers["Cache-Control"] == "no-store"


def test_a_form_of_another_kind_and_a_large_one_are_refused(app: Flask, lms: SamlGround) -> None:
    http = app.test_client()
    assert http.post("/saml/sso", data=b"{}", content_type="application/json").status_code == 400
    assert http.post("/saml/sso", data={"SAMLRequest": "A" * 1_100_000}).status_code == 413
    assert http.post("/saml/sso", data={"SAMLRequest": "A" * 900_000}).status_code == 400
