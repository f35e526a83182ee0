"""Signatures over octets: the query of the Redirect binding (SAML Bindings §3.4.4.1), SignedInfo of a stream.

ECDSA signatures are the two numbers side by side (RFC 9231 §2.3.6), as in XML; partners that send the DER form, as
Java makes it, are understood too.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import HashAlgorithm

from idp.xml.algorithms import SIGNATURES
from idp.xml.errors import BadSignature
from idp.xml.keys import ALGORITHMS, Credential, PublicKey, keys_for, public_key


def sign_octets(data: bytes, credential: Credential) -> tuple[str, bytes]:
    """The algorithm's URI and the signature. Raises BadKey."""
    name = ALGORITHMS[credential.algorithm]
    digest = SIGNATURES[name].digest
    key = credential.private_key
    if isinstance(key, rsa.RSAPrivateKey):
        return name, key.sign(data, padding.PKCS1v15(), digest)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
    size = _size(key.curve)
    return name, r.to_bytes(size) + s.to_bytes(size)


def verify_octets(data: bytes, signature: bytes, algorithm: str, certificates: Sequence[bytes]) -> None:
    """Returns when `signature` over `data` is by the key of a certificate (DER). Raises BadSignature."""
    method = SIGNATURES.get(algorithm)
    if method is None:
        raise BadSignature("the signature's algorithm is not accepted", detail=algorithm[:200])
    fitting = keys_for(method.kind, tuple(certificates))
    if not fitting:
        raise BadSignature("no key of the partner fits the signature")
    if not any(_holds(public_key(certificate), data, signature, method.digest) for certificate in fitting):
        raise BadSignature("the signature does not hold")


def _holds(key: PublicKey, data: bytes, signature: bytes, digest: HashAlgorithm) -> bool:
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), digest)
        else:
            key.verify(_der(signature, _size(key.curve)), data, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True


def _der(signature: bytes, size: int) -> bytes:
    if len(signature) != 2 * size:
        return signature
    return encode_dss_signature(int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))


def _size(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8
