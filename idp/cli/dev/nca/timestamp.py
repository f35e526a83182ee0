"""Timestamp tokens (RFC 3161): a CMS over a TSTInfo, signed by the time-stamping authority."""

from __future__ import annotations

from datetime import datetime

from asn1crypto import tsp

from idp.cli.dev.nca import der
from idp.cli.dev.nca.cms import content_info, signing_certificate
from idp.cli.dev.nca.departures import TimestampDepartures
from idp.cli.dev.nca.key import Key

_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_POLICY = "1.2.398.3.3.2.6.4"
_ATTRIBUTES = {
    "content_type": "1.2.840.113549.1.9.3",
    "signing_time": "1.2.840.113549.1.9.5",
    "signing_certificate": "1.2.840.113549.1.9.16.2.47",
    "message_digest": "1.2.840.113549.1.9.4",
}


def token(imprint: bytes, imprint_oid: str, at: datetime, serial: int, tsa: Key, departures: TimestampDepartures,
          *, nonce: int | None = None) -> bytes:  # fmt: skip
    """A token that says `imprint` existed at `at`."""
    tsa = departures.get("authority", tsa)
    nonce = departures.get("nonce", nonce)
    accuracy = departures.get("accuracy_seconds")
    info = der.sequence(
        der.integer(1),
        der.oid(departures.get("policy", _POLICY)),
        der.sequence(der.algorithm(departures.get("imprint_oid", imprint_oid)), der.octets(imprint)),
        der.integer(serial),
        der.generalized(at),
        b"" if accuracy is None else der.sequence(der.integer(accuracy)),
        b"" if nonce is None else der.integer(nonce),
    )
    suite = tsa.private_key.suite
    values = {
        "content_type": der.oid(_TST_INFO),
        "signing_time": der.time(at),
        "signing_certificate": signing_certificate(departures.get("signing_certificate_of", tsa.certificate)),
        "message_digest": der.octets(suite.digest(info)),
    }
    attributes = sorted(der.sequence(der.oid(_ATTRIBUTES[kind]), der.tlv(0x31, one)) for kind, one in values.items())
    signature = tsa.sign(der.tlv(0x31, *attributes), departures.get("signature", ""))
    signer = der.sequence(
        der.integer(1),
        der.sequence(tsa.issuer, der.integer(tsa.serial)),
        der.algorithm(suite.digest_oid),
        der.explicit(0, *attributes),
        der.algorithm(suite.signature_oid),
        der.octets(signature),
    )
    certificates = departures.get("certificates", (tsa.certificate,))
    return content_info(
        der.integer(3),
        der.set_of([der.algorithm(suite.digest_oid)]),
        der.sequence(der.oid(_TST_INFO), der.explicit(0, der.octets(info))),
        der.explicit(0, *certificates) if certificates else b"",
        der.set_of([signer]),
    )


def asked(request: bytes) -> tuple[bytes, str, int | None]:
    """Imprint, its algorithm and the nonce of a TimeStampReq. Raises ValueError when it is none."""
    parsed = tsp.TimeStampReq.load(request, strict=True)
    imprint = parsed["message_imprint"]
    nonce = parsed["nonce"].native
    return imprint["hashed_message"].native, imprint["hash_algorithm"]["algorithm"].dotted, nonce


def reply(token_der: bytes) -> bytes:
    """A TimeStampResp that grants."""
    return der.sequence(der.sequence(der.integer(0)), token_der)
