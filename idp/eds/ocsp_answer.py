"""What an OCSP answer says (RFC 6960 §4.2.1), before anybody has asked whether to believe it: syntax only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from idp.eds import fields
from idp.eds.der import BIT_STRING, ENUMERATED, OCTET_STRING, SEQUENCE, check, one
from idp.eds.errors import Malformed, NcaUnavailable
from idp.eds.structure import Structure, content, structure

MAX_BYTES = 65_536
BASIC = "1.3.6.1.5.5.7.48.1.1"
NONCE = "1.3.6.1.5.5.7.48.1.2"
EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9"
HASHES = {"1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256"}
CERTIFICATE_HOLD = 6
_NOT_SUCCESSFUL = {1: "malformedRequest", 2: "internalError", 3: "tryLater", 5: "sigRequired", 6: "unauthorized"}
_GOOD, _REVOKED, _UNKNOWN = 0x80, 0xA1, 0x82
_KNOWN = frozenset((NONCE, EXTENDED_REVOKE))


@dataclass(frozen=True, slots=True)
class CertId:
    """Which certificate is meant: hashes of its issuer's name and key bits, and its serial number."""

    hash_name: str
    """As hashlib names it: `sha1` or `sha256`."""
    name_hash: bytes
    key_hash: bytes
    serial: int


@dataclass(frozen=True, slots=True)
class Single:
    """What is said of the one certificate."""

    cert_id: CertId
    status: str
    """`good`, `revoked` or `unknown`."""
    revoked_at: datetime | None
    reason: int
    this_update: datetime
    next_update: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One BasicOCSPResponse about one certificate."""

    signed: bytes = field(repr=False)
    """ResponseData, which the signature covers."""
    responder_name: bytes
    """DER; empty when the responder names its key instead."""
    responder_key: bytes
    """SHA-1 of the responder's key bits; empty when it names itself."""
    produced_at: datetime
    single: Single
    nonce: bytes
    """Empty when there is none."""
    has_extended_revoke: bool
    """The responder says "revoked" also of certificates that were never issued (RFC 6960 §2.2)."""
    signature_oid: str
    signature: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)


def parse(der: bytes) -> Answer:
    """Raises Malformed; NcaUnavailable when the responder itself says that it cannot answer."""
    outer = structure(check(der, max_bytes=MAX_BYTES), SEQUENCE, "OCSPResponse")
    status = int.from_bytes(outer.content(ENUMERATED), "big")
    if status != 0:
        said = _NOT_SUCCESSFUL.get(status, str(status))
        raise NcaUnavailable("the authority does not answer", detail=f"the OCSP responder says {said}")
    response = _tagged(outer, 0, "ResponseBytes")
    outer.end()
    if response.oid() != BASIC:
        raise Malformed("no basic answer")
    # Octets inside an OCTET STRING have not been walked by the check above.
    basic = structure(check(response.content(OCTET_STRING), max_bytes=MAX_BYTES), SEQUENCE, "BasicOCSPResponse")
    response.end()
    signed = basic.whole(SEQUENCE)
    signature_oid = basic.algorithm()
    signature = fields.whole_octets(basic.content(BIT_STRING))
    certificates = []
    if basic.has(0xA0):
        listed = _tagged(basic, 0, "certificates")
        while listed.has(SEQUENCE):
            certificates.append(listed.whole(SEQUENCE))
        listed.end()
    basic.end()
    return _data(signed, signature_oid, signature, tuple(certificates))


def _data(signed: bytes, signature_oid: str, signature: bytes, certificates: tuple[bytes, ...]) -> Answer:
    """ResponseData. Version 1 is the default and so never written in DER."""
    data = structure(signed, SEQUENCE, "ResponseData")
    by_name = b"" if data.has(0xA2) else data.content(0xA1)
    by_key = b"" if by_name else _octets(data.content(0xA2))
    produced_at = fields.next_moment(data)
    singles = data.nested(SEQUENCE, "responses")
    single = _single(singles.nested(SEQUENCE, "SingleResponse"))
    # A second one could be the answer that somebody else reads.
    singles.end()
    about = _extensions(data, known=_KNOWN)
    data.end()
    return Answer(
        signed=signed,
        responder_name=by_name,
        responder_key=by_key,
        produced_at=produced_at,
        single=single,
        nonce=_octets(about[NONCE].value) if NONCE in about else b"",
        has_extended_revoke=EXTENDED_REVOKE in about,
        signature_oid=signature_oid,
        signature=signature,
        certificates=certificates,
    )


def _single(parts: Structure) -> Single:
    cert_id = _cert_id(parts.nested(SEQUENCE, "CertID"))
    revoked_at, reason = None, 0
    if parts.has(_REVOKED):
        status, info = "revoked", parts.nested(_REVOKED, "RevokedInfo")
        revoked_at = fields.next_moment(info)
        if info.has(0xA0):
            given = info.content(0xA0)
            reason = int.from_bytes(content(given, one(given, ENUMERATED)), "big")
        info.end()
    else:
        status = "good" if parts.has(_GOOD) else "unknown"
        if parts.content(_GOOD if parts.has(_GOOD) else _UNKNOWN):
            raise Malformed("a status with content")
    this_update = fields.next_moment(parts)
    next_update = None
    if parts.has(0xA0):
        until = parts.nested(0xA0, "nextUpdate")
        next_update = fields.next_moment(until)
        until.end()
    _extensions(parts, known=frozenset())
    parts.end()
    return Single(cert_id, status, revoked_at, reason, this_update, next_update)


def _cert_id(parts: Structure) -> CertId:
    digest = parts.algorithm()
    found = CertId(HASHES.get(digest, ""), parts.content(OCTET_STRING), parts.content(OCTET_STRING), parts.integer())
    parts.end()
    if not found.hash_name:
        raise Malformed("a hash that is not accepted", detail=digest)
    return found


def _octets(der: bytes) -> bytes:
    """Content of the one OCTET STRING that these octets are."""
    return content(der, one(der, OCTET_STRING))


def _extensions(parent: Structure, *, known: frozenset[str]) -> dict[str, fields.Extension]:
    return fields.extensions(_tagged(parent, 1, "extensions"), known=known) if parent.has(0xA1) else {}


def _tagged(parent: Structure, number: int, of: str) -> Structure:
    """What is inside the SEQUENCE that `[number]` is put around."""
    wrapper = parent.nested(0xA0 | number, of)
    found = wrapper.nested(SEQUENCE, of)
    wrapper.end()
    return found
