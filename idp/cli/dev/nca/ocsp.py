"""OCSP answers as the NCA's responder gives them (RFC 6960): delegated certificate, nonce returned, no nextUpdate.

issuerKeyHash covers the whole content of the key's BIT STRING, the inner `04 81 80` included.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import ocsp

from idp.cli.dev.nca import der
from idp.cli.dev.nca.departures import OcspDepartures, Status
from idp.cli.dev.nca.key import Key

_BASIC = "1.3.6.1.5.5.7.48.1.1"
_NONCE = "1.3.6.1.5.5.7.48.1.2"
_EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9"
_SHA = {"sha1": "1.3.14.3.2.26", "sha256": "2.16.840.1.101.3.4.2.1"}
HOLD = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks about."""

    serial: int
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    digest: str
    nonce: bytes | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the NCA knows of a serial number."""

    status: Status
    revoked_at: datetime | None = None
    reason: int = 0


def asked(request: bytes) -> Asked:
    """The first certID of an OCSPRequest. Raises ValueError when it is none."""
    parsed = ocsp.OCSPRequest.load(request, strict=True)
    cert_id = parsed["tbs_request"]["request_list"][0]["req_cert"]
    nonce = None
    for extension in parsed["tbs_request"]["request_extensions"]:
        if extension["extn_id"].dotted == _NONCE:
            # The value is an OCTET STRING within the extension's OCTET STRING (RFC 8954).
            nonce = extension["extn_value"].parsed.native
    return Asked(
        serial=cert_id["serial_number"].native,
        issuer_name_hash=cert_id["issuer_name_hash"].native,
        issuer_key_hash=cert_id["issuer_key_hash"].native,
        digest=cert_id["hash_algorithm"]["algorithm"].native,
        nonce=nonce,
    )


def request(serial: int, issuer: Key, nonce: bytes | None) -> bytes:
    """An OCSPRequest, for those who want to try the responder."""
    listed = der.sequence(der.sequence(_cert_id(serial, issuer, {})))
    extensions = der.explicit(2, der.sequence(_nonce(nonce))) if nonce is not None else b""
    return der.sequence(der.sequence(listed, extensions))


def answer(about: Asked, standing: Standing, issuer: Key, responder: Key, now: datetime,
           departures: OcspDepartures) -> bytes:  # fmt: skip
    """OCSPResponse in DER."""
    if "error" in departures:
        return der.sequence(der.enumerated(departures["error"]))
    responder = departures.get("responder", responder)
    serial = departures.get("cert_serial", about.serial)
    status = departures.get("status", standing.status)
    singles = [_single(serial, status, standing, issuer, now, departures)]
    if departures.get("twice"):
        singles.insert(0, _single(serial + 1, "good", standing, issuer, now, departures))
    nonce = departures.get("nonce", about.nonce)
    extensions = [_nonce(nonce)] if nonce is not None else []
    if status == "not_known":
        extensions.append(der.sequence(der.oid(_EXTENDED_REVOKE), der.octets(der.null())))
    data = der.sequence(
        der.explicit(2, der.octets(responder.key_id))
        if departures.get("by_key_id")
        else der.explicit(1, responder.subject),
        der.generalized(now),
        der.sequence(*singles),
        der.explicit(1, der.sequence(*extensions)) if extensions else b"",
    )
    oid = departures.get("signature_oid", responder.private_key.suite.signature_oid)
    certificates = departures.get("certificates", (responder.certificate,))
    basic = der.sequence(
        data,
        der.algorithm(oid),
        der.bits(responder.sign(data, departures.get("signature", ""))),
        der.explicit(0, der.sequence(*certificates)) if certificates else b"",
    )
    typed = der.sequence(der.oid(departures.get("response_type", _BASIC)), der.octets(basic))
    return der.sequence(der.enumerated(0), der.explicit(0, typed)) + departures.get("trailing", b"")


def _single(serial: int, status: Status, standing: Standing, issuer: Key, now: datetime,
            departures: OcspDepartures) -> bytes:  # fmt: skip
    return der.sequence(
        _cert_id(serial, issuer, departures),
        _cert_status(status, standing, now),
        der.generalized(departures.get("this_update", now)),
        der.explicit(0, der.generalized(departures["next_update"])) if "next_update" in departures else b"",
    )


def _cert_id(serial: int, issuer: Key, departures: OcspDepartures) -> bytes:
    digest = departures.get("cert_digest", "sha256")
    key_bits = departures.get("cert_issuer_key", issuer.private_key.key_bits())
    return der.sequence(
        der.algorithm(_SHA[digest]),
        der.octets(hashlib.new(digest, issuer.subject, usedforsecurity=False).digest()),
        der.octets(hashlib.new(digest, key_bits, usedforsecurity=False).digest()),
        der.integer(serial),
    )


def _cert_status(status: Status, standing: Standing, now: datetime) -> bytes:
    if status == "good":
        return der.implicit(0, b"")
    if status == "unknown":
        return der.implicit(2, b"")
    at, reason = standing.revoked_at or now, standing.reason
    if status == "not_known":
        at, reason = datetime(1970, 1, 1, tzinfo=UTC), HOLD
    elif status == "hold":
        reason = HOLD
    # RevocationReason unspecified is left out (RFC 5280 §5.3.1).
    return der.explicit(1, der.generalized(at), der.explicit(0, der.enumerated(reason)) if reason else b"")


def _nonce(nonce: bytes) -> bytes:
    return der.sequence(der.oid(_NONCE), der.octets(der.octets(nonce)))
