"""A service provider as its metadata describes it (SAML Metadata §2.4), and as the operator set it up.

Both are plain values that go into the database as JSON and come back unchanged.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Endpoint:
    """EndpointType and IndexedEndpointType (SAML Metadata §2.2.2, §2.2.3)."""

    binding: str
    location: str
    response_location: str = ""
    index: int = 0
    is_default: bool | None = None


@dataclass(frozen=True, slots=True)
class RequestedAttribute:
    """SAML Metadata §2.4.4.2; `values` are the only values wanted, empty for any."""

    name: str
    name_format: str = ""
    friendly_name: str = ""
    is_required: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributeService:
    """AttributeConsumingService (SAML Metadata §2.4.4.1); `names` by language."""

    index: int = 0
    is_default: bool | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    attributes: tuple[RequestedAttribute, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """One SP role with SAML 2.0 in its protocols. Certificates are DER."""

    entity_id: str
    acs: tuple[Endpoint, ...]
    slo: tuple[Endpoint, ...] = ()
    name_id_formats: tuple[str, ...] = ()
    signing_certificates: tuple[bytes, ...] = ()
    encryption_certificates: tuple[bytes, ...] = ()
    encryption_methods: tuple[str, ...] = ()
    """Algorithm URIs of EncryptionMethod at the encryption key, in its order."""
    signing_methods: tuple[str, ...] = ()
    """Algorithm URIs of alg:SigningMethod."""
    signs_requests: bool = False
    """AuthnRequestsSigned: an unsigned request of it is refused."""
    wants_assertions_signed: bool = False
    attribute_services: tuple[AttributeService, ...] = ()
    entity_categories: tuple[str, ...] = ()
    subject_id_req: str = ""
    """`subject-id`, `pairwise-id`, `any`, `none` or empty (SAML Subject-ID Attributes §2.2)."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Displayed name by language: MDUI, else the service's, else the organisation's."""
    descriptions: Mapping[str, str] = field(default_factory=dict)
    information_urls: Mapping[str, str] = field(default_factory=dict)
    privacy_urls: Mapping[str, str] = field(default_factory=dict)
    organization: Mapping[str, str] = field(default_factory=dict)
    valid_until: datetime | None = None
    """The earliest of its own, its role's and its group's."""

    def as_json(self) -> dict[str, Any]:
        """Certificates as base64, the moment as ISO 8601; empty members are left out."""
        plain = asdict(self)
        for name in ("signing_certificates", "encryption_certificates"):
            plain[name] = [base64.b64encode(one).decode() for one in plain[name]]
        plain["valid_until"] = self.valid_until.isoformat() if self.valid_until else None
        return {name: value for name, value in plain.items() if value not in (None, (), [], {}, "", False)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ServiceProvider:
        values = dict(kept)
        for name in ("signing_certificates", "encryption_certificates"):
            values[name] = tuple(base64.b64decode(one) for one in values.get(name, ()))
        for name in ("acs", "slo"):
            values[name] = tuple(Endpoint(**one) for one in values.get(name, ()))
        for name in ("name_id_formats", "encryption_methods", "signing_methods", "entity_categories"):
            values[name] = tuple(values.get(name, ()))
        values["attribute_services"] = tuple(_service(one) for one in values.get("attribute_services", ()))
        until = values.get("valid_until")
        values["valid_until"] = datetime.fromisoformat(until) if until else None
        return cls(**values)


def _service(kept: Mapping[str, Any]) -> AttributeService:
    attributes = tuple(
        RequestedAttribute(**(one | {"values": tuple(one.get("values", ()))})) for one in kept["attributes"]
    )
    return AttributeService(**(dict(kept) | {"attributes": attributes}))


@dataclass(frozen=True, slots=True)
class Settings:
    """How the operator set a service provider up; every default is the careful one."""

    name_id: str = ""
    """`persistent`, `transient`, `email`, `unspecified`, `none`; empty: as request and metadata ask."""
    name_id_source: str = ""
    """Which attribute fills an `email` or `unspecified` NameID; `mail` and `uid` when empty."""
    attribute_names: str = "uri"
    """`uri` (urn:oid:…), `basic` (short names, NameFormat basic) or `friendly` (short names, unspecified)."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Attributes under another name on the wire, by our name."""
    sign: str = "assertion"
    """`assertion`, `response` or `both`."""
    algorithm: str = ""
    """`rsa-sha256` or `ecdsa-sha256`; empty: ECDSA where the metadata names it, else RSA."""
    encrypt: str = "auto"
    """`auto` (when its metadata has a key for it), `always` or `never`."""
    encrypt_name_id: bool = False
    idp_initiated: bool = False
    relay_states: tuple[str, ...] = ()
    """What RelayState an IdP-initiated sign-on may carry."""
    acr: str = ""
    """A level that every sign-on must reach."""
    must_sign_requests: bool = False

    def as_json(self) -> dict[str, Any]:
        plain = asdict(self) | {"renamed": dict(self.renamed)}
        return {name: value for name, value in plain.items() if value != getattr(_DEFAULTS, name)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Settings:
        return cls(**(dict(kept) | {"relay_states": tuple(kept.get("relay_states", ()))}))


_DEFAULTS = Settings()
