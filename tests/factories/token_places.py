"""The five places where a signed token is believed, each with a right token and what would make it wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey, KeySet

from clients.kit.logout_token import read_logout_token
from idp.core.clock import epoch
from idp.core.errors import Invalid
from idp.core.ids import new_id
from idp.jose import compact
from idp.jose.errors import BadToken
from idp.jose.keyring import KeyRing, SigningKey
from idp.oidc.client import Client
from idp.oidc.client_assertion import TYPE as ASSERTION_TYPE
from idp.oidc.client_auth import authenticate
from idp.oidc.errors import InvalidRequest, OidcError
from idp.oidc.id_token import read_hint
from idp.oidc.introspection import introspect
from idp.oidc.logout import logout_token
from idp.oidc.request import EndpointRequest, collect
from idp.oidc.userinfo import userinfo
from tests.factories.oidc import ISSUER, PERSON, Provider, key_of

Wrong = tuple[Mapping[str, Any], ...]
_VENDOR = key_of("ES256", "vendor-key")
_TYPES = ("JWT", "logout+jwt", "at+jwt", "secevent+jwt", "", "AT+JWT+")
_ISSUERS: Wrong = (
    {"iss": "https://evil.example"},
    {"iss": f"{ISSUER}/"},
    {"iss": None},
    {"iss": [ISSUER]},
    {"iss": ""},
)
_AUDIENCES: Wrong = (
    {"aud": "https://other.example"},
    {"aud": None},
    {"aud": []},
    {"aud": [ISSUER, "x"]},
    {"aud": {}},
)


@dataclass(frozen=True)
class Place:
    """Where a token is believed: `token` makes a right one, `accepts` shows one to it."""

    key: SigningKey
    token: Callable[[], str]
    accepts: Callable[[str], bool]
    typ: str
    types: tuple[str, ...]
    """Types of other kinds of token."""
    wrong_claims: Wrong
    """Each makes a token wrong although its signature is right; None leaves the claim out."""


def places() -> dict[str, Place]:
    """All five, of one provider with its clients `textbooks` and `vendor`."""
    provider = Provider()
    provider.add_client(
        "vendor",
        token_endpoint_auth_method="private_key_jwt",
        secret_hash="",
        jwks=KeyRing([_VENDOR]).jwks(),
        grant_types=["client_credentials"],
    )
    return {
        "UserInfo": _userinfo(provider),
        "introspection": _introspection(provider),
        "id_token_hint": _hint(provider),
        "client_assertion": _assertion(provider),
        "logout_token": _logout(provider),
    }


def _ours(provider: Provider) -> SigningKey:
    return provider.ring.signing("ES256")


def _access_claims(provider: Provider) -> Wrong:
    now = epoch(provider.clock.now())
    expiries: Wrong = tuple({"exp": value} for value in (now, now - 1, 0, -1, None, "soon"))
    ids: Wrong = ({"jti": None}, {"jti": "short"}, {"jti": "A" * 38}, {"client_id": "nobody"}, {"client_id": None})
    return (*expiries, *ids, *_ISSUERS, {"aud": None}, {"aud": []}, {"aud": [ISSUER, "x"]})


def _userinfo(provider: Provider) -> Place:
    right = provider.tokens().access_token

    def accepts(token: str) -> bool:
        try:
            return bool(userinfo(provider.server, provider.unit, token))
        except OidcError:
            return False

    wrong = (*_access_claims(provider), *_AUDIENCES)
    return Place(_ours(provider), lambda: right, accepts, "at+jwt", _but("at+jwt"), wrong)


def _introspection(provider: Provider) -> Place:
    right = provider.tokens().access_token

    def accepts(token: str) -> bool:
        try:
            return bool(introspect(provider.server, provider.unit, provider.call(token=token))["active"])
        except InvalidRequest:
            return False

    return Place(_ours(provider), lambda: right, accepts, "at+jwt", _but("at+jwt"), _access_claims(provider))


def _hint(provider: Provider) -> Place:
    right = provider.tokens().id_token

    def accepts(token: str) -> bool:
        try:
            return bool(read_hint(provider.server, token).client_id)
        except BadToken:
            return False

    wrong: Wrong = (*_ISSUERS, {"aud": None}, {"aud": ["textbooks"]}, {"aud": {}}, {"events": {}})
    return Place(_ours(provider), lambda: right, accepts, "JWT", _but("JWT"), wrong)


def _assertion(provider: Provider) -> Place:
    now = epoch(provider.clock.now())

    def right() -> str:
        claims = {"iss": "vendor", "sub": "vendor", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": new_id()}
        return compact.sign(claims, _VENDOR, typ="JWT")

    def accepts(token: str) -> bool:
        fields = [("client_assertion", token), ("client_assertion_type", ASSERTION_TYPE)]
        try:
            return bool(authenticate(provider.server, provider.unit, EndpointRequest(collect(fields))))
        except OidcError:
            return False

    times: tuple[object, ...] = (now, now - 1, 0, -1, now + 4000, "soon", None, True, [])
    expiries: Wrong = tuple({"exp": value} for value in times)
    subjects: Wrong = ({"sub": "textbooks"}, {"sub": None}, {"sub": ["vendor"]}, {"sub": "vendor\x00"})
    rest: Wrong = ({"iss": "textbooks"}, {"jti": None}, {"jti": ""}, {"iat": now + 999}, {"nbf": now + 999})
    types = ("logout+jwt", "at+jwt", "secevent+jwt")
    return Place(_VENDOR, right, accepts, "JWT", types, (*expiries, *_AUDIENCES, *subjects, *rest))


def _logout(provider: Provider) -> Place:
    keys = KeySet([ECKey.import_key({**_ours(provider).public_jwk()})])
    now = provider.clock.now()

    def right() -> str:
        client = Client(provider.world.clients["textbooks"])
        return logout_token(provider.server, client, person_id=PERSON, session_id=new_id())

    def accepts(token: str) -> bool:
        try:
            found = read_logout_token(token, keys=lambda _again: keys, issuer=ISSUER, client_id="textbooks", now=now)
        except Invalid:
            return False
        return bool(found)

    events: Wrong = ({"events": None}, {"events": {}}, {"events": []}, {"nonce": "n"}, {"sub": "", "sid": ""})
    rest: Wrong = (
        {"jti": None},
        {"aud": "other"},
        {"aud": ["textbooks", "x"]},
        {"exp": epoch(now) - 61},
        {"exp": None},
    )
    return Place(_ours(provider), right, accepts, "logout+jwt", _but("logout+jwt"), (*_ISSUERS, *events, *rest))


def _but(right: str) -> tuple[str, ...]:
    return tuple(one for one in _TYPES if one != right)
