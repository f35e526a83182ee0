"""saml/ecp: clients that carry the messages themselves."""

from __future__ import annotations

import pytest

from idp.saml import ecp, names
from idp.saml.authn_request import consumer
from idp.saml.authn_request import read as read_request
from idp.saml.bindings import soap
from idp.saml.errors import PageError, RequestDenied
from idp.saml.message import Message, authenticate
from idp.saml.message import read as read_message
from idp.saml.names import q
from idp.xml.build import element, serialize
from idp.xml.parser import Element
from tests.factories.saml_sp import SamlSp

SP = SamlSp()
_MUST = {q(names.SOAP, "mustUnderstand"): "1", q(names.SOAP, "actor"): soap.ACTOR_NEXT}
END_POINT = ("tls-server-end-point", "YWJj")


def _bound(kind: str = END_POINT[0], value: str = END_POINT[1], **attributes: str) -> Element:
    return element(f"{{{ecp.CHANNEL_BINDING}}}ChannelBindings", {"Type": kind} | _MUST | attributes, value)


def _told(*bindings: Element) -> Element:
    return SP.authn_request(element(q(names.SAMLP, "Extensions"), None, *bindings))


def _message(request: ecp.EcpRequest) -> Message:
    return read_message(request.received, allowed=("AuthnRequest",))


def test_34_a_request_is_read_from_the_envelope_and_answered_at_its_paos_address() -> None:
    """What the service provider had told the client, and a careless client left there, is passed over. From here on it
    is a request as any other, with the same checks of the sign-in (CVE-2021-3827)."""
    for_the_client = (
        element(q(names.PAOS, "Request"), _MUST | {"responseConsumerURL": "https://evil.example/"}),
        element(q(names.ECP, "Request"), _MUST, "anything"),
        element(q(names.ECP, "RelayState"), _MUST, "/x"),
    )
    request = ecp.read(SP.by_soap(SP.authn_request(), for_the_client))
    message = _message(request)
    assert authenticate(message, SP.provider, is_required=True)
    assert consumer(read_request(message), SP.provider).location == f"{SP.base}/paos"
    assert request.channel_bindings == frozenset()
    assert ecp.confirmed_bindings(request, message, is_signed=True) == frozenset()


def test_a_header_block_that_must_be_understood_and_is_not_is_refused() -> None:
    block = element("{urn:x}Secret", _MUST)
    with pytest.raises(PageError, match="not understood"):
        ecp.read(SP.by_soap(SP.authn_request(), [block]))
    assert ecp.read(SP.by_soap(SP.authn_request(), [element("{urn:x}Secret")]))
    for data in (b"", b"<a/>", serialize(SP.authn_request())):
        with pytest.raises(PageError) as refusal:
            ecp.read(data)
        assert refusal.value.code == "saml_message"


def test_channel_bindings_that_agree_are_confirmed() -> None:
    told = _told(_bound(), _bound("tls-unique", "eHl6"))
    request = ecp.read(SP.by_soap(told, [_bound(value=" YW\n Jj "), _bound("tls-unique", "b3RoZXI=")]))
    assert ecp.confirmed_bindings(request, _message(request), is_signed=True) == {END_POINT}
    assert ecp.Enhanced(request, _message(request), is_signed=True).bindings() == {END_POINT}


@pytest.mark.parametrize(
    "told", [_told(_bound(value="b3RoZXI=")), _told(_bound("tls-unique")), _told(), SP.authn_request()]
)
def test_channel_bindings_that_do_not_agree_refuse_the_sign_on(told: Element) -> None:
    """Somebody sits between the client and the service provider."""
    request = ecp.read(SP.by_soap(told, [_bound()]))
    with pytest.raises(RequestDenied, match="do not agree"):
        ecp.confirmed_bindings(request, _message(request), is_signed=True)


def test_an_unsigned_request_confirms_no_channel() -> None:
    request = ecp.read(SP.by_soap(_told(_bound()), [_bound()], is_signed=False))
    with pytest.raises(RequestDenied, match="do not agree"):
        ecp.confirmed_bindings(request, _message(request), is_signed=False)


def test_malformed_channel_bindings_are_refused() -> None:
    for blocks in ([_bound("")], [_bound(value="a" * 3000)], [_bound(str(number)) for number in range(9)]):
        with pytest.raises(PageError, match="malformed"):
            ecp.read(SP.by_soap(SP.authn_request(), blocks))


def test_the_answer_tells_the_client_where_to_go() -> None:
    data = ecp.wrap_response(
        b"<a/>", f"{SP.base}/paos?a=1&b=2", "<r>", is_authenticated=True, channel_bindings={END_POINT}
    )
    body, headers = soap.unwrap(data)
    assert body.tag == "a"
    told = {str(one.tag).rpartition("}")[2]: one for one in headers}
    assert list(told) == ["Response", "RequestAuthenticated", "RelayState", "ChannelBindings"]
    assert told["Response"].get("AssertionConsumerServiceURL") == f"{SP.base}/paos?a=1&b=2"
    assert told["RelayState"].text == "<r>"
    assert (told["ChannelBindings"].get("Type"), told["ChannelBindings"].text) == END_POINT
    assert {one.get(q(names.SOAP, "actor")) for one in headers} == {soap.ACTOR_NEXT}
    assert [name for name, one in told.items() if not soap.must_understand(one)] == ["RequestAuthenticated"]
    assert len(soap.unwrap(ecp.wrap_response(b"<a/>", "https://x.example"))[1]) == 1
