"""AuthnRequest (SAML Core §3.4.1): what a service provider asks for, and where its answer may go.

Ignored, as the specification allows: ProviderName, Scoping (nothing is proxied), Conditions (ours are set), Consent,
extensions that are not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from idp.saml import authn_context, names
from idp.saml.authn_context import RequestedContext
from idp.saml.datatypes import boolean, unsigned_short
from idp.saml.entity import Endpoint, ServiceProvider
from idp.saml.errors import Unreadable, UnsupportedBinding
from idp.saml.message import Message, reading
from idp.saml.names import q
from idp.xml.parser import Element, children

BROWSER_BINDINGS = (names.POST, names.SIMPLE_SIGN, names.ARTIFACT)
"""How an answer reaches an assertion consumer service through a browser."""
SUPPORTED = (*BROWSER_BINDINGS, names.PAOS_BINDING)
_POLICY = q(names.SAMLP, "NameIDPolicy")
_SUBJECT = q(names.SAML, "Subject")
_LONGEST = 2_048


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """Absent texts are empty; `binding` is how the request came."""

    id: str
    issuer: str
    destination: str = ""
    binding: str = names.REDIRECT
    force_authn: bool = False
    is_passive: bool = False
    acs_url: str = ""
    acs_index: int | None = None
    protocol_binding: str = ""
    attribute_index: int | None = None
    name_id_format: str = ""
    sp_name_qualifier: str = ""
    allow_create: bool = False
    context: RequestedContext | None = None
    has_subject: bool = False
    """It names the person it wants (§3.4.1), or how to confirm him, which the browser profile forbids."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> AuthnRequest:
        asked = kept.get("context")
        context = RequestedContext(asked["comparison"], tuple(asked["classes"])) if asked else None
        return cls(**(dict(kept) | {"context": context}))


def read(message: Message) -> AuthnRequest:
    """Raises PageError for what is malformed; what is only unwanted is left to whoever knows where to say so."""
    root = message.root
    with reading("AuthnRequest"):
        policy = _one(root, _POLICY)
        subject = _one(root, _SUBJECT)
        return AuthnRequest(
            id=message.id,
            issuer=message.issuer,
            destination=message.destination,
            binding=message.received.binding,
            force_authn=boolean(root.get("ForceAuthn")),
            is_passive=boolean(root.get("IsPassive")),
            acs_url=_short(root.get("AssertionConsumerServiceURL")),
            acs_index=unsigned_short(root.get("AssertionConsumerServiceIndex")),
            protocol_binding=_short(root.get("ProtocolBinding")),
            attribute_index=unsigned_short(root.get("AttributeConsumingServiceIndex")),
            name_id_format=_short(policy.get("Format")) if policy is not None else "",
            sp_name_qualifier=_short(policy.get("SPNameQualifier")) if policy is not None else "",
            allow_create=policy is not None and boolean(policy.get("AllowCreate")),
            context=authn_context.read(root),
            has_subject=subject is not None,
        )


def consumer(request: AuthnRequest, provider: ServiceProvider) -> Endpoint:
    """Where answers to this request go, refusals too. The request may choose among the addresses of the metadata, to
    the octet (§3.4.1); none else is ever sent anything. Raises PageError when it names another."""
    wanted = (names.PAOS_BINDING,) if request.binding == names.SOAP_BINDING else BROWSER_BINDINGS
    found = [one for one in provider.acs if one.binding in wanted]
    if request.acs_url:
        found = [one for one in found if one.location == request.acs_url]
    if request.acs_index is not None:
        found = [one for one in found if one.index == request.acs_index]
    if not found:
        raise Unreadable("the metadata names no such assertion consumer service", detail=ascii(request.acs_url[:200]))
    return default([one for one in found if one.binding == request.protocol_binding] or found)


def check_binding(request: AuthnRequest, consumer: Endpoint) -> None:
    """The answer must go by the binding that was asked for (§3.4.1). Raises UnsupportedBinding, told to `consumer`."""
    if request.protocol_binding and request.protocol_binding != consumer.binding:
        raise UnsupportedBinding("the requested binding is not offered at this address")


def default(endpoints: Sequence[Endpoint]) -> Endpoint:
    """The default of indexed endpoints (SAML Metadata §2.2.3): the first that says so, else the first that does not
    deny it, else the first."""
    said = next((one for one in endpoints if one.is_default), None)
    return said or next((one for one in endpoints if one.is_default is None), endpoints[0])


def _one(root: Element, tag: str) -> Element | None:
    found = children(root, tag)
    if len(found) > 1:
        raise ValueError("an element occurs twice")
    return found[0] if found else None


def _short(value: str | None) -> str:
    if value is not None and len(value) > _LONGEST:
        raise ValueError("a value is too long")
    return value or ""
