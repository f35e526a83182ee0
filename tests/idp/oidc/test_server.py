"""oidc/server: addresses come from configuration, never from a Host header."""

from tests.factories.oidc import ISSUER, Provider


def test_addresses_are_under_the_issuer(provider: Provider) -> None:
    assert provider.server.url("/oauth/token") == f"{ISSUER}/oauth/token"


def test_the_token_key_is_the_stored_one(provider: Provider) -> None:
    assert provider.server.token_key.startswith(b"token")
