"""oidc/grants/refresh_token: rotated, never wider, and reuse ends the family."""

from __future__ import annotations

import pytest

from idp.core.ids import new_id
from idp.jose import compact
from idp.oidc import opaque
from idp.oidc.errors import InvalidGrant, InvalidScope, InvalidTarget, UnauthorizedClient
from tests.factories.oidc import ISSUER, Provider


def test_each_use_gives_the_next_one(provider: Provider) -> None:
    first = provider.tokens()
    second = provider.refresh(first.refresh_token)
    third = provider.refresh(second.refresh_token)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    identity = compact.read(second.id_token, typ=("jwt",)).unverified_claims
    assert "nonce" not in identity
    original = compact.read(first.id_token, typ=("jwt",)).unverified_claims
    assert identity["auth_time"] == original["auth_time"]


def test_reuse_ends_the_family(provider: Provider) -> None:
    first = provider.tokens()
    second = provider.refresh(first.refresh_token)
    with pytest.raises(InvalidGrant):
        provider.refresh(first.refresh_token)
    assert provider.world.event_names()[-1] == "refresh_reused"
    with pytest.raises(InvalidGrant):
        provider.refresh(second.refresh_token)


def test_a_forged_token_ends_nothing(provider: Provider) -> None:
    answer = provider.tokens()
    forged = answer.refresh_token[:-6] + "AAAAAA"
    with pytest.raises(InvalidGrant):
        provider.refresh(forged)
    other = opaque.mint(b"another key", opaque.REFRESH, next(iter(provider.world.grants))).text
    with pytest.raises(InvalidGrant):
        provider.refresh(other)
    assert provider.refresh(answer.refresh_token)


def test_a_token_of_a_grant_that_is_gone_is_refused(provider: Provider) -> None:
    token = opaque.mint(provider.server.token_key, opaque.REFRESH, new_id()).text
    with pytest.raises(InvalidGrant):
        provider.refresh(token)


def test_another_client_cannot_use_it_and_does_not_end_it(provider: Provider) -> None:
    provider.add_client("cabinet")
    answer = provider.tokens()
    with pytest.raises(InvalidGrant):
        provider.refresh(answer.refresh_token, "cabinet")
    assert provider.refresh(answer.refresh_token)


def test_a_refresh_may_narrow_and_never_widen(provider: Provider) -> None:
    answer = provider.tokens(scope="openid profile")
    with pytest.raises(InvalidScope):
        provider.refresh(answer.refresh_token, scope="openid profile email")
    narrow = provider.refresh(answer.refresh_token, scope="openid")
    assert narrow.scope == "openid"
    assert provider.refresh(narrow.refresh_token).scope == "openid profile"


def test_what_the_operator_took_back_is_left_out(provider: Provider) -> None:
    answer = provider.tokens(scope="openid profile email")
    provider.add_client(approved_scopes=["openid", "profile"])
    assert provider.refresh(answer.refresh_token).scope == "openid profile"


def test_one_refresh_token_yields_a_token_per_module(provider: Provider) -> None:
    modules = ["https://canteen.example", "https://attendance.example"]
    provider.add_client(resources=modules)
    params = provider.params()
    asked = type(params)(params.values, tuple(modules), params.repeated)
    answer = provider.redeem(provider.came_back(asked)["code"])
    assert compact.read(answer.access_token, typ=("at+jwt",)).unverified_claims["aud"] == ISSUER
    for module in (*modules, ISSUER):
        answer = provider.refresh(answer.refresh_token, resource=module)
        assert compact.read(answer.access_token, typ=("at+jwt",)).unverified_claims["aud"] == module
    with pytest.raises(InvalidTarget):
        provider.refresh(answer.refresh_token, resource="https://lms.example")


def test_it_slides_for_thirty_days_and_ends_after_half_a_year(provider: Provider) -> None:
    token = provider.tokens().refresh_token
    for _ in range(6):
        provider.clock.advance(days=29)
        token = provider.refresh(token).refresh_token
    provider.clock.advance(days=7)
    with pytest.raises(InvalidGrant):
        provider.refresh(token)


def test_unused_it_ends_after_thirty_days(provider: Provider) -> None:
    token = provider.tokens().refresh_token
    provider.clock.advance(days=30)
    with pytest.raises(InvalidGrant):
        provider.refresh(token)


@pytest.mark.parametrize("gone", ["person", "membership"])
def test_nothing_for_who_has_ended(provider: Provider, gone: str) -> None:
    token = provider.tokens(scope="openid offline_access").refresh_token
    (grant,) = provider.world.grants.values()
    provider.world.gone.add(grant[f"{gone}_id"])
    with pytest.raises(InvalidGrant):
        provider.refresh(token)
    assert not grant["revoked_at"], "ending is no reuse"


def test_it_ends_with_the_session_unless_offline(provider: Provider) -> None:
    tied, free = provider.tokens(), provider.tokens(scope="openid offline_access")
    (session,) = provider.world.sessions.values()
    provider.world.gone.add(session.id)
    with pytest.raises(InvalidGrant):
        provider.refresh(tied.refresh_token)
    assert provider.refresh(free.refresh_token)


def test_a_client_may_have_rotation_off(provider: Provider) -> None:
    provider.add_client(bilim_refresh_rotation=False)
    token = provider.tokens().refresh_token
    assert provider.refresh(token).refresh_token == provider.refresh(token).refresh_token == token


def test_a_public_client_always_rotates(provider: Provider) -> None:
    provider.add_client("app", token_endpoint_auth_method="none", secret_hash="", bilim_refresh_rotation=False)
    token = provider.redeem(provider.code(client_id="app"), "app", secret="").refresh_token
    assert provider.refresh(token, "app", secret="").refresh_token != token


def test_a_client_without_the_grant_type_is_told_so(provider: Provider) -> None:
    token = provider.tokens().refresh_token
    provider.add_client(grant_types=["authorization_code"], approved_scopes=["openid"])
    with pytest.raises(UnauthorizedClient):
        provider.refresh(token)
