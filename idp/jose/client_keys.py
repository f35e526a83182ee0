"""Public keys of clients: read from their JWK Sets, kept parsed, and used to check what they signed.

Foreign key sets are untrusted input: private and symmetric members, odd curves and short RSA keys are left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError as JoserfcError
from joserfc.jwk import ECKey, RSAKey

from idp.jose.algorithms import PublicKey, fits
from idp.jose.compact import Unverified, verify
from idp.jose.errors import BadKey, BadToken, UnknownKey

MAX_KEYS = 20


def check_jwks(jwks: object) -> None:
    """Raises BadKey unless `jwks` is a JWK Set of public keys with at least one we can use and distinct `kid`s."""
    if not isinstance(jwks, Mapping) or not isinstance(jwks.get("keys"), list):
        raise BadKey("not a JWK Set")
    keys = jwks["keys"]
    if len(keys) > MAX_KEYS or not all(isinstance(key, Mapping) for key in keys):
        raise BadKey("not a JWK Set of bearable size")
    if any("d" in key or "k" in key for key in keys):
        raise BadKey("the set holds a private or symmetric key")
    kids = [key.get("kid") for key in keys if key.get("kid")]
    if len(set(kids)) != len(kids):
        raise BadKey("two keys share one kid")
    if not any(_parse(key) for key in keys):
        raise BadKey("the set holds no usable signing key")


def verify_with(token: Unverified, jwks: Mapping[str, Any], *, algs: Collection[str]) -> dict[str, Any]:
    """The claims of a token signed by a client. `algs` pins what the client registered.

    Raises UnknownKey when no key of the set fits (the set may be stale), BadToken when the signature is wrong.
    """
    if token.alg not in algs:
        raise BadToken("algorithm not registered for this client")
    candidates = [jwk for jwk in jwks.get("keys", [])[:MAX_KEYS] if _may_verify(jwk, token)]
    keys = [key for key in map(_parse, candidates) if key is not None and fits(token.alg, key)]
    if not keys:
        raise UnknownKey("no key of the client fits")
    for key in keys:
        try:
            return verify(token, key, alg=token.alg)
        except BadToken:
            continue
    raise BadToken("signature does not verify")


def _may_verify(jwk: object, token: Unverified) -> bool:
    if not isinstance(jwk, Mapping) or jwk.get("use", "sig") != "sig" or jwk.get("alg", token.alg) != token.alg:
        return False
    return not token.kid or jwk.get("kid") in (token.kid, None)


def _parse(jwk: Mapping[str, Any]) -> PublicKey | None:
    fields = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}.get(str(jwk.get("kty")))
    if fields is None or not all(isinstance(jwk.get(name), str) and len(jwk[name]) < 1400 for name in fields):
        return None
    return _import(json.dumps({name: jwk[name] for name in fields}))


@lru_cache(maxsize=256)
def _import(jwk: str) -> PublicKey | None:
    members = json.loads(jwk)
    kind = ECKey if members["kty"] == "EC" else RSAKey
    try:
        key = kind.import_key(members).public_key
    except (JoserfcError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, EllipticCurvePublicKey | RSAPublicKey) and any(fits(alg, key) for alg in ("ES256", "RS256")):
        return key
    return None
