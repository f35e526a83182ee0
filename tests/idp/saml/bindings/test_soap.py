"""saml/bindings/soap: one message in an envelope, taken out as a document of its own."""

from __future__ import annotations

import pytest

from idp.saml import names
from idp.saml.bindings import soap
from idp.saml.errors import PageError
from idp.saml.message import authenticate, read
from idp.saml.names import q
from idp.xml.build import element, serialize
from idp.xml.parser import parse
from tests.factories.saml_sp import SamlSp

SP = SamlSp()
_BODY = b"<S:Body><a/></S:Body>"


def _envelope(inside: bytes) -> bytes:
    return f'<S:Envelope xmlns:S="{names.SOAP}">'.encode() + inside + b"</S:Envelope>"


def test_a_signed_message_survives_the_envelope() -> None:
    for message in (SP.artifact_resolve("AAQ"), SP.logout_request(), SP.logout_response("_1")):
        name = str(message.tag).rpartition("}")[2]
        found = soap.read(b'<?xml version="1.0" encoding="UTF-8"?>\n' + SP.by_soap(message))
        assert found.binding == names.SOAP_BINDING
        assert authenticate(read(found, allowed=(name,)), SP.provider, is_required=True)


def test_a_message_whose_prefixes_are_declared_around_it_survives_too() -> None:
    plain = serialize(SP.signed(SP.logout_request())).decode()
    declared = f' xmlns:samlp="{names.SAMLP}"', f' xmlns:saml="{names.SAML}"'
    for one in declared:
        assert plain.count(one) == 1
        plain = plain.replace(one, "")
    data = f'<S:Envelope xmlns:S="{names.SOAP}"{"".join(declared)}>\n <S:Body>\n{plain}\n</S:Body></S:Envelope>'
    message = read(soap.read(data.encode()), allowed=("LogoutRequest",))
    assert authenticate(message, SP.provider, is_required=True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a/>",
        b"<!DOCTYPE a><a/>",
        b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body><a/></Body></Envelope>',
        _envelope(b""),
        _envelope(b"<S:Body/>"),
        _envelope(b"<S:Body>text</S:Body>"),
        _envelope(b"<S:Body><a/><b/></S:Body>"),
        _envelope(_BODY + _BODY),
        _envelope(b"<S:Header/><S:Header/>" + _BODY),
        _envelope(_BODY + b"<trailer/>"),
        _envelope(b'<S:Header><a S:mustUnderstand="1"/></S:Header>' + _BODY),
        _envelope(b"<S:Body>" + b"<a>" * 70 + b"</a>" * 70 + b"</S:Body>"),
        _envelope(b"<S:Body><a>" + b"x" * 5_000_000 + b"</a></S:Body>"),
    ],
)
def test_what_is_no_envelope_of_one_message_is_refused(data: bytes) -> None:
    with pytest.raises(PageError) as refusal:
        soap.read(data)
    assert refusal.value.code == "saml_message"


def test_header_blocks_for_others_and_those_that_need_not_be_understood_are_passed_over() -> None:
    blocks = b'<a/><b S:mustUnderstand="0"/><c S:mustUnderstand="1" S:actor="urn:someone"/>'
    found, headers = soap.unwrap(_envelope(b"<S:Header>" + blocks + b"</S:Header>" + _BODY))
    assert found.tag == "a"
    assert [soap.must_understand(one) for one in headers] == [False, False, False]
    assert soap.read(_envelope(b"<S:Header>" + blocks + b"</S:Header>" + _BODY)).kind == "SAMLRequest"


def test_what_is_wrapped_is_unwrapped_octet_by_octet() -> None:
    signed = serialize(SP.signed(SP.logout_request()))
    block = element(q(names.ECP, "RelayState"), None, "<&>")
    assert signed in soap.wrap(signed, [block])
    body, headers = soap.unwrap(soap.wrap(signed, [block]))
    assert serialize(body).startswith(b"<samlp:LogoutRequest")
    assert [one.text for one in headers] == ["<&>"]


def test_a_fault_says_what_and_nothing_else() -> None:
    fault = parse(soap.fault("Client", "the message is <not> read"))[0][0]
    assert fault.tag == q(names.SOAP, "Fault")
    assert [(one.tag, one.text) for one in fault] == [
        ("faultcode", "S:Client"),
        ("faultstring", "the message is <not> read"),
    ]
