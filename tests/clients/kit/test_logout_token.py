"""Every shape of a logout token that must not end a session, and the ones that may."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from clients.kit.logout_token import EVENT, LogoutToken, read_logout_token
from idp.core.clock import FixedClock, epoch
from idp.core.errors import Invalid
from idp.core.ids import b64url
from tests.fakes.openid_provider import OpenIdProvider

ID = "textbooks"


def read(provider: OpenIdProvider, token: str) -> LogoutToken:
    keys = KeySet([ECKey.import_key(provider.key.as_dict(private=False))])
    return read_logout_token(
        token, keys=lambda _again: keys, issuer=provider.issuer, client_id=ID, now=provider.clock.now()
    )


def test_a_right_token_names_its_session(provider: OpenIdProvider) -> None:
    found = read(provider, provider.logout_token(ID, jti="one", sid="sid-9"))
    assert (found.jti, found.sid, found.sub) == ("one", "sid-9", "sub-aigerim")


@pytest.mark.parametrize("dropped", ["sub", "sid"])
def test_one_of_sub_and_sid_is_enough(provider: OpenIdProvider, dropped: str) -> None:
    assert getattr(read(provider, provider.logout_token(ID, drop=(dropped,))), dropped) == ""


def test_the_audience_may_be_a_list_of_one(provider: OpenIdProvider) -> None:
    assert read(provider, provider.logout_token(ID, aud=[ID]))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"aud": "cabinet"},
        {"aud": [ID, "cabinet"]},
        {"aud": []},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 256},
        {"events": {}},
        {"events": [EVENT]},
        {"events": {EVENT: "yes"}},
        {"events": "logout"},
        {"nonce": "n"},
        {"nonce": None},
        {"sub": "", "sid": ""},
        {"sub": 5},
        {"sid": ["a"]},
        {"iat": "now"},
        {"iat": True},
        {"exp": None},
    ],
)
def test_a_wrong_claim_is_refused(provider: OpenIdProvider, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read(provider, provider.logout_token(ID, **changes))


@pytest.mark.parametrize("missing", ["iss", "aud", "iat", "exp", "jti", "events"])
def test_a_missing_claim_is_refused(provider: OpenIdProvider, missing: str) -> None:
    with pytest.raises(Invalid):
        read(provider, provider.logout_token(ID, drop=(missing,)))


def test_neither_sub_nor_sid_is_refused(provider: OpenIdProvider) -> None:
    with pytest.raises(Invalid, match="neither"):
        read(provider, provider.logout_token(ID, drop=("sub", "sid")))


@pytest.mark.parametrize(("issued", "expires"), [(-400, -200), (200, 400), (0, 0), (0, 7200), (10, 5)])
def test_times_that_do_not_fit_are_refused(
    provider: OpenIdProvider, clock: FixedClock, issued: int, expires: int
) -> None:
    now = epoch(clock.now())
    with pytest.raises(Invalid):
        read(provider, provider.logout_token(ID, iat=now + issued, exp=now + expires))


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": "at+jwt"}, {"kid": "other"}, {"kid": ""}])
def test_a_wrong_header_is_refused(provider: OpenIdProvider, header: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read(provider, provider.logout_token(ID, header=header))


@pytest.mark.parametrize("header", [{"crit": None}, {"crit": []}, {"crit": ["exp"]}, {"jwk": {}}, {"x5c": []}])
def test_a_header_that_brings_a_key_or_an_extension_is_refused(
    provider: OpenIdProvider, header: dict[str, Any]
) -> None:
    _head, body, tail = provider.logout_token(ID).split(".")
    spoiled = {"alg": "ES256", "kid": "key-1", "typ": "logout+jwt"} | header
    with pytest.raises(Invalid, match="header"):
        read(provider, f"{b64url(json.dumps(spoiled).encode())}.{body}.{tail}")


@pytest.mark.parametrize("header", [{"typ": "logout+jwt"}, {"kid": "key-1"}])
def test_a_header_without_typ_or_kid_is_refused(provider: OpenIdProvider, header: dict[str, Any]) -> None:
    claims = jwt.decode(provider.logout_token(ID), provider.key).claims
    with pytest.raises(Invalid):
        read(provider, jwt.encode({"alg": "ES256"} | header, claims, provider.key))


def test_another_key_under_the_same_kid_is_refused(provider: OpenIdProvider) -> None:
    right = provider.logout_token(ID)
    foreign = ECKey.generate_key("P-256", {"kid": "key-1"})
    provider.key, own = foreign, provider.key
    forged = provider.logout_token(ID)
    provider.key = own
    with pytest.raises(Invalid, match="signature"):
        read(provider, forged)
    assert read(provider, right)


def test_a_public_key_used_as_a_secret_is_refused(provider: OpenIdProvider) -> None:
    header = b64url(b'{"alg": "HS256", "kid": "key-1", "typ": "logout+jwt"}')
    signed = f"{header}.{provider.logout_token(ID).split('.')[1]}"
    mac = hmac.new(provider.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    with pytest.raises(Invalid, match="alg"):
        read(provider, f"{signed}.{b64url(mac)}")


def test_alg_none_is_refused(provider: OpenIdProvider) -> None:
    parts = provider.logout_token(ID).split(".")
    header = "eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCIsImtpZCI6ImtleS0xIn0"
    for signature in ("", parts[2]):
        with pytest.raises(Invalid, match="alg"):
            read(provider, f"{header}.{parts[1]}.{signature}")


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "a.b.c.d", "жеті", "x" * 20_000, "e30.e30.e30"])
def test_text_that_is_no_token_is_refused(provider: OpenIdProvider, text: str) -> None:
    with pytest.raises(Invalid):
        read(provider, text)


def test_an_unknown_kid_asks_for_the_keys_once_more(provider: OpenIdProvider) -> None:
    asked = []
    keys = KeySet([ECKey.import_key(provider.key.as_dict(private=False))])

    def fetch(again: bool) -> KeySet:
        asked.append(again)
        return keys if again else KeySet([])

    token = provider.logout_token(ID)
    assert read_logout_token(token, keys=fetch, issuer=provider.issuer, client_id=ID, now=provider.clock.now())
    assert asked == [False, True]
