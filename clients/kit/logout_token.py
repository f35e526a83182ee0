"""Logout tokens: OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6, every check named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from idp.core.clock import epoch
from idp.core.errors import Invalid

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ALGORITHMS = ("ES256", "RS256")
"""Pinned: `none` and the HMAC family, which would take a public key for a secret, never reach a verifier."""
_FORBIDDEN = frozenset(("crit", "b64", "zip", "jwk", "jku", "x5c", "x5u"))
"""A header may name a key, not bring one, and an extension we do not know must be refused (RFC 7515 §4.1.11)."""
MAX_SIZE = 16_384
LEEWAY = 60
"""Seconds of difference between two clocks."""
MAX_LIFETIME = 3600
"""Seconds from `iat` to `exp`; bounds how long a `jti` must be remembered."""


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """A token that passed every check. At least one of `sub` and `sid` is not empty."""

    iss: str
    jti: str
    sub: str
    sid: str
    exp: int


def read_logout_token(
    unverified_token: str, *, keys: Callable[[bool], KeySet], issuer: str, client_id: str, now: datetime
) -> LogoutToken:
    """Raises Invalid with the rule that failed. `keys(True)` fetches the IdP's keys again, for an unknown kid."""
    if not unverified_token or len(unverified_token) > MAX_SIZE:
        raise Invalid("no token, or one too long")
    claims = _verified_claims(unverified_token, keys)
    moment = epoch(now)
    if claims.get("iss") != issuer:
        raise Invalid("iss is not our issuer")
    if claims.get("aud") not in (client_id, [client_id]):
        raise Invalid("aud is not this client alone")
    issued, expires = claims.get("iat"), claims.get("exp")
    if not _is_number(issued) or not _is_number(expires):
        raise Invalid("iat and exp must be numbers")
    if issued > moment + LEEWAY:
        raise Invalid("issued in the future")
    if expires <= moment - LEEWAY:
        raise Invalid("expired")
    if not 0 < expires - issued <= MAX_LIFETIME:
        raise Invalid("lives too long")
    _check_event(claims)
    return LogoutToken(
        iss=issuer, jti=_text(claims, "jti"), sub=claims.get("sub", ""), sid=claims.get("sid", ""), exp=int(expires)
    )


def _check_event(claims: dict[str, Any]) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise Invalid("events lacks the back-channel logout event")
    if "nonce" in claims:
        # §2.4: forbidden, so that an ID token is never taken for a logout token nor the other way round.
        raise Invalid("nonce is forbidden")
    if not claims.get("sub") and not claims.get("sid"):
        raise Invalid("neither sub nor sid")
    for name in ("sub", "sid"):
        if name in claims:
            _text(claims, name)


def _verified_claims(unverified_token: str, keys: Callable[[bool], KeySet]) -> dict[str, Any]:
    try:
        header = jws.extract_compact(unverified_token.encode("ascii")).headers()
    except (ValueError, JoseError):
        raise Invalid("not a JWS in compact form") from None
    if header.get("typ") != "logout+jwt":
        raise Invalid("typ is not logout+jwt")
    if not _FORBIDDEN.isdisjoint(header):
        raise Invalid("the header asks for what we do not do")
    if header.get("alg") not in ALGORITHMS:
        raise Invalid("alg is not allowed")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Invalid("no kid")
    key_set = keys(False)
    if kid not in {key.kid for key in key_set.keys}:
        key_set = keys(True)
    if kid not in {key.kid for key in key_set.keys}:
        raise Invalid("unknown kid")
    try:
        claims = _payload(jws.deserialize_compact(unverified_token, key_set, list(ALGORITHMS)).payload)
    except (ValueError, JoseError):
        raise Invalid("signature is wrong") from None
    return claims


def _payload(payload: bytes) -> dict[str, Any]:
    claims = json.loads(payload)
    if not isinstance(claims, dict):
        raise Invalid("claims are not an object")
    return claims


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value or len(value) > 255:
        raise Invalid(f"{name} must be a short string")
    return value
