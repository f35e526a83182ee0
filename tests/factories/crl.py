"""Revocation lists of any size and shape, assembled from octets: the miniature NCA makes only what an NCA would."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from idp.cli.dev.nca import Key, der

NUMBER, DELTA, REASON = "2.5.29.20", "2.5.29.27", "2.5.29.21"


def extension(kind: str, value: bytes, *, is_critical: bool = False) -> bytes:
    return der.sequence(der.oid(kind), der.boolean(True) if is_critical else b"", der.octets(value))


def entry(serial: int, at: datetime, *extensions: bytes) -> bytes:
    return der.sequence(der.integer(serial), der.time(at), der.sequence(*extensions) if extensions else b"")


def because(reason: int) -> bytes:
    return extension(REASON, der.enumerated(reason))


def signed_list(
    issuer: Key, listed: bytes, now: datetime, *, number: int = 7, base_number: int | None = None,
    more_extensions: bytes = b"", version: int = 1, extensions: bytes | None = None,
) -> bytes:  # fmt: skip
    """A CertificateList around the joined octets of its entries."""
    oid = issuer.private_key.suite.signature_oid
    usual = extension(NUMBER, der.integer(number))
    if base_number is not None:
        usual += extension(DELTA, der.integer(base_number), is_critical=True)
    tbs = der.sequence(
        der.integer(version),
        der.algorithm(oid, with_null=False),
        issuer.subject,
        der.time(now),
        der.time(now + timedelta(days=1)),
        der.sequence(listed) if listed else b"",
        der.explicit(0, der.sequence(usual + more_extensions if extensions is None else extensions)),
    )
    return der.sequence(tbs, der.algorithm(oid), der.bits(issuer.sign(tbs)))


def large_list(issuer: Key, now: datetime, count: int, *, number: int = 7) -> bytes:
    """`count` entries of 53 octets as the NCA writes them, with serials that are hashes, as the NCA's are."""
    head, moment = b"\x30\x33\x02\x14", der.time(now - timedelta(days=30))
    rest = moment + der.sequence(because(3))
    listed = bytearray()
    for place in range(count):
        listed += head + serial_octets(place) + rest
    return signed_list(issuer, bytes(listed), now, number=number)


def serial_octets(place: int) -> bytes:
    """Twenty octets that read as a positive number in DER."""
    digest = hashlib.sha256(place.to_bytes(8, "big")).digest()
    return bytes((digest[0] & 0x3F | 0x40,)) + digest[1:20]
