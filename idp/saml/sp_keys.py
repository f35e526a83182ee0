"""The keys of a role (SAML Metadata §2.4.1.1). A certificate only wraps a key here: its dates and its issuer mean
nothing (SAML V2.0 Metadata Interoperability Profile §2.5)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509

from idp.saml.metadata_errors import MetadataRefused
from idp.saml.metadata_values import token
from idp.saml.names import DS, MD, q
from idp.xml.errors import BadKey
from idp.xml.keys import public_key
from idp.xml.parser import Element, children, text_of

MAX_KEYS = 20
MAX_CERTIFICATE = 16_384


@dataclass(frozen=True, slots=True)
class Keys:
    """Certificates in DER, each once, in their order; `methods` are the URIs of EncryptionMethod."""

    signing: tuple[bytes, ...]
    encryption: tuple[bytes, ...]
    methods: tuple[str, ...]


def read_keys(role: Element, remark: Callable[[str], None]) -> Keys:
    """A key without `use` serves for both (§2.4.1.1); `remark` hears of each that is left out."""
    signing: dict[bytes, None] = {}
    encryption: dict[bytes, None] = {}
    methods: dict[str, None] = {}
    for descriptor in children(role, q(MD, "KeyDescriptor")):
        use = descriptor.get("use")
        if use not in (None, "signing", "encryption"):
            raise MetadataRefused("bad_value", detail="KeyDescriptor/@use")
        found = _certificates(descriptor, remark)
        if use != "encryption":
            signing |= dict.fromkeys(found)
        if use != "signing":
            encryption |= dict.fromkeys(found)
            listed = children(descriptor, q(MD, "EncryptionMethod"))
            methods |= dict.fromkeys(token(one.get("Algorithm")) for one in listed)
    if max(len(signing), len(encryption), len(methods)) > MAX_KEYS:
        raise MetadataRefused("too_large", detail="keys")
    return Keys(tuple(signing), tuple(encryption), tuple(methods))


def _certificates(descriptor: Element, remark: Callable[[str], None]) -> list[bytes]:
    """The first certificate of each X509Data: those after it are its chain (XML-DSig §4.4.4)."""
    found = []
    for info in children(descriptor, q(DS, "KeyInfo")):
        for data in children(info, q(DS, "X509Data")):
            found += [_der(one) for one in children(data, q(DS, "X509Certificate"))[:1]]
    if not found:
        remark("key_without_certificate")
    return [der for der in found if _is_usable(der, remark)]


def _der(element: Element) -> bytes:
    text = "".join(text_of(element).split())
    try:
        der = base64.b64decode(text, validate=True)
    except ValueError as wrong:  # also for letters beyond ASCII, which are no binascii.Error
        raise MetadataRefused("bad_certificate", detail="no base64") from wrong
    if len(der) > MAX_CERTIFICATE:
        raise MetadataRefused("too_large", detail="certificate")
    return der


def _is_usable(der: bytes, remark: Callable[[str], None]) -> bool:
    try:
        x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion) as wrong:
        raise MetadataRefused("bad_certificate", detail=str(wrong)[:200]) from wrong
    try:
        public_key(der)
    except BadKey:
        remark("key_unusable")
        return False
    return True
