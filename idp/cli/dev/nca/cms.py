"""CMS as NCALayer makes it: SignedData version 1, one SignerInfo, attributes sorted as a DER SET OF (RFC 5652)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from idp.cli.dev.nca import der
from idp.cli.dev.nca.departures import Attribute, CmsDepartures
from idp.cli.dev.nca.key import Key
from idp.cli.dev.nca.private_key import streebog512

ID_DATA = "1.2.840.113549.1.7.1"
ID_SIGNED_DATA = "1.2.840.113549.1.7.2"
_SHA256 = "2.16.840.1.101.3.4.2.1"
_TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.2.14"
_PRIVATE_ATTRIBUTE = "1.2.398.3.3.99.1"
_ATTRIBUTES: dict[Attribute, str] = {
    "content_type": "1.2.840.113549.1.9.3",
    "signing_time": "1.2.840.113549.1.9.5",
    "signing_certificate": "1.2.840.113549.1.9.16.2.47",
    "message_digest": "1.2.840.113549.1.9.4",
}
_DIGESTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "md5": ("1.2.840.113549.2.5", lambda data: hashlib.md5(data, usedforsecurity=False).digest()),
    "sha1": ("1.3.14.3.2.26", lambda data: hashlib.sha1(data, usedforsecurity=False).digest()),
    "sha256": (_SHA256, lambda data: hashlib.sha256(data).digest()),
    "sha512": ("2.16.840.1.101.3.4.2.3", lambda data: hashlib.sha512(data).digest()),
    "streebog512": ("1.2.398.3.10.1.3.3", streebog512),
}


def signed_data(
    key: Key, content: bytes, at: datetime, departures: CmsDepartures, *, encapsulate: bool,
    stamp: Callable[[bytes], bytes] | None,
) -> bytes:  # fmt: skip
    """`stamp` makes a timestamp token over the signature octets."""
    e_content = departures.get("e_content", content if encapsulate else None)
    encapsulated = der.sequence(
        der.oid(departures.get("encapsulated_type", ID_DATA)),
        b"" if e_content is None else der.explicit(0, der.octets(e_content)),
    )
    signers = [] if departures.get("no_signer") else [_signer_info(key, content, at, departures, stamp)]
    certificates = [*departures.get("certificates", (key.certificate,)), *departures.get("extra_certificates", ())]
    if "second_signer" in departures:
        signers.append(_signer_info(departures["second_signer"], content, at, {}, None))
        certificates.append(departures["second_signer"].certificate)
    return content_info(
        der.integer(departures.get("version", 3 if departures.get("by_key_id") else 1)),
        der.set_of([der.algorithm(_digest_oid(key, departures))]),
        encapsulated,
        der.explicit(0, *certificates) if certificates else b"",
        der.set_of(signers),
        indefinite=departures.get("indefinite", False),
    ) + departures.get("trailing", b"")


def content_info(*parts: bytes, indefinite: bool = False) -> bytes:
    """ContentInfo around the parts of a SignedData."""
    if indefinite:
        inner = der.indefinite(0xA0, der.indefinite(0x30, *parts))
        return der.indefinite(0x30, der.oid(ID_SIGNED_DATA), inner)
    return der.sequence(der.oid(ID_SIGNED_DATA), der.explicit(0, der.sequence(*parts)))


def _digest_oid(key: Key, departures: CmsDepartures) -> str:
    if "digest_oid" in departures:
        return departures["digest_oid"]
    return _DIGESTS[departures["digest"]][0] if "digest" in departures else key.private_key.suite.digest_oid


def _signer_info(
    key: Key, content: bytes, at: datetime, departures: CmsDepartures, stamp: Callable[[bytes], bytes] | None
) -> bytes:
    attributes = _signed_attributes(key, content, at, departures)
    signing = departures.get("signed_with", key)
    mangle = departures.get("signature", "")
    if departures.get("without_signed_attributes"):
        signature, tagged = signing.sign(content, mangle), b""
    else:
        ordered = sorted(attributes, reverse=departures.get("unsorted", False))
        tagged = der.explicit(0, *ordered)
        signature = signing.sign(tagged if departures.get("sign_untagged") else der.tlv(0x31, *ordered), mangle)
    unsigned = _unsigned_attributes(signature, departures, stamp)
    return der.sequence(
        der.integer(departures.get("version", 3 if departures.get("by_key_id") else 1)),
        _sid(key, departures),
        der.algorithm(_digest_oid(key, departures)),
        tagged,
        der.algorithm(departures.get("signature_oid", key.private_key.suite.cms_signature_oid)),
        der.octets(signature),
        der.explicit(1, *sorted(unsigned)) if unsigned else b"",
    )


def _sid(key: Key, departures: CmsDepartures) -> bytes:
    if departures.get("by_key_id"):
        return der.implicit(0, key.key_id)
    issuer = departures.get("sid_issuer", key.issuer)
    return der.sequence(issuer, der.integer(departures.get("sid_serial", key.serial)))


def _signed_attributes(key: Key, content: bytes, at: datetime, departures: CmsDepartures) -> list[bytes]:
    digest = _DIGESTS[departures["digest"]][1] if "digest" in departures else key.private_key.suite.digest
    named = departures.get("signing_certificate_of", key.certificate)
    values: dict[Attribute, bytes] = {
        "content_type": der.oid(departures.get("content_type", ID_DATA)),
        "signing_time": der.time(departures.get("signing_time", at)),
        "signing_certificate": signing_certificate(named),
        "message_digest": der.octets(departures.get("message_digest", digest(content))),
    }
    found = []
    for kind, value in values.items():
        if kind in departures.get("drop", ()):
            continue
        times = 2 if kind in departures.get("two_values", ()) else 1
        attribute = der.sequence(der.oid(_ATTRIBUTES[kind]), der.tlv(0x31, *([value] * times)))
        found += [attribute] * (2 if kind in departures.get("duplicate", ()) else 1)
    return found


def signing_certificate(certificate: bytes) -> bytes:
    """SigningCertificateV2 with the default SHA-256 and no issuerSerial (RFC 5035 §4)."""
    return der.sequence(der.sequence(der.sequence(der.octets(hashlib.sha256(certificate).digest()))))


def _unsigned_attributes(
    signature: bytes, departures: CmsDepartures, stamp: Callable[[bytes], bytes] | None
) -> list[bytes]:
    pairs = [(kind, list(values)) for kind, values in departures.get("unsigned_attributes", ())]
    if "timestamp_token" in departures:
        pairs.append((_TIMESTAMP_TOKEN, [departures["timestamp_token"]]))
    elif stamp is not None:
        pairs.append((_TIMESTAMP_TOKEN, [stamp(signature)]))
    if "padding" in departures:
        pairs.append((_PRIVATE_ATTRIBUTE, [der.octets(bytes(departures["padding"]))]))
    if "nested" in departures:
        deep = der.null()
        for _ in range(departures["nested"]):
            deep = der.sequence(deep)
        pairs.append((_PRIVATE_ATTRIBUTE, [deep]))
    return [der.sequence(der.oid(kind), der.set_of(values)) for kind, values in pairs]
