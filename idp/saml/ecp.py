"""Enhanced clients, which carry the messages themselves (SAML ECP Profile V2.0 §2.3), and their channel bindings.

What an envelope says beside its message is the client's word. It may hold what the service provider had put there for
the client, which is passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from idp.saml import names
from idp.saml.bindings import Received, soap
from idp.saml.errors import RequestDenied, Unreadable
from idp.saml.message import Message, reading
from idp.saml.names import q
from idp.xml.build import element
from idp.xml.parser import Element, children, text_of

CONTENT_TYPE = "application/vnd.paos+xml"
CHANNEL_BINDING = "urn:oasis:names:tc:SAML:protocol:ext:channel-binding"
_CHANNEL_BINDINGS = q(CHANNEL_BINDING, "ChannelBindings")
_FOR_THE_CLIENT = (names.PAOS, names.ECP)
_PREFIXES: Mapping[str | None, str] = {"S": names.SOAP, "ecp": names.ECP, "cb": CHANNEL_BINDING}
_MOST = 8
_LONGEST = 2_048
Bindings = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class EcpRequest:
    """`channel_bindings` are type and value of each that the client sees on its connection to the service."""

    received: Received
    channel_bindings: Bindings = frozenset()


@dataclass(frozen=True, slots=True)
class Enhanced:
    """An enhanced client's request, with the message in it and whether its provider signed it."""

    request: EcpRequest
    message: Message
    is_signed: bool

    def bindings(self) -> Bindings:
        """Raises RequestDenied, as `confirmed_bindings` does."""
        return confirmed_bindings(self.request, self.message, is_signed=self.is_signed)


def read(data: bytes) -> EcpRequest:
    """An envelope from a client. Raises PageError, also for a header block that must be understood and is not."""
    message, headers = soap.unwrap(data)
    bindings = [block for block in headers if block.tag == _CHANNEL_BINDINGS]
    for block in headers:
        is_known = block.tag == _CHANNEL_BINDINGS or _namespace(block) in _FOR_THE_CLIENT
        if not is_known and soap.must_understand(block):
            raise Unreadable("a header block is not understood")
    with reading("ChannelBindings"):
        return EcpRequest(soap.received(message), _bindings(bindings))


def confirmed_bindings(request: EcpRequest, message: Message, *, is_signed: bool) -> Bindings:
    """Those that client and service provider see alike: nobody sits between them (Channel Binding Extensions 1.0 §2).
    The provider's word counts when its request is signed. Raises RequestDenied when the client wants this confirmed
    and it cannot be."""
    if not request.channel_bindings:
        return frozenset()
    with reading("ChannelBindings"):
        extensions = children(message.root, q(names.SAMLP, "Extensions"))
        told = _bindings([block for one in extensions for block in children(one, _CHANNEL_BINDINGS)])
    both = told & request.channel_bindings if is_signed else frozenset()
    if not both:
        raise RequestDenied("the channel bindings of client and service provider do not agree")
    return both


def wrap_response(
    response: bytes,
    consumer: str,
    relay_state: str = "",
    *,
    is_authenticated: bool = False,
    channel_bindings: Collection[tuple[str, str]] = (),
) -> bytes:
    """The envelope for the client. `consumer` is the address that metadata names: the client compares it with what the
    service provider told, and delivers nowhere else. `is_authenticated`: the request was signed."""
    headers = [_header(q(names.ECP, "Response"), {"AssertionConsumerServiceURL": consumer})]
    if is_authenticated:
        headers.append(_header(q(names.ECP, "RequestAuthenticated"), {}, is_vital=False))
    if relay_state:
        headers.append(_header(q(names.ECP, "RelayState"), {}, relay_state))
    headers += [_header(_CHANNEL_BINDINGS, {"Type": kind}, value) for kind, value in sorted(channel_bindings)]
    return soap.wrap(response, headers)


def _header(tag: str, attributes: dict[str, str], text: str = "", *, is_vital: bool = True) -> Element:
    about = {q(names.SOAP, "actor"): soap.ACTOR_NEXT}
    if is_vital:
        about[q(names.SOAP, "mustUnderstand")] = "1"
    return element(tag, about | attributes, text, nsmap=_PREFIXES)


def _bindings(blocks: list[Element]) -> Bindings:
    found = frozenset((block.get("Type", ""), "".join(text_of(block).split())) for block in blocks)
    if len(blocks) > _MOST or any(not kind or len(kind) + len(value) > _LONGEST for kind, value in found):
        raise ValueError("too many channel bindings, or malformed ones")
    return found


def _namespace(block: Element) -> str:
    return str(block.tag)[1:].partition("}")[0]
