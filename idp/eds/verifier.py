"""Whether a signature holds, and whose it is: every rule in its order, cheap ones first, the network last.

    shape → document → certificate's use → chain and dates → signature → timestamp → revocation

Junk is refused before it costs a signature, and before the authority hears of it. Nothing is taken from what the
signature does not cover: `signingTime` proves no time, and unsigned attributes hold at most a timestamp token, which
carries its own signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from idp.core.clock import Clock
from idp.core.errors import BilimError
from idp.eds import algorithms, cms, ocsp, timestamp, uses
from idp.eds.certificate import Certificate
from idp.eds.chain import Chain, TrustStore, check_dates
from idp.eds.cms import SignedData
from idp.eds.errors import EdsOff, EdsRefused, Malformed, NcaUnavailable, Revoked, StatusUnknown, Untrusted
from idp.eds.ports import Backend
from idp.eds.revocation import RevocationCheck, check_stored
from idp.eds.signed_by import Evidence, SignedBy, StatusProof, Timestamp
from idp.eds.uses import Policy

__all__ = ["Examination", "Policy", "Verifier"]

_ANYBODY = Policy()


@dataclass(frozen=True, slots=True)
class Examination:
    """A signature that holds, judged at two moments. Codes are those of `eds.errors`; empty means good."""

    signed_by: SignedBy
    """Its `evidence.status.source` is `none` when the authority did not vouch for the certificate now."""
    proven_at: datetime | None
    """When the signature existed, by its timestamp; None when nothing proves a time."""
    then: str
    """At `proven_at`. Without a proven time, the same as `now`: an earlier moment cannot be claimed."""
    now: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A message whose shape, document and signer's use have passed."""

    signed: SignedData
    certificate: Certificate


class Verifier:
    """Shared by all threads of a process."""

    def __init__(
        self,
        trust: TrustStore,
        backend: Backend,
        revocation: RevocationCheck,
        clock: Clock,
        *,
        allow_legacy: bool = False,
    ) -> None:
        self._trust = trust
        self._backend = backend
        self._revocation = revocation
        self._clock = clock
        self._allow_legacy = allow_legacy

    def verify(self, message: bytes | str, content: bytes, policy: Policy = _ANYBODY) -> SignedBy:
        """Who signed exactly `content`, as of now. `message` is a CMS: DER, base64 or armoured. May use the network.

        Raises EdsRefused, NcaUnavailable, EdsOff.
        """
        now = self._clock.now()
        read = self._read(message, content, policy)
        chain = self._trust.chain_of(read.certificate, now)
        self._check_signature(read, chain)
        stamp = self._stamp(read, read.signed.signer.timestamp_token, now)
        if stamp is not None:
            check_dates(read.certificate, stamp.at)
        status = self._revocation.check(read.certificate, chain.issuer, now)
        return _signed_by(read, chain, status, stamp, now)

    def again(self, evidence: Evidence, content: bytes) -> SignedBy:
        """The same, from kept evidence, without the network, as of the time that it proves; `content` as then.

        Holds after certificates have expired, as long as their authorities stay pinned. Raises EdsRefused, EdsOff.
        """
        read = self._read(evidence.cms, content, _ANYBODY)
        kept = b"" if evidence.timestamp is None else evidence.timestamp.der
        if read.signed.signer.timestamp_token not in (b"", kept):
            raise Malformed("the evidence has another timestamp than the signature")
        chain = self._trust.authorities_of(read.certificate)
        if evidence.chain != _ders(read, chain):
            raise Untrusted("the evidence has another chain")
        self._check_signature(read, chain)
        stamp = self._stamp(read, kept, evidence.verified_at)
        _check_dates(read, chain, evidence.verified_at if stamp is None else stamp.at)
        _check_time(evidence.status, evidence.verified_at)
        check_stored(evidence.status, read.certificate, chain.issuer, self._backend, allow_legacy=self._allow_legacy)
        return _signed_by(read, chain, evidence.status, stamp, evidence.verified_at)

    def examine(self, message: bytes | str, content: bytes) -> Examination:
        """For anyone who asks about a document (E5): who, when, good then, good now. May use the network.

        Raises EdsRefused when there is no signature by a certified person over `content`, EdsOff.
        """
        now = self._clock.now()
        read = self._read(message, content, _ANYBODY)
        chain = self._trust.authorities_of(read.certificate)
        self._check_signature(read, chain)
        stamp = self._stamp(read, read.signed.signer.timestamp_token, now)
        at_present = _dates_code(read, chain, now)
        if stamp is None and at_present:
            status, trouble = _no_proof(now), None
        else:
            status, trouble = self._status(read, chain, now)
        code = at_present or ("" if trouble is None else trouble.code)
        then = code if stamp is None else _dates_code(read, chain, stamp.at) or _code_at(trouble, stamp.at)
        signed_by = _signed_by(read, chain, status, stamp, now)
        return Examination(signed_by, None if stamp is None else stamp.at, then, code)

    def _read(self, message: bytes | str, content: bytes, policy: Policy) -> _Read:
        if len(content) > self._backend.max_bytes:
            raise EdsOff(f"documents may have at most {self._backend.max_bytes} octets here")
        signed = cms.parse(cms.decode(message))
        certificate = cms.certificate_of(signed)
        cms.check_content(signed, content, self._backend)
        uses.check_use(certificate)
        uses.check_holder(certificate, policy)
        # A chain may come along, but only the pinned one: it vouches for nothing and is not covered by the signature.
        if any(each != certificate.der and not self._trust.is_pinned(each) for each in signed.certificates):
            raise Untrusted("the message brings a certificate that nobody pinned")
        return _Read(signed, certificate)

    def _check_signature(self, read: _Read, chain: Chain) -> None:
        uses.check_numbers(read.certificate, is_production=chain.is_production)
        cms.check_signing_certificate(read.signed, read.certificate, self._backend)
        cms.check_signature(read.signed, read.certificate, self._backend, allow_legacy=self._allow_legacy)

    def _stamp(self, read: _Read, token: bytes, now: datetime) -> Timestamp | None:
        if not token:
            return None
        signature = read.signed.signer.signature
        return timestamp.check(token, signature, self._trust, self._backend, now, allow_legacy=self._allow_legacy)

    def _status(self, read: _Read, chain: Chain, now: datetime) -> tuple[StatusProof, BilimError | None]:
        """What the authority says now, or why it does not vouch."""
        try:
            return self._revocation.check(read.certificate, chain.issuer, now), None
        except (Revoked, StatusUnknown, NcaUnavailable) as trouble:
            return _no_proof(now), trouble


def _signed_by(read: _Read, chain: Chain, status: StatusProof, stamp: Timestamp | None, at: datetime) -> SignedBy:
    certificate = read.certificate
    return SignedBy(
        iin=certificate.iin,
        bin=certificate.bin,
        names=certificate.subject_names,
        organisation=certificate.organisation,
        roles=certificate.roles,
        key_storage=certificate.key_storage,
        algorithm=algorithms.kind_of(certificate.key),
        is_production=chain.is_production,
        evidence=Evidence(read.signed.der, _ders(read, chain), status, stamp, at),
    )


def _ders(read: _Read, chain: Chain) -> tuple[bytes, ...]:
    return tuple(each.der for each in _path(read, chain))


def _path(read: _Read, chain: Chain) -> tuple[Certificate, ...]:
    return read.certificate, chain.issuer, chain.root


def _check_dates(read: _Read, chain: Chain, at: datetime) -> None:
    for each in _path(read, chain):
        check_dates(each, at)


def _dates_code(read: _Read, chain: Chain, at: datetime) -> str:
    try:
        _check_dates(read, chain, at)
    except EdsRefused as refusal:
        return refusal.code
    return ""


def _code_at(trouble: BilimError | None, moment: datetime) -> str:
    """What the authority's present word says of an earlier moment: a later revocation changes nothing about it."""
    if trouble is None or (isinstance(trouble, Revoked) and trouble.at is not None and trouble.at > moment):
        return ""
    return trouble.code


def _no_proof(now: datetime) -> StatusProof:
    return StatusProof("none", now, None)


def _check_time(status: StatusProof, at: datetime) -> None:
    """A proof counts for the time it speaks of, not for any other. Raises StatusUnknown."""
    until = status.next_update or status.this_update + ocsp.MAX_AGE
    if status.source not in ("ocsp", "crl") or not status.this_update - ocsp.SKEW <= at <= until:
        raise StatusUnknown("the kept proof is of another time than the signature's check")
