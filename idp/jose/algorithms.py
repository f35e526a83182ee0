"""The signature algorithms we speak, each tied to one key type. Everything else does not exist here.

`none` and HMAC are absent on purpose: an RSA public key used as an HMAC secret forges any token (CVE-2024-37568).
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm, RSAPSSAlgorithm

from idp.jose.errors import BadKey

PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey
PublicKey = EllipticCurvePublicKey | RSAPublicKey

MIN_RSA_BITS = 2048

_ALGORITHMS: dict[str, tuple[Any, tuple[type, ...]]] = {
    "ES256": (ECAlgorithm(ECAlgorithm.SHA256), (EllipticCurvePrivateKey, EllipticCurvePublicKey)),
    "RS256": (RSAAlgorithm(RSAAlgorithm.SHA256), (RSAPrivateKey, RSAPublicKey)),
    "PS256": (RSAPSSAlgorithm(RSAPSSAlgorithm.SHA256), (RSAPrivateKey, RSAPublicKey)),
}
SUPPORTED = tuple(_ALGORITHMS)


def fits(alg: str, key: object) -> bool:
    """True when `alg` is one of ours and `key` is of its type, curve and least size (RFC 7518 §3.3, §3.4)."""
    known = _ALGORITHMS.get(alg)
    if known is None or not isinstance(key, known[1]):
        return False
    if isinstance(key, EllipticCurvePrivateKey | EllipticCurvePublicKey):
        return key.curve.name == "secp256r1"
    return isinstance(key, RSAPrivateKey | RSAPublicKey) and key.key_size >= MIN_RSA_BITS


def sign(alg: str, key: PrivateKey, message: bytes) -> bytes:
    """The raw JWS signature. Raises BadKey when key and algorithm do not belong together."""
    if not fits(alg, key):
        raise BadKey(f"key does not fit {alg}")
    return bytes(_ALGORITHMS[alg][0].sign(message, key))


def is_genuine(alg: str, key: PublicKey, message: bytes, signature: bytes) -> bool:
    """True when `signature` over `message` was made with the private half of `key`."""
    return fits(alg, key) and bool(_ALGORITHMS[alg][0].verify(message, key, signature))
