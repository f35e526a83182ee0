"""Our keys with their certificates, and the public keys of others. Each is parsed once (RSA takes its time)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

import xmlsec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from idp.core.ids import random_bytes
from idp.xml.algorithms import DSIG_MORE
from idp.xml.errors import BadKey

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

ALGORITHMS = {"rsa-sha256": DSIG_MORE + "rsa-sha256", "ecdsa-sha256": DSIG_MORE + "ecdsa-sha256"}
"""What we sign with, to its name in XML."""
_MIN_RSA_BITS, _MAX_RSA_BITS = 2048, 8192
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


@dataclass(frozen=True)
class Credential:
    """A private key (PEM, PKCS#8) with its certificate (DER). Shared by all threads; keeps what it has parsed."""

    private_key_pem: bytes = field(repr=False)
    certificate: bytes
    algorithm: str

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise BadKey("not an algorithm of ours", detail=self.algorithm)

    @cached_property
    def private_key(self) -> PrivateKey:
        """The numbers of RSA are not checked again, for 38 ms: the key is ours. Raises BadKey."""
        try:
            key = load_pem_private_key(self.private_key_pem, password=None, unsafe_skip_rsa_key_validation=True)
        except (ValueError, TypeError) as error:
            raise BadKey("the private key cannot be read") from error
        expected = rsa.RSAPrivateKey if self.algorithm.startswith("rsa") else ec.EllipticCurvePrivateKey
        if not isinstance(key, expected) or key.public_key() != public_key(self.certificate):
            raise BadKey("private key, certificate and algorithm do not belong together")
        return key

    @cached_property
    def certificate_text(self) -> str:
        """The certificate for ds:X509Certificate: base64 of DER in one line."""
        return base64.b64encode(self.certificate).decode("ascii")


def generate(algorithm: str, *, common_name: str, now: datetime, years: int = 20, bits: int = 2048) -> Credential:
    """A new key, RSA of `bits` or P-256, with a self-signed certificate: in SAML only its key counts."""
    key: PrivateKey
    if algorithm == "rsa-sha256":
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    elif algorithm == "ecdsa-sha256":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        raise BadKey("not an algorithm of ours", detail=algorithm)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(b"\x01" + random_bytes(15)))
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365 * years + years // 4))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Credential(pem, certificate.public_bytes(Encoding.DER), algorithm)


@lru_cache(maxsize=4096)
def public_key(certificate: bytes) -> PublicKey:
    """The key in a certificate (DER). Dates and issuer are not looked at: metadata vouches (SAML Metadata IOP §2.5).

    Raises BadKey for anything but RSA of 2048 to 8192 bits and the NIST curves.
    """
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise BadKey("the certificate cannot be read", detail=str(error)[:200]) from error
    if isinstance(key, rsa.RSAPublicKey):
        if _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS:
            return key
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    raise BadKey("the certificate's key is not accepted")


@lru_cache(maxsize=4096)
def verifying_key(certificate: bytes) -> xmlsec.Key:
    """The same key for xmlsec; only the public key goes in, nothing else of the certificate. Raises BadKey."""
    der = public_key(certificate).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatDer)


def kind_of(key: PublicKey | PrivateKey) -> str:
    """`rsa` or `ecdsa`."""
    return "rsa" if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey) else "ecdsa"


def keys_for(kind: str, certificates: tuple[bytes, ...]) -> list[bytes]:
    """Those certificates whose key is of that kind; one that cannot be used hides no other."""
    fitting = []
    for certificate in dict.fromkeys(certificates):
        try:
            if kind_of(public_key(certificate)) == kind:
                fitting.append(certificate)
        except BadKey:
            continue
    return fitting
