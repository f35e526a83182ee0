"""SOAP 1.1 (SAML Bindings §3.2): one message in the body of an envelope, straight between two servers."""

from __future__ import annotations

from collections.abc import Sequence

from idp.saml import names
from idp.saml.bindings import MAX_MESSAGE, REQUEST, RESPONSE, Received
from idp.saml.errors import Unreadable
from idp.saml.names import q
from idp.xml.build import element, serialize
from idp.xml.errors import XmlError
from idp.xml.parser import Element, children, parse

CONTENT_TYPE = "text/xml"
ACTOR_NEXT = "http://schemas.xmlsoap.org/soap/actor/next"
_OPEN = f'<S:Envelope xmlns:S="{names.SOAP}">'.encode()


def unwrap(data: bytes) -> tuple[Element, list[Element]]:
    """The one child of the body, and the header blocks. Raises PageError for what is no envelope."""
    try:
        envelope = parse(data, max_bytes=MAX_MESSAGE)
    except XmlError as error:
        raise Unreadable(error.description, detail=error.detail) from error
    if envelope.tag != q(names.SOAP, "Envelope"):
        raise Unreadable("the message is no SOAP 1.1 envelope")
    headers, bodies = children(envelope, q(names.SOAP, "Header")), children(envelope, q(names.SOAP, "Body"))
    if len(headers) > 1 or len(bodies) != 1 or len(bodies[0]) != 1 or len(envelope) != len(headers) + 1:
        raise Unreadable("the envelope must hold one message")
    return bodies[0][0], list(headers[0]) if headers else []


def read(data: bytes) -> Received:
    """A message to a SOAP endpoint of ours. Raises PageError, also for a header block that must be understood."""
    message, headers = unwrap(data)
    if any(must_understand(block) for block in headers):
        raise Unreadable("a header block is not understood")
    return received(message)


def received(message: Element) -> Received:
    """The body as a document of its own: signatures look for identifiers in the whole of a document."""
    is_response = str(message.tag).endswith("Response")
    return Received(serialize(message), "", names.SOAP_BINDING, RESPONSE if is_response else REQUEST)


def must_understand(block: Element) -> bool:
    """SOAP 1.1 §4.2.3, for blocks meant for us (§4.2.2)."""
    asked = (block.get(q(names.SOAP, "mustUnderstand")) or "").strip()
    return asked in ("1", "true") and block.get(q(names.SOAP, "actor"), ACTOR_NEXT) == ACTOR_NEXT


def wrap(message: Element | bytes, headers: Sequence[Element] = ()) -> bytes:
    """An envelope. The message's own octets go in unchanged, so that signatures in it stay whole."""
    body = message if isinstance(message, bytes) else serialize(message)
    blocks = b"".join(serialize(block) for block in headers)
    head = b"<S:Header>" + blocks + b"</S:Header>" if blocks else b""
    return _OPEN + head + b"<S:Body>" + body + b"</S:Body></S:Envelope>"


def fault(code: str, text: str) -> bytes:
    """SOAP 1.1 §4.4, for what cannot be answered in SAML: `code` is `Client`, `Server`, `MustUnderstand` or
    `VersionMismatch`; goes out with HTTP status 500 (SAML Bindings §3.2.3.3)."""
    return wrap(
        element(
            q(names.SOAP, "Fault"),
            None,
            element("faultcode", None, f"S:{code}"),
            element("faultstring", None, text),
            nsmap={"S": names.SOAP},
        )
    )
