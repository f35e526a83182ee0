"""A message of the protocol: who says he sent it, when, and whether he did (SAML Core §3.2).

`read` believes nothing; `authenticate` proves the sender. `opening` begins a message of ours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from idp.saml import names
from idp.saml.bindings import MAX_MESSAGE, RESPONSE, Received
from idp.saml.datatypes import identifier, instant
from idp.saml.entity import ServiceProvider
from idp.saml.errors import Unreadable
from idp.saml.identifiers import instant as instant_text
from idp.saml.names import q
from idp.saml.server import MAX_AGE, SKEW, Server
from idp.xml.build import element
from idp.xml.errors import XmlError
from idp.xml.octets import verify_octets
from idp.xml.parser import Element, children, parse, text_of
from idp.xml.signature import has_signature, verify

_ISSUER = q(names.SAML, "Issuer")
_LONGEST_ENTITY_ID = 1024
PREFIXES: Mapping[str | None, str] = {"samlp": names.SAMLP, "saml": names.SAML}


@dataclass(frozen=True, slots=True)
class Message:
    """`name` is the local name of `root`; `destination` is empty when it has none."""

    name: str
    root: Element
    id: str
    issuer: str
    issue_instant: datetime
    destination: str
    received: Received

    @property
    def is_signed(self) -> bool:
        """Whether it carries a signature, good or bad."""
        return self.received.signed is not None or has_signature(self.root)


def read(received: Received, *, allowed: Collection[str]) -> Message:
    """`allowed` are local names of messages. Raises PageError."""
    try:
        root = parse(received.xml, max_bytes=MAX_MESSAGE)
    except XmlError as error:
        raise Unreadable(error.description, detail=error.detail) from error
    namespace, _, name = str(root.tag)[1:].partition("}")
    if namespace != names.SAMLP or name not in allowed or name.endswith("Response") != (received.kind == RESPONSE):
        raise Unreadable("this message is not taken here", detail=ascii(str(root.tag)[:120]))
    return _message(root, name, received)


def _message(root: Element, name: str, received: Received) -> Message:
    if root.get("Version") != "2.0":
        raise Unreadable("the version is not 2.0")
    with reading(name):
        return Message(
            name=name,
            root=root,
            id=identifier(root.get("ID")),
            issuer=_issuer(root),
            issue_instant=instant(root.get("IssueInstant")),
            destination=root.get("Destination", ""),
            received=received,
        )


def _issuer(root: Element) -> str:
    """SAML Core §2.2.5, §8.3.6; Profiles §4.1.4.1 demands it."""
    found = children(root, _ISSUER)
    if len(found) != 1 or found[0].get("Format", names.ENTITY) != names.ENTITY:
        raise ValueError("one Issuer with the format of entities")
    issuer = text_of(found[0])
    if not 0 < len(issuer) <= _LONGEST_ENTITY_ID:
        raise ValueError("Issuer is empty or too long")
    return issuer


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turns mistakes in the XML, and values of the wrong type, into PageError."""
    try:
        yield
    except (XmlError, ValueError) as error:
        raise Unreadable(f"{what} is malformed", detail=str(error)) from error


def check_times(message: Message, now: datetime) -> None:
    """A message is of now, within the error of two clocks. Raises PageError."""
    if message.issue_instant > now + SKEW:
        raise Unreadable("the message is from the future", detail=message.issue_instant.isoformat())
    if message.issue_instant < now - MAX_AGE - SKEW:
        raise Unreadable("the message is too old", detail=message.issue_instant.isoformat())


def check_destination(message: Message, expected: str, *, is_required: bool) -> None:
    """Whoever says for whom the message is, says this very address. `is_required` for signed messages, of those that
    travel through a browser (SAML Bindings §3.4.5.2, §3.5.5.2). Raises PageError."""
    if not message.destination and not (is_required and message.received.binding != names.SOAP_BINDING):
        return
    if message.destination != expected:
        raise Unreadable("the message is meant for another address", detail=ascii(message.destination[:200]))


def authenticate(message: Message, provider: ServiceProvider, *, is_required: bool) -> bool:
    """Whether it is signed, by a signing key of this provider's metadata and no other (CVE-2021-21239). All signatures
    that are there must hold. What is read afterwards is `root` alone, all of which is covered (CVE-2025-25291). Raises
    PageError."""
    if message.issuer != provider.entity_id:
        raise Unreadable("the message is another's")
    beside, is_enveloped = message.received.signed, has_signature(message.root)
    if beside is None and not is_enveloped:
        if is_required or (provider.signs_requests and message.name == "AuthnRequest"):
            raise Unreadable("the message must be signed")
        return False
    try:
        if beside is not None:
            verify_octets(beside.data, beside.signature, beside.algorithm, provider.signing_certificates)
        if is_enveloped:
            verify(message.root, provider.signing_certificates)
    except XmlError as error:
        raise Unreadable("the signature is not accepted", detail=error.detail or error.description) from error
    return True


def opening(
    server: Server, *, message_id: str, now: datetime, destination: str = "", in_response_to: str = ""
) -> tuple[dict[str, str | None], Element]:
    """What every message of ours begins with: its attributes and its Issuer."""
    attributes = {
        "ID": message_id,
        "Version": "2.0",
        "IssueInstant": instant_text(now),
        "Destination": destination or None,
        "InResponseTo": in_response_to or None,
    }
    return attributes, element(_ISSUER, None, server.entity_id)
