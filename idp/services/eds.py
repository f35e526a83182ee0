"""The ЭЦҚ of this installation: one verifier from the trusted certificates, a library and the way to the NCA, or the
reason why there is none; and the seal around the evidence of signatures that are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.core.clock import Clock
from idp.core.errors import Invalid, Unavailable
from idp.core.ids import random_bytes
from idp.eds.chain import TrustStore
from idp.eds.errors import EdsOff
from idp.eds.ports import Backend, ListState, Revocation
from idp.eds.revocation import RevocationCheck
from idp.eds.self_test import choose
from idp.eds.signed_by import Evidence, SignedBy
from idp.eds.verifier import Verifier
from idp.services import evidence as evidence_json
from idp.services.nca import Nca
from idp.services.trust import Trust
from idp.store import revocation
from idp.store.session import UnitOfWork

_NONCE_BYTES = 12


class Secrets(Protocol):
    def secret(self, use: str, /) -> bytes:
        """32 bytes, the same on every node."""
        ...


class StoredLists:
    """The imported revocation lists, as the engine asks for them (`eds.ports.RevokedLists`)."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def look_up(self, issuer_key_id: bytes, serial: int) -> tuple[ListState, Revocation | None] | None:
        with self._uow.read() as tx:
            found = revocation.look_up(tx, issuer_key_id.hex(), serial)
        if found is None:
            return None
        state = ListState(found.number, found.this_update, found.next_update)
        return state, Revocation(found.revoked_at, found.reason) if found.revoked_at else None


class Eds:
    """Shared by all threads of a process; follows what an operator changes in the trust folder."""

    def __init__(
        self, trust: Trust, nca: Nca, uow: UnitOfWork, clock: Clock, keys: Secrets, *, allow_legacy: bool = False
    ) -> None:
        self._trust = trust
        self._nca = nca
        self._lists = StoredLists(uow)
        self._clock = clock
        self._keys = keys
        self.allow_legacy = allow_legacy
        self._lock = threading.Lock()
        self._built: tuple[TrustStore, Verifier] | None = None
        self._revocation: RevocationCheck | None = None

    def verifier(self) -> Verifier:
        """Raises EdsOff, whose `code` is `eds_off` and whose `detail` is a word of `why_off`."""
        backend = self.backend()
        store = self._store(backend)
        with self._lock:
            if self._revocation is None:
                self._revocation = RevocationCheck(
                    self._nca.ask, self._lists, self._clock, backend, allow_legacy=self.allow_legacy
                )
            if self._built is None or self._built[0] is not store:
                # What was heard of certificates stays known when an operator adds another authority.
                made = Verifier(store, backend, self._revocation, self._clock, allow_legacy=self.allow_legacy)
                self._built = (store, made)
            return self._built[1]

    def verify(self, cms: bytes | str, content: bytes) -> SignedBy:
        """Who signed exactly `content`, checked with everything there is, now. Raises `eds.errors`."""
        return self.verifier().verify(cms, content)

    @property
    def max_bytes(self) -> int:
        """The largest document that can be checked here. Raises EdsOff."""
        return self.backend().max_bytes

    def trusted(self) -> TrustStore:
        """The authorities that count here. Raises EdsOff."""
        return self._store(self.backend())

    def why_off(self) -> str:
        """`no_backend`, `bad_anchors`, `no_anchors`, or nothing when signatures can be checked."""
        try:
            self.verifier()
        except EdsOff as error:
            return error.detail
        return ""

    def status(self) -> Mapping[str, str]:
        """For `idp doctor`: `eds` is on, or off and why; with it the library and how many certificates are trusted."""
        try:
            backend = self.backend()
            store = self._store(backend)
        except EdsOff as error:
            return {"eds": f"off: {error.description}"}
        return {"eds": "on", "eds_library": backend.name, "eds_trusted": str(len(store.anchors()))}

    def backend(self) -> Backend:
        """The library that calculates. Raises EdsOff."""
        try:
            return choose()
        except EdsOff as error:
            raise EdsOff(error.description, detail="no_backend") from error

    def _store(self, backend: Backend) -> TrustStore:
        try:
            store = self._trust.store(backend)
        except Invalid as error:
            raise EdsOff(error.description, detail="bad_anchors") from error
        if store.is_empty:
            raise EdsOff("no issuing certificate of the NCA is trusted: `idp trust check`", detail="no_anchors")
        return store

    def seal(self, evidence: Evidence, bound_to: str) -> bytes:
        """AES-256-GCM under the stored key `evidence`, bound to a row's id: a certificate holds an ИИН."""
        nonce = random_bytes(_NONCE_BYTES)
        plain = json.dumps(evidence_json.as_json(evidence), separators=(",", ":")).encode()
        return nonce + AESGCM(self._keys.secret("evidence")).encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> Evidence:
        """Raises Unavailable when it was sealed under another key or for another row."""
        try:
            cipher = AESGCM(self._keys.secret("evidence"))
            plain = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode())
        except (InvalidTag, ValueError):
            raise Unavailable(
                "the evidence cannot be opened", detail=f"sealed for another row than {bound_to}"
            ) from None
        return evidence_json.from_json(json.loads(plain))
