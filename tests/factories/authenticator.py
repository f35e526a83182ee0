"""A software authenticator (WebAuthn Level 3): makes passkeys with ES256 and no attestation, and answers with them.

key = Authenticator()
answer = key.create(options, origin="http://localhost")     # `options` as the server gives them, JSON
answer = key.get(options, origin=…, verified=False, counter=7)
Every departure of a test is an argument: another origin, another RP, no user verification, a counter that goes back.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from idp.core.ids import b64url, b64url_decode, random_bytes

_PRESENT, _VERIFIED, _CAN_BACK_UP, _BACKED_UP, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Authenticator:
    """One passkey. `counter` 0 does not count, as those that are synchronised do."""

    counter: int = 0
    is_synced: bool = True
    credential_id: bytes = field(default_factory=lambda: random_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: str = ""

    @property
    def handle(self) -> str:
        return b64url(self.credential_id)

    def create(self, options: str, *, origin: str = "http://localhost:8000", rp: str = "", **flags: bool) -> str:
        """The answer to `navigator.credentials.create`, as passkey.js sends it."""
        asked = json.loads(options)
        self.user_handle = asked["user"]["id"]
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        data = self._data(rp or asked["rp"]["id"], self.counter, _ATTESTED, **flags) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = _client("webauthn.create", asked["challenge"], origin)
        return self._answer({"clientDataJSON": b64url(client), "attestationObject": b64url(attestation)})

    def get(
        self, options: str, *, origin: str = "http://localhost:8000", rp: str = "", counter: int | None = None,
        user_handle: str | None = None, **flags: bool,
    ) -> str:  # fmt: skip
        """The answer to `navigator.credentials.get`."""
        asked = json.loads(options)
        if counter is None and self.counter:
            self.counter += 1
        data = self._data(rp or asked["rpId"], self.counter if counter is None else counter, 0, **flags)
        client = _client("webauthn.get", asked["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": b64url(client),
                "authenticatorData": b64url(data),
                "signature": b64url(signature),
                "userHandle": self.user_handle if user_handle is None else user_handle,
            }
        )

    def _data(self, rp: str, counter: int, flags: int, *, verified: bool = True, backed_up: bool = True) -> bytes:
        flags |= _PRESENT | (_VERIFIED if verified else 0)
        if self.is_synced:
            flags |= _CAN_BACK_UP | (_BACKED_UP if backed_up else 0)
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> str:
        return json.dumps({"id": self.handle, "rawId": self.handle, "type": "public-key", "response": response})


def _client(kind: str, challenge: str, origin: str) -> bytes:
    assert b64url_decode(challenge)
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()
