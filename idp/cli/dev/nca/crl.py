"""Revocation lists as the NCA publishes them: a base, and a delta over it (RFC 5280 §5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from idp.cli.dev.nca import der
from idp.cli.dev.nca.departures import CrlDepartures
from idp.cli.dev.nca.key import Key

Entry = tuple[int, datetime, int]
"""Serial number, moment, CRLReason."""
_LIFETIME = timedelta(hours=24)


def revocation_list(
    entries: Sequence[Entry], number: int, base_number: int | None, now: datetime, issuer: Key,
    departures: CrlDepartures,
) -> bytes:  # fmt: skip
    """CertificateList in DER; a delta when `base_number` is given."""
    issuer = departures.get("issuer", issuer)
    oid = issuer.private_key.suite.signature_oid
    listed = [_entry(*one) for one in (*entries, *departures.get("more", ()))]
    this_update = departures.get("this_update", now)
    base_number = departures.get("base_number", base_number)
    extensions = [
        _extension("2.5.29.35", der.sequence(der.implicit(0, issuer.key_id))),
        _extension("2.5.29.20", der.integer(departures.get("number", number))),
    ]
    if base_number is not None:
        extensions.append(_extension("2.5.29.27", der.integer(base_number), is_critical=True))
    tbs = der.sequence(
        der.integer(1),
        der.algorithm(oid, with_null=departures.get("inner_null", False)),
        departures.get("issuer_name", issuer.subject),
        der.time(this_update),
        der.time(departures.get("next_update", this_update + _LIFETIME)),
        der.sequence(*listed) if listed else b"",
        der.explicit(0, der.sequence(*extensions)),
    )
    signature = issuer.sign(tbs, departures.get("signature", ""))
    outer = der.algorithm(departures.get("outer_oid", oid))
    return der.sequence(tbs, outer, der.bits(signature)) + departures.get("trailing", b"")


def _entry(serial: int, at: datetime, reason: int) -> bytes:
    coded = der.sequence(_extension("2.5.29.21", der.enumerated(reason))) if reason else b""
    return der.sequence(der.integer(serial), der.time(at), coded)


def _extension(kind: str, value: bytes, *, is_critical: bool = False) -> bytes:
    return der.sequence(der.oid(kind), der.boolean(True) if is_critical else b"", der.octets(value))
