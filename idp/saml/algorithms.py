"""Which of our algorithms and which of its keys a service provider's metadata lets us use.

Kantara fedinterop IIP-IDP02: who declares algorithms (alg:SigningMethod, EncryptionMethod) gets these and no others.
"""

from __future__ import annotations

from idp.saml.entity import ServiceProvider, Settings
from idp.saml.errors import RequestUnsupported
from idp.xml.keys import ALGORITHMS, keys_for

RSA, ECDSA = "rsa-sha256", "ecdsa-sha256"


def signing(provider: ServiceProvider, settings: Settings) -> str:
    """The operator's choice; else ECDSA where the metadata names it, RSA where it names that or nothing.

    Raises RequestUnsupported when it names only others: SHA-1 is never used for anybody.
    """
    if settings.algorithm:
        return settings.algorithm
    if not provider.signing_methods:
        return RSA
    for algorithm in (ECDSA, RSA):
        if ALGORITHMS[algorithm] in provider.signing_methods:
            return algorithm
    raise RequestUnsupported("your metadata names no signature algorithm that is offered here")


def is_to_encrypt(provider: ServiceProvider, wish: str) -> bool:
    """`wish` is `entity.Settings.encrypt`."""
    return wish == "always" or (wish == "auto" and bool(provider.encryption_certificates))


def encryption_key(provider: ServiceProvider) -> bytes:
    """The certificate (DER) to encrypt to.

    Raises RequestUnsupported rather than letting go in clear what was to be encrypted: no key, or only keys that
    RSA-OAEP has no use for.
    """
    fitting = keys_for("rsa", provider.encryption_certificates)
    if not fitting:
        raise RequestUnsupported("your metadata has no RSA key to encrypt to")
    return fitting[0]
