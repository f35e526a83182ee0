"""Names and closed tables of XML-DSig and XML-Enc: what is not here is refused.

No SHA-1, MD5, HMAC or DSA for signatures, no RSA 1.5 and no Triple DES for encryption (XML-Enc 1.1 §5, RFC 9231).
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes

DS = "http://www.w3.org/2000/09/xmldsig#"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"
DSIG_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"

ENVELOPED = DS + "enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
"""Exclusive XML Canonicalization 1.0 without comments; also the namespace of `InclusiveNamespaces`."""
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
"""Canonical XML 1.0 without comments: only where old partners are allowed."""


@dataclass(frozen=True, slots=True)
class SignatureMethod:
    """`kind` of key, `rsa` (PKCS #1 v1.5) or `ecdsa`, and the digest that goes with it."""

    kind: str
    digest: hashes.HashAlgorithm


_SHA2: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
SIGNATURES = {
    f"{DSIG_MORE}{kind}-{name}": SignatureMethod(kind, digest)
    for kind in ("rsa", "ecdsa")
    for name, digest in _SHA2.items()
}
DIGESTS = {XENC + "sha256": "sha256", DSIG_MORE + "sha384": "sha384", XENC + "sha512": "sha512"}
"""DigestMethod to the name in hashlib."""
SHA256 = XENC + "sha256"

GCM = {XENC11 + "aes256-gcm": 32, XENC11 + "aes128-gcm": 16, XENC11 + "aes192-gcm": 24}
CBC = {XENC + "aes256-cbc": 32, XENC + "aes128-cbc": 16, XENC + "aes192-cbc": 24}
"""Block encryption to the length of its key, in the order of our preference."""
OAEP_MGF1P = XENC + "rsa-oaep-mgf1p"
OAEP = XENC11 + "rsa-oaep"
REFUSED_ENCRYPTION = frozenset((XENC + "tripledes-cbc", XENC + "rsa-1_5"))
OAEP_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    DS + "sha1": hashes.SHA1(),  # noqa: S303  OAEP needs no collision resistance; the default of XML-Enc §5.5.2
    SHA256: hashes.SHA256(),
    DSIG_MORE + "sha384": hashes.SHA384(),
    XENC + "sha512": hashes.SHA512(),
}
OAEP_MASKS: dict[str, hashes.HashAlgorithm] = {
    XENC11 + "mgf1sha1": hashes.SHA1(),  # noqa: S303
    **{f"{XENC11}mgf1{name}": digest for name, digest in _SHA2.items()},
}


def ds(local: str) -> str:
    return f"{{{DS}}}{local}"


def xenc(local: str) -> str:
    return f"{{{XENC}}}{local}"
