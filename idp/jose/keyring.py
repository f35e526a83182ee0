"""Our signing keys: next → active → retired. JWKS shows all three, the active one signs (OIDC Core §10.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import ECKey, RSAKey

from idp.jose.algorithms import PrivateKey, PublicKey, fits
from idp.jose.errors import BadKey, NoSigningKey

STATES = ("next", "active", "retired")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One private key with its `kid` and the one algorithm it is used for (RFC 8725 §3.9: one key, one use)."""

    kid: str
    alg: str
    state: str
    private_key: PrivateKey
    public_key: PublicKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.state not in STATES or not fits(self.alg, self.private_key):
            raise BadKey(f"key {self.kid} is not a {self.alg} key in a known state")
        object.__setattr__(self, "public_key", self.private_key.public_key())

    @classmethod
    def from_pem(cls, kid: str, alg: str, state: str, pem: bytes) -> SigningKey:
        """Parses PKCS#8 that we made and sealed: RSA's numbers are not checked again, for 38 ms. Raises BadKey."""
        try:
            private_key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
        except ValueError as error:
            raise BadKey(f"key {kid} cannot be read") from error
        if not isinstance(private_key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise BadKey(f"key {kid} is neither EC nor RSA")
        return cls(kid, alg, state, private_key)

    def public_jwk(self) -> dict[str, str]:
        """The public half as a JWK with `kid`, `use` and `alg` (RFC 7517 §4)."""
        jwk = _jose_key(self.public_key).as_dict(private=False)
        return {str(name): str(value) for name, value in jwk.items()} | {"kid": self.kid, "use": "sig", "alg": self.alg}


class KeyRing:
    """An immutable set of our keys; a rotation makes a new ring."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        self._by_kid = {key.kid: key for key in keys}
        if len(self._by_kid) != len(keys):
            raise BadKey("two keys share one kid")
        self._signing = {key.alg: key for key in keys if key.state == "active"}

    def signing(self, alg: str) -> SigningKey:
        """The active key of an algorithm. Raises NoSigningKey."""
        key = self._signing.get(alg)
        if key is None:
            raise NoSigningKey(f"no active {alg} key: run `idp keys init`")
        return key

    def verifying(self, kid: str) -> SigningKey | None:
        """The key that signed a token of ours, whatever its state."""
        return self._by_kid.get(kid)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The JWK Set for clients (RFC 7517 §5): public halves only."""
        return {"keys": [key.public_jwk() for key in self._by_kid.values()]}


def generate_pem(alg: str) -> bytes:
    """A new private key for ES256 or RS256 (3072 bits would cost three times the signing time) as PKCS#8 PEM."""
    key: PrivateKey
    if alg == "ES256":
        key = ec.generate_private_key(ec.SECP256R1())
    elif alg == "RS256":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        raise BadKey(f"no keys are made for {alg}")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def thumbprint(key: PublicKey) -> str:
    """The JWK thumbprint of a public key (RFC 7638), SHA-256, base64url."""
    return _jose_key(key).thumbprint()


def _jose_key(key: PublicKey) -> ECKey | RSAKey:
    return ECKey.import_key(key) if isinstance(key, ec.EllipticCurvePublicKey) else RSAKey.import_key(key)
