"""Metadata of service providers as text to be read, spoiled and signed by tests."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cache
from random import Random
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

from idp.xml.build import serialize
from idp.xml.keys import Credential, generate
from idp.xml.parser import parse
from idp.xml.signature import sign

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
SAML2 = "urn:oasis:names:tc:SAML:2.0:protocol"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "md": "urn:oasis:names:tc:SAML:2.0:metadata",
        "ds": "http://www.w3.org/2000/09/xmldsig#",
        "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
        "mdui": "urn:oasis:names:tc:SAML:metadata:ui",
        "mdattr": "urn:oasis:names:tc:SAML:metadata:attribute",
        "alg": "urn:oasis:names:tc:SAML:metadata:algsupport",
        "xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xs": "http://www.w3.org/2001/XMLSchema",
    }.items()
)


def credential(number: int = 0, algorithm: str = "rsa-sha256") -> Credential:
    """The same for a number, since an RSA key takes a tenth of a second."""
    return _credential(number, algorithm)


@cache
def _credential(number: int, algorithm: str) -> Credential:
    return generate(algorithm, common_name=f"saml {number}", now=NOW)


def key(certificate: bytes, use: str | None = None, *methods: str) -> str:
    """A KeyDescriptor."""
    about = f' use="{use}"' if use else ""
    text = base64.b64encode(certificate).decode()
    listed = "".join(f'<md:EncryptionMethod Algorithm="{method}"/>' for method in methods)
    data = f"<ds:X509Data><ds:X509Certificate>\n{text}\n</ds:X509Certificate></ds:X509Data>"
    return f"<md:KeyDescriptor{about}><ds:KeyInfo>{data}</ds:KeyInfo>{listed}</md:KeyDescriptor>"


def acs(
    location: str = "https://lms.example/acs", *, binding: str = "HTTP-POST", index: str = "0", more: str = ""
) -> str:
    uri = binding if ":" in binding else BINDING + binding
    about = f"Binding={quoteattr(uri)} Location={quoteattr(location)}"
    return f"<md:AssertionConsumerService {about} index={quoteattr(index)} {more}/>"


def slo(location: str = "https://lms.example/slo", *, binding: str = "HTTP-Redirect", more: str = "") -> str:
    about = f"Binding={quoteattr(BINDING + binding)} Location={quoteattr(location)}"
    return f"<md:SingleLogoutService {about} {more}/>"


def category(*values: str, name: str = "http://macedir.org/entity-category") -> str:
    """Extensions of an entity with one attribute."""
    uri = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
    texts = "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
    attribute = f'<saml:Attribute Name="{name}" NameFormat="{uri}">{texts}</saml:Attribute>'
    return f"<md:Extensions><mdattr:EntityAttributes>{attribute}</mdattr:EntityAttributes></md:Extensions>"


def role(*inside: str, about: str = f'protocolSupportEnumeration="{SAML2}"') -> str:
    """An SPSSODescriptor holding `inside` in the order given, or one ACS."""
    return f"<md:SPSSODescriptor {about}>{''.join(inside or (acs(),))}</md:SPSSODescriptor>"


def entity(
    *roles: str, entity_id: str = "https://lms.example/sp", about: str = "", before: str = "", after: str = ""
) -> bytes:
    """An EntityDescriptor; `before` its roles stand Extensions, `after` them the organisation."""
    named = f"ID={_id(entity_id)} entityID={quoteattr(entity_id)}"
    inside = before + "".join(roles or (role(),)) + after
    return f"<md:EntityDescriptor {_NAMESPACES} {named} {about}>{inside}</md:EntityDescriptor>".encode()


def group(*members: bytes, about: str = 'validUntil="2026-09-08T03:00:00Z"') -> bytes:
    """An EntitiesDescriptor."""
    inside = b"".join(members).decode()
    named = f"ID={_id(inside + about)} Name={quoteattr('urn:fed')}"
    return f"<md:EntitiesDescriptor {_NAMESPACES} {named} {about}>{inside}</md:EntitiesDescriptor>".encode()


def _id(text: str) -> str:
    return f'"_{crc32(text.encode()):08x}"'


def idp(entity_id: str = "https://other.example/idp") -> bytes:
    """An entity that is an identity provider only."""
    service = f'<md:SingleSignOnService Binding="{BINDING}HTTP-Redirect" Location="https://other.example/sso"/>'
    inside = f'<md:IDPSSODescriptor protocolSupportEnumeration="{SAML2}">{service}</md:IDPSSODescriptor>'
    return f'<md:EntityDescriptor {_NAMESPACES} entityID="{entity_id}">{inside}</md:EntityDescriptor>'.encode()


def signed(document: bytes, by: Credential | None = None) -> bytes:
    root = parse(document)
    sign(root, by or credential(), position=0)
    return serialize(root)


def change(document: bytes, chance: Random) -> bytes:
    """The document with a few octets changed, taken out or doubled."""
    data = bytearray(document)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at, kind = chance.randrange(len(data)), chance.randrange(4)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at] = ord(chance.choice("abcXYZ019"))
        elif kind == 2:
            del data[at : at + chance.randrange(1, 40)]
        else:
            start = chance.randrange(len(data))
            data[at:at] = data[start : start + chance.randrange(1, 60)]
    return bytes(data)
