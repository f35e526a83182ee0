"""Whether a certificate still counts: OCSP on line, else an imported list, else no (fails closed).

OCSP says good                            good, and kept for as long as the answer is valid (5 minutes at most)
OCSP says revoked, on hold or unknown     refused; no list is asked for a kinder answer
OCSP is silent or cannot be trusted       the imported list decides, if it is of this issuer and in date; of a
                                          certificate that has expired it can only say that it was revoked
neither                                   NcaUnavailable
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from datetime import datetime

from idp.core.clock import Clock
from idp.core.ids import random_bytes
from idp.eds import ocsp
from idp.eds.certificate import Certificate
from idp.eds.errors import NcaUnavailable, Revoked, StatusUnknown
from idp.eds.ports import Ask, Backend, RevokedLists
from idp.eds.signed_by import StatusProof

MAX_KEPT = 2000
_log = logging.getLogger(__name__)


class RevocationCheck:
    """Shared by all threads of a process."""

    def __init__(
        self, ask: Ask | None, lists: RevokedLists | None, clock: Clock, backend: Backend, *, allow_legacy: bool = False
    ) -> None:
        self._ask = ask
        self._lists = lists
        self._clock = clock
        self._backend = backend
        self._allow_legacy = allow_legacy
        self._responders = ocsp.Responders()
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[bytes, int], StatusProof] = OrderedDict()

    def check(self, certificate: Certificate, issuer: Certificate, at: datetime) -> StatusProof:
        """Why the certificate counts as good at `at`, which is now. Raises Revoked, StatusUnknown, NcaUnavailable.

        `issuer` must already be trusted and have signed `certificate`. May use the network.
        """
        # The key, not the name: two authorities can have one name, and both number their certificates.
        name = (issuer.key_bits_sha1, certificate.serial)
        if (known := self._known(name, at)) is not None:
            return known
        try:
            proof = self._online(certificate, issuer)
        except NcaUnavailable as failure:
            _log.warning("nca_unavailable", extra={"reason": failure.detail or failure.description})
            return self._listed(certificate, issuer, at, failure)
        self._keep(name, proof)
        return proof

    def _known(self, name: tuple[bytes, int], at: datetime) -> StatusProof | None:
        with self._lock:
            proof = self._kept.get(name)
        # The lower bound is for a clock that was set back: what was said later proves nothing of now.
        return proof if proof is not None and proof.this_update - ocsp.SKEW <= at <= _valid_until(proof) else None

    def _keep(self, name: tuple[bytes, int], proof: StatusProof) -> None:
        with self._lock:
            self._kept[name] = proof
            self._kept.move_to_end(name)
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)

    def _online(self, certificate: Certificate, issuer: Certificate) -> StatusProof:
        if self._ask is None:
            raise NcaUnavailable("no responder is configured")
        nonce = random_bytes(ocsp.NONCE_BYTES)
        der = self._ask(ocsp.request(certificate, issuer, nonce))
        answer = ocsp.verify(
            der,
            certificate,
            issuer,
            at=self._clock.now(),
            nonce=nonce,
            backend=self._backend,
            responders=self._responders,
            allow_legacy=self._allow_legacy,
        )
        return StatusProof("ocsp", answer.single.this_update, answer.single.next_update, der)

    def _listed(
        self, certificate: Certificate, issuer: Certificate, at: datetime, failure: NcaUnavailable
    ) -> StatusProof:
        found = self._lists.look_up(issuer.key_bits_sha1, certificate.serial) if self._lists is not None else None
        if found is None:
            raise failure
        state, revocation = found
        if revocation is not None:
            raise Revoked("the certificate was revoked", at=revocation.revoked_at, detail=f"reason {revocation.reason}")
        if at > certificate.not_after:
            # Revoked certificates leave the list once they have expired: to be missing proves nothing (RFC 5280 §3.3).
            raise failure
        if not state.this_update <= at + ocsp.SKEW or at > state.next_update:
            raise NcaUnavailable(
                "the authority does not answer and the imported list is out of date",
                detail=f"list {state.number} until {state.next_update.isoformat()}; {failure.detail}",
            ) from failure
        return StatusProof("crl", state.this_update, state.next_update, crl_number=state.number)


def check_stored(
    proof: StatusProof, certificate: Certificate, issuer: Certificate, backend: Backend, *, allow_legacy: bool = False
) -> None:
    """Checks again, off line, why a certificate counted as good. Raises Revoked, StatusUnknown.

    An OCSP answer proves itself as of its own time. Of a list only the number was kept; that is our own record, and
    worth as much as the seal around it.
    """
    if proof.source == "crl":
        return
    try:
        answer = ocsp.verify(
            proof.der,
            certificate,
            issuer,
            at=proof.this_update,
            nonce=None,
            backend=backend,
            responders=ocsp.Responders(),
            allow_legacy=allow_legacy,
        )
    except NcaUnavailable as error:
        raise StatusUnknown("the stored answer of the authority does not hold", detail=error.detail) from error
    if answer.single.this_update != proof.this_update:
        raise StatusUnknown("the stored answer is of another time")


def _valid_until(proof: StatusProof) -> datetime:
    soon = proof.this_update + ocsp.SKEW
    return soon if proof.next_update is None else min(soon, proof.next_update)
