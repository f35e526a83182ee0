"""oidc/token_answer: one audience, and who may refresh."""

import pytest

from idp.oidc.client import Client
from idp.oidc.errors import InvalidTarget
from idp.oidc.token_answer import TokenAnswer, audience_of, may_refresh
from tests.factories.oidc import ISSUER, Provider, client_row

_A, _B = "https://a.example", "https://b.example"


@pytest.mark.parametrize(
    ("granted", "scopes", "asked", "audience"),
    [
        ((), ("openid",), "", ISSUER),
        ((), ("canteen:read",), "", ISSUER),
        ((_A,), ("openid",), "", _A),
        ((_A, _B), ("openid",), "", ISSUER),
        ((_A, _B), ("canteen:read",), _B, _B),
        ((_A,), ("openid",), ISSUER, ISSUER),
    ],
)
def test_a_token_has_one_audience(
    provider: Provider, granted: tuple[str, ...], scopes: tuple[str, ...], asked: str, audience: str
) -> None:
    assert audience_of(provider.server, granted, scopes, asked) == audience


@pytest.mark.parametrize(
    ("granted", "scopes", "asked"),
    [((_A, _B), ("canteen:read",), ""), ((_A,), ("openid",), _B), ((_A,), ("canteen:read",), ISSUER)],
)
def test_an_audience_that_was_not_granted_is_refused(
    provider: Provider, granted: tuple[str, ...], scopes: tuple[str, ...], asked: str
) -> None:
    with pytest.raises(InvalidTarget):
        audience_of(provider.server, granted, scopes, asked)


def test_refresh_is_for_those_who_registered_it_and_for_offline_access() -> None:
    plain = Client(client_row(grant_types=["authorization_code"]))
    assert not may_refresh(plain, ("openid",))
    assert may_refresh(plain, ("openid", "offline_access"))
    assert may_refresh(Client(client_row()), ("openid",))


def test_empty_members_are_left_out() -> None:
    assert TokenAnswer("a", "openid").as_json() == {
        "access_token": "a",
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "openid",
    }
