"""LogoutRequest and LogoutResponse, both ways (SAML Core §3.7, Profiles §4.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.saml import names, status
from idp.saml.assertion import sealed
from idp.saml.datatypes import identifier, instant
from idp.saml.entity import ServiceProvider
from idp.saml.errors import PageError, RequestInvalid, SamlError
from idp.saml.identifiers import instant as instant_text
from idp.saml.identifiers import new_identifier
from idp.saml.message import PREFIXES, Message, opening, reading
from idp.saml.names import q
from idp.saml.server import MAX_AGE, SKEW, Server
from idp.xml.build import element
from idp.xml.encryption import decrypt
from idp.xml.errors import XmlError
from idp.xml.parser import Element, children, text_of

USER = "urn:oasis:names:tc:SAML:2.0:logout:user"
_NAME_ID, _ENCRYPTED_ID = q(names.SAML, "NameID"), q(names.SAML, "EncryptedID")
_QUALIFIERS = {"format": "Format", "name_qualifier": "NameQualifier", "sp_name_qualifier": "SPNameQualifier"}
_LONGEST = 1_024
_MOST_INDEXES = 100


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """`name_id` has `value`, `format`, `name_qualifier`, `sp_name_qualifier`, empty where nothing was said. With no
    session index all sessions are meant. `is_async`: nobody waits for an answer (Asynchronous SLO Extension 1.0)."""

    id: str
    issuer: str
    name_id: Mapping[str, str]
    session_indexes: tuple[str, ...] = ()
    not_on_or_after: datetime | None = None
    reason: str = ""
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class LogoutResponse:
    """`status` and `second` are last words of status URIs."""

    id: str
    issuer: str
    in_response_to: str
    status: str
    second: str = ""

    @property
    def is_success(self) -> bool:
        """Whether nobody is left signed in behind the service provider. One whose own session is over says that it
        knows no such principal (§3.7.3.2), which is as good."""
        return (self.status == "Success" and self.second != "PartialLogout") or self.second == "UnknownPrincipal"


def read(message: Message, server: Server) -> LogoutRequest:
    """From a message that is authenticated. Raises RequestInvalid, also when its time is over."""
    try:
        with reading("LogoutRequest"):
            request = _read(message, server)
    except PageError as error:
        raise RequestInvalid(error.description, detail=error.detail) from error
    if request.not_on_or_after is not None and server.clock.now() - SKEW >= request.not_on_or_after:
        raise RequestInvalid("the request has expired", detail=request.not_on_or_after.isoformat())
    return request


def _read(message: Message, server: Server) -> LogoutRequest:
    root = message.root
    until = root.get("NotOnOrAfter")
    indexes = children(root, q(names.SAMLP, "SessionIndex"))
    if len(indexes) > _MOST_INDEXES:
        raise ValueError("too many session indexes")
    extensions = children(root, q(names.SAMLP, "Extensions"))
    return LogoutRequest(
        id=message.id,
        issuer=message.issuer,
        name_id=_name_id(message, server),
        session_indexes=tuple(_short(text_of(one)) for one in indexes),
        not_on_or_after=instant(until) if until is not None else None,
        reason=_short(root.get("Reason", "")),
        is_async=any(children(one, q(names.ASYNC_SLO, "Asynchronous")) for one in extensions),
    )


def _name_id(message: Message, server: Server) -> dict[str, str]:
    """Exactly one identifier, open or encrypted for us (SAML Core §2.2.4)."""
    found = children(message.root, _NAME_ID) + children(message.root, _ENCRYPTED_ID)
    if len(found) != 1:
        raise ValueError("one NameID or EncryptedID")
    return _named(found[0]) if found[0].tag == _NAME_ID else _decrypted(found[0], server, is_signed=message.is_signed)


def _named(name_id: Element) -> dict[str, str]:
    value = _short(text_of(name_id))
    if name_id.tag != _NAME_ID or not value:
        raise ValueError("no NameID, or an empty one")
    return {"value": value} | {ours: _short(name_id.get(theirs, "")) for ours, theirs in _QUALIFIERS.items()}


def _decrypted(encrypted: Element, server: Server, *, is_signed: bool) -> dict[str, str]:
    """What cannot be opened names nobody, and its sender hears the same as of a name that is not theirs: the signature
    around it says who sends it and not who made it, so one service could have another's CBC opened octet by octet."""
    data = children(encrypted, q(names.XENC, "EncryptedData"))
    if len(data) != 1:
        raise ValueError("EncryptedID without one EncryptedData")
    try:
        return _named(decrypt(data[0], server.decryption(), allow_cbc=is_signed))
    except (XmlError, ValueError):
        return {"value": new_identifier()} | dict.fromkeys(_QUALIFIERS, "")


def _short(value: str) -> str:
    if len(value) > _LONGEST:
        raise ValueError("a value is too long")
    return value


def read_response(message: Message) -> LogoutResponse:
    """Raises PageError."""
    with reading("LogoutResponse"):
        told = status.read(message.root)
        return LogoutResponse(
            id=message.id,
            issuer=message.issuer,
            in_response_to=identifier(message.root.get("InResponseTo")),
            status=told.top,
            second=told.second,
        )


def build_request(
    server: Server,
    *,
    destination: str,
    name_id: Mapping[str, str],
    session_indexes: Sequence[str],
    now: datetime,
    request_id: str,
    encrypt_for: ServiceProvider | None = None,
    reason: str = USER,
) -> Element:
    """Unsigned: the binding signs, or `idp.xml.signature.sign` at position 1, behind the Issuer.

    With `encrypt_for` the NameID goes as EncryptedID. Raises RequestUnsupported when its metadata has no key for that.
    """
    attributes, issuer = opening(server, message_id=request_id, now=now, destination=destination)
    qualified = {theirs: name_id.get(ours) or None for ours, theirs in _QUALIFIERS.items()}
    named = element(_NAME_ID, qualified, name_id["value"], nsmap={"saml": names.SAML})
    return element(
        q(names.SAMLP, "LogoutRequest"),
        attributes | {"NotOnOrAfter": instant_text(now + MAX_AGE), "Reason": reason},
        issuer,
        sealed("EncryptedID", named, encrypt_for) if encrypt_for else named,
        *(element(q(names.SAMLP, "SessionIndex"), None, one) for one in session_indexes if one),
        nsmap=PREFIXES,
    )


def build_response(
    server: Server, *, destination: str, in_response_to: str, now: datetime, error: SamlError | None = None
) -> Element:
    """Unsigned, as `build_request`. `PartialLogout` tells that somebody is still signed in (SAML Core §3.7.3.2)."""
    attributes, issuer = opening(
        server, message_id=new_identifier(), now=now, destination=destination, in_response_to=in_response_to
    )
    return element(q(names.SAMLP, "LogoutResponse"), attributes, issuer, status.build(error), nsmap=PREFIXES)
