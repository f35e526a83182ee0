"""Asking whether a certificate is good, and believing the answer (RFC 6960, RFC 9654).

An answer counts when it is about exactly our certificate, carries our nonce, is fresh, and is signed by the issuer
itself or by a responder the issuer certified for this alone. Anything less is as good as silence: NcaUnavailable.
Only a believed answer says Revoked or StatusUnknown.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta

from idp.core.ids import same
from idp.eds import algorithms, gost, ocsp_answer
from idp.eds.certificate import Certificate
from idp.eds.errors import EdsRefused, NcaUnavailable, Revoked, StatusUnknown
from idp.eds.ocsp_answer import CERTIFICATE_HOLD, Answer, CertId
from idp.eds.ports import Backend

NONCE_BYTES = 16
SKEW = timedelta(minutes=5)
"""How far two clocks may differ, and how old an answer without nextUpdate may be."""
MAX_AGE = timedelta(days=1)
"""How old an answer may be whatever it says about its next update."""
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
_NEVER_ISSUED = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_RESPONDERS = 32
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_NONCE = bytes.fromhex("06092b0601050507300102")


def request(certificate: Certificate, issuer: Certificate, nonce: bytes) -> bytes:
    """An OCSPRequest in DER. The key hash covers the whole content of the issuer's BIT STRING, as the NCA has it."""
    name_hash = hashlib.sha256(issuer.subject).digest()
    key_hash = hashlib.sha256(gost.key_bits(issuer.spki)).digest()
    serial = certificate.serial.to_bytes(certificate.serial.bit_length() // 8 + 1, "big")
    cert_id = _tlv(0x30, _SHA256, _tlv(0x04, name_hash), _tlv(0x04, key_hash), _tlv(0x02, serial))
    # An OCTET STRING inside the extension's OCTET STRING (RFC 9654 §2.1).
    extension = _tlv(0x30, _NONCE, _tlv(0x04, _tlv(0x04, nonce)))
    return _tlv(0x30, _tlv(0x30, _tlv(0x30, _tlv(0x30, cert_id)), _tlv(0xA2, _tlv(0x30, extension))))


class Responders:
    """Responder certificates found to be authorised, so that a sign-in verifies each of them only once.

    What is kept are facts that cannot change: these octets were signed by that issuer for OCSP. Validity is asked anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Certificate] = OrderedDict()

    def parsed(self, der: bytes, issuer: Certificate) -> Certificate:
        """A certificate that came along with an answer. Raises Malformed and its kin."""
        with self._lock:
            known = self._known.get(_name(der, issuer))
        return known or Certificate.parse(der)

    def authorise(
        self, responder: Certificate, issuer: Certificate, backend: Backend, *, allow_legacy: bool
    ) -> Certificate:
        """Returns it if it may answer for `issuer` (RFC 6960 §4.2.2.2), else raises NcaUnavailable, BadSignature."""
        name = _name(responder.der, issuer)
        with self._lock:
            if name in self._known:
                self._known.move_to_end(name)
                return self._known[name]
        if responder.issuer != issuer.subject:
            raise _distrust("another authority issued the responder's certificate")
        if OCSP_SIGNING not in responder.eku or "digital_signature" not in responder.key_usage or responder.is_ca:
            raise _distrust("the responder's certificate is not for OCSP")
        if not responder.has_nocheck:
            raise _distrust("the responder's own certificate would have to be asked about")
        algorithms.verify(
            backend, issuer.key, responder.signature_oid, responder.tbs, responder.signature, allow_legacy=allow_legacy
        )
        with self._lock:
            self._known[name] = responder
            while len(self._known) > _MAX_RESPONDERS:
                self._known.popitem(last=False)
        return responder


def _name(der: bytes, issuer: Certificate) -> bytes:
    """Of a responder's octets and those of the issuer it may answer for."""
    return hashlib.sha256(hashlib.sha256(issuer.der).digest() + hashlib.sha256(der).digest()).digest()


def verify(
    der: bytes, certificate: Certificate, issuer: Certificate, *, at: datetime, nonce: bytes | None, backend: Backend,
    responders: Responders, allow_legacy: bool = False,
) -> Answer:  # fmt: skip
    """The answer, when it is trustworthy at `at` and says good.

    `nonce` None: a stored answer is read again, whose nonce nobody remembers. Raises NcaUnavailable, Revoked,
    StatusUnknown.
    """
    try:
        answer = ocsp_answer.parse(der)
        _check_subject(answer.single.cert_id, certificate, issuer)
        if nonce is not None and not same(answer.nonce.hex(), nonce.hex()):
            raise _distrust("the nonce is not ours")
        _check_fresh(answer, at)
        signer = _signer(answer, issuer, backend, responders, allow_legacy=allow_legacy)
        if not signer.not_before <= at <= signer.not_after:
            raise _distrust("the responder's certificate is out of date")
        algorithms.verify(
            backend, signer.key, answer.signature_oid, answer.signed, answer.signature, allow_legacy=allow_legacy
        )
    except EdsRefused as error:
        raise _distrust(f"{error.code}: {error.description} {error.detail}".rstrip()) from error
    _check_status(answer)
    return answer


def _check_subject(cert_id: CertId, certificate: Certificate, issuer: Certificate) -> None:
    def hashed(data: bytes) -> bytes:
        return hashlib.new(cert_id.hash_name, data, usedforsecurity=False).digest()

    ours = (hashed(issuer.subject), hashed(gost.key_bits(issuer.spki)), certificate.serial)
    if (cert_id.name_hash, cert_id.key_hash, cert_id.serial) != ours:
        raise _distrust("an answer about another certificate")


def _check_fresh(answer: Answer, at: datetime) -> None:
    """An old answer would bring a revoked certificate back to life (RFC 6960 §4.2.2.1)."""
    oldest = at - (SKEW if answer.single.next_update is None else MAX_AGE)
    if not oldest <= answer.single.this_update <= at + SKEW or not oldest <= answer.produced_at <= at + SKEW:
        raise _distrust("the answer is stale, or from the future")
    if answer.single.next_update is not None and answer.single.next_update < at:
        raise _distrust("the answer is past its next update")


def _signer(
    answer: Answer, issuer: Certificate, backend: Backend, responders: Responders, *, allow_legacy: bool
) -> Certificate:
    """The certificate that the answer names as its responder: the issuer's own, or one that came along."""
    if answer.responder_name == issuer.subject or answer.responder_key == issuer.key_bits_sha1:
        return issuer
    along = (responders.parsed(der, issuer) for der in answer.certificates)
    named = [certificate for certificate in along if _is_named(answer, certificate)]
    # Two of one name would let a stranger choose how much we calculate.
    if len(named) != 1:
        raise _distrust("the responder's certificate did not come along")
    return responders.authorise(named[0], issuer, backend, allow_legacy=allow_legacy)


def _is_named(answer: Answer, responder: Certificate) -> bool:
    if answer.responder_name:
        return answer.responder_name == responder.subject
    return answer.responder_key == responder.key_bits_sha1


def _check_status(answer: Answer) -> None:
    """The NCA says of certificates it never issued that they are on hold since 1970 (RFC 6960 §2.2)."""
    said = answer.single
    if said.status == "unknown":
        raise StatusUnknown("the authority does not know this certificate")
    if said.status == "revoked":
        is_never_issued = said.revoked_at == _NEVER_ISSUED and said.reason == CERTIFICATE_HOLD
        if answer.has_extended_revoke and is_never_issued:
            raise StatusUnknown("the authority never issued this certificate")
        raise Revoked("the certificate was revoked", at=said.revoked_at, detail=f"reason {said.reason}")


def _distrust(why: str) -> NcaUnavailable:
    return NcaUnavailable("the authority's answer cannot be trusted", detail=f"OCSP: {why}")


def _tlv(tag: int, *parts: bytes) -> bytes:
    """Of a request, which never reaches 256 octets."""
    held = b"".join(parts)
    length = (len(held),) if len(held) < 0x80 else (0x81, len(held))
    return bytes((tag, *length)) + held
