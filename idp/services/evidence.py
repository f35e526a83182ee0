"""The evidence of a signature as JSON, in one shape: sealed in rows, in archives for people, in answers to modules."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from idp.core.errors import Unavailable
from idp.eds.signed_by import Evidence, StatusProof, Timestamp

VERSION = 1


def as_json(evidence: Evidence) -> dict[str, Any]:
    """`version cms chain status timestamp verified_at`, octets in base64. The certificate holds the signer's ИИН."""
    status, stamp = evidence.status, evidence.timestamp
    return {
        "version": VERSION,
        "cms": _text(evidence.cms),
        "chain": [_text(der) for der in evidence.chain],
        "status": {
            "source": status.source,
            "this_update": status.this_update.isoformat(),
            "next_update": status.next_update.isoformat() if status.next_update else None,
            "ocsp": _text(status.der) if status.der else None,
            "crl_number": status.crl_number or None,
        },
        "timestamp": {"at": stamp.at.isoformat(), "authority": stamp.authority, "token": _text(stamp.der)}
        if stamp
        else None,
        "verified_at": evidence.verified_at.isoformat(),
    }


def from_json(data: Mapping[str, Any]) -> Evidence:
    """The same back. Raises Unavailable for what a newer version wrote."""
    if data["version"] != VERSION:
        raise Unavailable("the evidence is of a newer version", detail=str(data["version"]))
    status, stamp = data["status"], data["timestamp"]
    until = status["next_update"]
    return Evidence(
        cms=_octets(data["cms"]),
        chain=tuple(_octets(text) for text in data["chain"]),
        status=StatusProof(
            source=status["source"],
            this_update=datetime.fromisoformat(status["this_update"]),
            next_update=datetime.fromisoformat(until) if until else None,
            der=_octets(status["ocsp"] or ""),
            crl_number=status["crl_number"] or 0,
        ),
        timestamp=Timestamp(datetime.fromisoformat(stamp["at"]), stamp["authority"], _octets(stamp["token"]))
        if stamp
        else None,
        verified_at=datetime.fromisoformat(data["verified_at"]),
    )


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _octets(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
