"""saml/authn_request: what is asked for, and that answers go only where metadata says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from idp.saml import names
from idp.saml.authn_context import RequestedContext
from idp.saml.authn_request import SUPPORTED, AuthnRequest, check_binding, consumer, default, read
from idp.saml.bindings import Received
from idp.saml.entity import Endpoint
from idp.saml.errors import PageError, UnsupportedBinding
from idp.saml.message import read as read_message
from idp.saml.names import q
from idp.xml.build import element, serialize
from idp.xml.parser import Element
from tests.factories.saml_sp import SSO, SamlSp

SP = SamlSp()
ACS, ARTIFACT, PAOS, SIMPLE = (f"{SP.base}/{word}" for word in ("acs", "artifact", "paos", "simple"))


def _read(*content: Element, binding: str = names.REDIRECT, **attributes: str | None) -> AuthnRequest:
    message = SP.authn_request(*content, **attributes)
    return read(read_message(Received(serialize(message), "", binding, "SAMLRequest"), allowed=("AuthnRequest",)))


def _policy(**attributes: str) -> Element:
    return element(q(names.SAMLP, "NameIDPolicy"), attributes)


def _named(local: str, *content: Element | str, namespace: str = names.SAMLP) -> Element:
    return element(q(namespace, local), None, *content)


def test_the_least_request_asks_for_nothing_special() -> None:
    assert _read(ID="_1") == AuthnRequest("_1", SP.entity_id, SSO)


def test_everything_that_may_be_asked_is_read() -> None:
    context = _named("RequestedAuthnContext", _named("AuthnContextClassRef", names.CONTEXT_MFA, namespace=names.SAML))
    request = _read(
        _policy(Format=names.PERSISTENT, SPNameQualifier="urn:q", AllowCreate=" 1 "),
        context,
        ID="_1",
        ForceAuthn="true",
        IsPassive="1",
        AssertionConsumerServiceURL=ACS,
        AssertionConsumerServiceIndex="7",
        ProtocolBinding=names.POST,
        AttributeConsumingServiceIndex="3",
    )
    assert request == AuthnRequest(
        id="_1",
        issuer=SP.entity_id,
        destination=SSO,
        binding=names.REDIRECT,
        force_authn=True,
        is_passive=True,
        acs_url=ACS,
        acs_index=7,
        protocol_binding=names.POST,
        attribute_index=3,
        name_id_format=names.PERSISTENT,
        sp_name_qualifier="urn:q",
        allow_create=True,
        context=RequestedContext("exact", (names.CONTEXT_MFA,)),
    )
    assert AuthnRequest.from_json(json.loads(json.dumps(request.as_json()))) == request
    assert AuthnRequest.from_json(_read(ID="_1").as_json()) == AuthnRequest("_1", SP.entity_id, SSO)


def test_what_concerns_nobody_here_is_ignored() -> None:
    extras = (
        _named("Extensions", element("{urn:x}Anything", None, element("{urn:x}Deep", None, "text"))),
        _named("Conditions", namespace=names.SAML),
        element(q(names.SAMLP, "Scoping"), {"ProxyCount": "0"}, _named("IDPList")),
    )
    assert _read(*extras, ID="_1", ProviderName="<script>", Consent="urn:x") == _read(ID="_1")


def test_a_subject_is_noted() -> None:
    for inside in (
        _named("NameID", "somebody", namespace=names.SAML),
        _named("EncryptedID", namespace=names.SAML),
        _named("SubjectConfirmation", namespace=names.SAML),
    ):
        assert _read(_named("Subject", inside, namespace=names.SAML)).has_subject
    assert not _read(_named("Subject", namespace="urn:other")).has_subject


@pytest.mark.parametrize(
    "wrong",
    [
        {"ForceAuthn": "yes"},
        {"IsPassive": ""},
        {"AssertionConsumerServiceIndex": "-1"},
        {"AttributeConsumingServiceIndex": "70000"},
        {"AssertionConsumerServiceURL": "https://lms.example/" + "a" * 2048},
        {"ProtocolBinding": "a" * 2049},
        {"content": (_policy(), _policy())},
        {"content": (_policy(AllowCreate="maybe"),)},
        {"content": (_named("Subject", namespace=names.SAML),) * 2},
        {"content": (element(q(names.SAMLP, "RequestedAuthnContext"), {"Comparison": "worse"}),)},
    ],
)
def test_what_is_malformed_is_refused(wrong: dict[str, Any]) -> None:
    content = [element(one.tag, dict(one.attrib)) for one in wrong.pop("content", ())]
    with pytest.raises(PageError, match="AuthnRequest is malformed") as refusal:
        _read(*content, **wrong)
    assert refusal.value.code == "saml_message"


def _asked(binding: str = names.REDIRECT, **changes: Any) -> AuthnRequest:
    return AuthnRequest("_1", SP.entity_id, binding=binding, **changes)


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        ({}, ACS),
        ({"acs_url": SIMPLE}, SIMPLE),
        ({"acs_url": ARTIFACT, "protocol_binding": names.ARTIFACT}, ARTIFACT),
        ({"acs_index": 1}, ARTIFACT),
        ({"acs_index": 3, "acs_url": SIMPLE}, SIMPLE),
        ({"protocol_binding": names.SIMPLE_SIGN}, SIMPLE),
        ({"binding": names.SOAP_BINDING}, PAOS),
        ({"binding": names.SOAP_BINDING, "acs_url": PAOS, "protocol_binding": names.PAOS_BINDING}, PAOS),
    ],
)
def test_a_request_chooses_among_the_addresses_of_the_metadata(changes: dict[str, Any], location: str) -> None:
    request = _asked(**changes)
    found = consumer(request, SP.provider)
    assert found in SP.provider.acs
    assert found.location == location
    assert found.binding in SUPPORTED
    check_binding(request, found)


@pytest.mark.parametrize(
    "changes",
    [
        {"acs_url": "https://evil.example/acs"},
        {"acs_url": ACS + "/"},
        {"acs_url": ACS + "?"},
        {"acs_url": ACS + "#"},
        {"acs_url": " " + ACS},
        {"acs_url": ACS.upper()},
        {"acs_url": ACS.replace("https", "http")},
        {"acs_url": ACS.replace("://", "://a@")},
        {"acs_url": ACS.replace("/acs", "/x/../acs")},
        {"acs_url": "javascript:alert(1)"},
        {"acs_url": PAOS},
        {"acs_index": 2},
        {"acs_index": 9},
        {"acs_index": 1, "acs_url": ACS},
        {"binding": names.SOAP_BINDING, "acs_url": ACS},
        {"binding": names.SOAP_BINDING, "acs_index": 0},
    ],
)
def test_nothing_is_sent_to_an_address_that_the_metadata_does_not_name(changes: dict[str, Any]) -> None:
    with pytest.raises(PageError) as refusal:
        consumer(_asked(**changes), SP.provider)
    assert refusal.value.code == "saml_message"


@pytest.mark.parametrize("binding", [names.REDIRECT, names.ARTIFACT, "urn:unknown"])
def test_an_unsupported_binding_is_told_to_the_address(binding: str) -> None:
    request = _asked(acs_url=ACS, protocol_binding=binding)
    found = consumer(request, SP.provider)
    assert found.location == ACS
    with pytest.raises(UnsupportedBinding):
        check_binding(request, found)


def test_one_address_with_two_bindings_is_told_apart_by_the_binding() -> None:
    twice = SP.metadata(acs=(Endpoint(names.POST, ACS, index=1), Endpoint(names.ARTIFACT, ACS, index=2)))
    assert consumer(_asked(acs_url=ACS), twice).binding == names.POST
    assert consumer(_asked(acs_url=ACS, protocol_binding=names.ARTIFACT), twice).index == 2


def test_an_address_of_another_protocol_is_no_address() -> None:
    old = Endpoint("urn:oasis:names:tc:SAML:1.0:profiles:browser-post", ACS)
    for changes in ({}, {"acs_url": ACS}, {"acs_index": 0}):
        with pytest.raises(PageError):
            consumer(_asked(**changes), SP.metadata(acs=(old,)))


def test_the_default_is_who_says_so_else_who_does_not_deny_it() -> None:
    no, unsaid, yes = (Endpoint(names.POST, f"https://a/{said}", is_default=said) for said in (False, None, True))
    assert default([no, unsaid, yes]) is yes
    assert default([no, unsaid]) is unsaid
    assert default([no]) is no
