"""oidc/grants/authorization_code: a code works once, for who asked for it, for a minute."""

from __future__ import annotations

from typing import Any

import pytest

from idp.jose import compact
from idp.oidc import opaque
from idp.oidc.errors import InvalidGrant, InvalidRequest, InvalidTarget, OidcError
from idp.oidc.userinfo import userinfo
from tests.factories.oidc import ISSUER, PERSON, SECRET, VERIFIER, Provider


def test_a_code_becomes_tokens(provider: Provider) -> None:
    answer = provider.redeem(provider.code())
    access = compact.read(answer.access_token, typ=("at+jwt",)).unverified_claims
    identity = compact.read(answer.id_token, typ=("jwt",)).unverified_claims
    assert access["aud"] == ISSUER
    assert access["exp"] - access["iat"] == 600
    assert identity["nonce"] == "the nonce"
    assert identity["sub"] == access["sub"] != PERSON
    assert identity["amr"] == ["pwd"]
    assert answer.refresh_token
    assert provider.world.event_names() == ["code_issued", "tokens_issued"]


def test_a_reused_code_revokes_what_it_gave(provider: Provider) -> None:
    code = provider.code()
    answer = provider.redeem(code)
    with pytest.raises(InvalidGrant):
        provider.redeem(code)
    assert provider.world.event_names()[-1] == "code_reused"
    with pytest.raises(InvalidGrant):
        provider.refresh(answer.refresh_token)
    with pytest.raises(OidcError):
        userinfo(provider.server, provider.unit, answer.access_token)


def test_a_code_reused_after_it_expired_revokes_too(provider: Provider) -> None:
    code = provider.code()
    provider.redeem(code)
    provider.clock.advance(minutes=2)
    with pytest.raises(InvalidGrant):
        provider.redeem(code)
    assert all(grant["revoked_at"] for grant in provider.world.grants.values())


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://textbooks.example/other"},
        {"code_verifier": "another-verifier-of-the-tests-0123456789-abcdef"},
        {"code_verifier": ""},
    ],
)
def test_a_wrong_attempt_does_not_spend_the_code(provider: Provider, changes: dict[str, str]) -> None:
    code = provider.code()
    with pytest.raises(InvalidGrant):
        provider.redeem(code, **changes)
    assert provider.redeem(code).access_token


def test_a_verifier_without_a_challenge_fails(provider: Provider) -> None:
    provider.add_client("moodle", profile="legacy")
    code = provider.code(client_id="moodle", code_challenge="", code_challenge_method="")
    with pytest.raises(InvalidGrant):
        provider.redeem(code, "moodle", code_verifier=VERIFIER)
    assert provider.redeem(code, "moodle", code_verifier="").access_token


@pytest.mark.parametrize("verifier", ["short", "x" * 129, "ә" * 43, "a" * 42 + "!"])
def test_a_malformed_verifier_is_an_invalid_request(provider: Provider, verifier: str) -> None:
    with pytest.raises(InvalidRequest):
        provider.redeem(provider.code(), code_verifier=verifier)


def test_another_client_cannot_redeem_a_code(provider: Provider) -> None:
    provider.add_client("cabinet")
    code = provider.code()
    with pytest.raises(InvalidGrant):
        provider.redeem(code, "cabinet")
    assert provider.redeem(code).access_token


def test_a_code_lives_a_minute(provider: Provider) -> None:
    code = provider.code()
    provider.clock.advance(seconds=60)
    with pytest.raises(InvalidGrant):
        provider.redeem(code)


@pytest.mark.parametrize("gone", ["person", "membership", "session"])
def test_nothing_for_who_has_ended_meanwhile(provider: Provider, gone: str) -> None:
    code = provider.code(scope="openid offline_access")
    (grant,) = provider.world.grants.values()
    provider.world.gone.add(grant[f"{gone}_id"])
    with pytest.raises(InvalidGrant):
        provider.redeem(code)


@pytest.mark.parametrize("fake", ["", "x", "A" * 86, "ә" * 86])
def test_a_made_up_code_costs_nothing_and_revokes_nothing(provider: Provider, fake: str) -> None:
    provider.tokens()
    with pytest.raises((InvalidGrant, InvalidRequest)):
        provider.redeem(fake)
    assert not any(grant["revoked_at"] for grant in provider.world.grants.values())


def test_a_refresh_token_is_no_code(provider: Provider) -> None:
    answer = provider.tokens()
    with pytest.raises(InvalidGrant):
        provider.redeem(answer.refresh_token)
    assert provider.refresh(answer.refresh_token)


def test_the_one_granted_resource_is_the_audience(provider: Provider) -> None:
    canteen = "https://canteen.example"
    provider.add_client(resources=[canteen, "https://attendance.example"])
    answer = provider.tokens(resource=canteen)
    assert compact.read(answer.access_token, typ=("at+jwt",)).unverified_claims["aud"] == canteen
    code = provider.code(resource=canteen)
    with pytest.raises(InvalidTarget):
        provider.redeem(code, resource="https://attendance.example")
    assert provider.redeem(code, resource=ISSUER), "a refused wish leaves the code as it was"


def test_without_openid_there_is_no_id_token(provider: Provider) -> None:
    answer = provider.tokens(scope="profile")
    assert answer.id_token == ""
    assert "id_token" not in answer.as_json()


def test_a_client_without_refresh_gets_no_refresh_token(provider: Provider) -> None:
    provider.add_client(grant_types=["authorization_code"])
    assert provider.tokens().refresh_token == ""
    assert provider.tokens(scope="openid offline_access").refresh_token


def test_a_missing_key_shows_before_the_code_is_spent(provider: Provider) -> None:
    ring = provider.ring
    code = provider.code()
    provider.ring = type(ring)([])
    with pytest.raises(Exception, match="no active ES256 key"):
        provider.redeem(code)
    provider.ring = ring
    assert provider.redeem(code)


def test_an_rs256_client_gets_an_rs256_id_token(provider: Provider) -> None:
    provider.add_client(id_token_signed_response_alg="RS256")
    assert compact.read(provider.tokens().id_token, typ=("jwt",)).alg == "RS256"


def test_the_code_is_the_same_length_for_everybody(provider: Provider) -> None:
    codes: dict[str, Any] = {provider.code(): None for _ in range(5)}
    assert len(codes) == 5
    assert {len(code) for code in codes} == {opaque.LENGTH}


def test_a_public_client_redeems_with_its_verifier_alone(provider: Provider) -> None:
    provider.add_client("app", token_endpoint_auth_method="none", secret_hash="")
    code = provider.code(client_id="app")
    assert provider.redeem(code, "app", secret="").access_token
    with pytest.raises(OidcError):
        provider.redeem(provider.code(client_id="app"), "app", secret=SECRET)
