"""A timestamp over a signature (RFC 3161 §2.4.2, CAdES-T): the one proof of when it existed.

`signingTime` is what the signer says of themselves and proves nothing. A token that is there must hold: one that does
not refuses the whole signature, so that nobody gains by spoiling it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.eds import algorithms, cms, der
from idp.eds.certificate import Certificate
from idp.eds.chain import TrustStore
from idp.eds.errors import BadSignature, Malformed, NotYetValid, Untrusted, WrongUse
from idp.eds.ports import Backend
from idp.eds.signed_by import Timestamp
from idp.eds.structure import structure

POLICIES = frozenset(f"1.2.398.3.3.2.6.{kind}" for kind in (2, 3, 4))
"""Of the NCA's time-stamping: RSA, GOST-2015-256, GOST-2015-512."""
LEGACY_POLICY = "1.2.398.3.3.2.6.1"
"""GOST-2004; no longer served, so only where legacy keys are allowed."""
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_OF_THE_NCA = "1.2.398."
_AHEAD = timedelta(minutes=5)
"""How far the authority's clock may be ahead of ours."""
_ACCURACY, _TSA, _EXTENSIONS = der.SEQUENCE, 0xA0, 0xA1


@dataclass(frozen=True, slots=True)
class _Info:
    """TSTInfo, as far as it is used."""

    policy: str
    imprint_oid: str
    imprint: bytes
    at: datetime


def check(
    token: bytes, signature: bytes, trust: TrustStore, backend: Backend, now: datetime, *, allow_legacy: bool = False
) -> Timestamp:
    """What the token proves about the octets of a signature, as of `now`.

    The authority's certificate is judged at the moment that the token names. Raises EdsRefused.
    """
    signed = cms.parse(token, cms.TIMESTAMP_INFO)
    if signed.content is None or signed.signer.timestamp_token:
        raise Malformed("timestamp without content, or stamped itself")
    info = _read(signed.content)
    if info.policy not in POLICIES and not (allow_legacy and info.policy == LEGACY_POLICY):
        raise WrongUse("timestamp under a policy that is not accepted", detail=info.policy)
    if info.imprint != algorithms.digest(backend, info.imprint_oid, signature):
        raise BadSignature("the timestamp is of another signature")
    if info.at > now + _AHEAD:
        raise NotYetValid("the timestamp is of the future")
    authority = cms.certificate_of(signed)
    _check_use(authority)
    if any(not trust.is_pinned(each) for each in signed.certificates if each != authority.der):
        raise Untrusted("the timestamp brings a certificate that nobody pinned")
    trust.chain_of(authority, info.at)
    cms.check_content(signed, signed.content, backend)
    if not cms.check_signing_certificate(signed, authority, backend):
        raise Malformed("the timestamp does not name its certificate (RFC 3161 §2.4.1)")
    cms.check_signature(signed, authority, backend, allow_legacy=allow_legacy)
    return Timestamp(info.at, authority.common_name, token)


def _read(data: bytes) -> _Info:
    """RFC 3161 §2.4.2. Everything after genTime is signed and not needed, and still has to be what it may be."""
    fields = structure(der.check(data), der.SEQUENCE, "TSTInfo")
    if fields.integer() != 1:
        raise Malformed("TSTInfo of another version")
    policy = fields.oid()
    imprint = fields.nested(der.SEQUENCE, "MessageImprint")
    imprint_oid, digest = imprint.algorithm(), imprint.content(der.OCTET_STRING)
    imprint.end()
    fields.integer()
    at = fields.moment()
    for tag in (_ACCURACY, der.BOOLEAN, der.INTEGER, _TSA):
        fields.optional(tag)
    if fields.has(_EXTENSIONS):
        raise Malformed("TSTInfo with extensions")
    fields.end()
    return _Info(policy, imprint_oid, digest, at)


def _check_use(authority: Certificate) -> None:
    """RFC 3161 §2.3: for time-stamping and for nothing else; the NCA's own words beside it do no harm."""
    others = (oid for oid in authority.eku if oid != _TIME_STAMPING and not oid.startswith(_OF_THE_NCA))
    if _TIME_STAMPING not in authority.eku or any(others) or authority.is_ca or authority.roles:
        raise WrongUse("the timestamp is not by a time-stamping authority")
    if authority.key_usage and authority.key_usage.isdisjoint(("digital_signature", "non_repudiation")):
        raise WrongUse("the time-stamping authority's key may not sign")
