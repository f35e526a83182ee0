"""Who signed, sealed: a verified signature that waits for the next step of its bearer. It holds an ИИН."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.core.errors import Unavailable
from idp.core.ids import random_bytes
from idp.eds.signed_by import Names, SignedBy
from idp.services import evidence


class SealedSigners:
    """AES-256-GCM under the stored key `evidence`, bound to the step, so that one step's never opens in another."""

    def __init__(self, secret: Callable[[str], bytes]) -> None:
        self._secret = secret

    def seal(self, signed_by: SignedBy, *, step: str) -> bytes:
        nonce = random_bytes(12)
        plain = json.dumps(_as_json(signed_by)).encode()
        return nonce + AESGCM(self._secret("evidence")).encrypt(nonce, plain, step.encode())

    def open(self, sealed: bytes, *, step: str) -> SignedBy:
        """Raises Unavailable when it was sealed for another step or under another key."""
        try:
            plain = AESGCM(self._secret("evidence")).decrypt(sealed[:12], sealed[12:], step.encode())
        except InvalidTag:
            raise Unavailable(
                "the signature cannot be read again", detail=f"sealed for another step than {step}"
            ) from None
        return _from_json(json.loads(plain))


def _as_json(signed_by: SignedBy) -> dict[str, Any]:
    names = signed_by.names
    return {
        "iin": signed_by.iin,
        "bin": signed_by.bin,
        "names": [names.common_name, names.family_name, names.given_name, names.middle_name],
        "organisation": signed_by.organisation,
        "roles": sorted(signed_by.roles),
        "key_storage": signed_by.key_storage,
        "algorithm": signed_by.algorithm,
        "is_production": signed_by.is_production,
        "evidence": evidence.as_json(signed_by.evidence),
    }


def _from_json(data: dict[str, Any]) -> SignedBy:
    return SignedBy(
        iin=data["iin"],
        bin=data["bin"],
        names=Names(*data["names"]),
        organisation=data["organisation"],
        roles=frozenset(data["roles"]),
        key_storage=data["key_storage"],
        algorithm=data["algorithm"],
        is_production=data["is_production"],
        evidence=evidence.from_json(data["evidence"]),
    )
