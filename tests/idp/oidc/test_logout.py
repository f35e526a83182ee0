"""oidc/logout: who may end a session unasked, and what clients are told."""

from __future__ import annotations

import pytest

from idp.jose import compact
from idp.oidc.client import Client
from idp.oidc.errors import PageError
from idp.oidc.logout import LOGOUT_EVENT, LogoutRequest, check, logout_token, may_end_unasked
from idp.oidc.request import collect
from tests.factories.oidc import ISSUER, PERSON, Provider

_AFTER = "https://textbooks.example/bye"


@pytest.fixture
def provider() -> Provider:
    provider = Provider()
    provider.add_client(post_logout_redirect_uris=[_AFTER])
    return provider


def _check(provider: Provider, **fields: str) -> LogoutRequest:
    with provider.unit.read() as stores:
        return check(provider.server, stores, collect(list(fields.items())))


def test_a_hint_of_this_session_ends_it_unasked(provider: Provider) -> None:
    hint = provider.tokens().id_token
    provider.clock.advance(days=2)
    (session,) = provider.world.sessions.values()
    asked = _check(provider, id_token_hint=hint, post_logout_redirect_uri=_AFTER, state="x&y")
    assert may_end_unasked(provider.server, asked, session.id)
    assert not may_end_unasked(provider.server, asked, "another session")
    assert asked.return_address() == f"{_AFTER}?state=x%26y"


def test_without_a_hint_the_person_is_asked(provider: Provider) -> None:
    (session,) = provider.world.sessions.values()
    for fields in ({}, {"client_id": "textbooks", "post_logout_redirect_uri": _AFTER}):
        assert not may_end_unasked(provider.server, _check(provider, **fields), session.id)


def test_an_address_without_a_client_is_dropped(provider: Provider) -> None:
    assert _check(provider, post_logout_redirect_uri=_AFTER).return_address() == ""


@pytest.mark.parametrize("address", [f"{_AFTER}?a=b", f"{_AFTER}/", "https://evil.example", "javascript:alert(1)"])
def test_an_address_that_is_not_registered_is_shown(provider: Provider, address: str) -> None:
    with pytest.raises(PageError) as caught:
        _check(provider, client_id="textbooks", post_logout_redirect_uri=address)
    assert caught.value.code == "invalid_redirect_uri"


def test_a_changed_hint_never_redirects(provider: Provider) -> None:
    hint = provider.tokens().id_token
    head, body, _ = hint.split(".")
    for changed in (hint[:-4] + "AAAA", f"{head}.{body}.", "eyJhbGciOiJub25lIn0.e30."):
        with pytest.raises(PageError):
            _check(provider, id_token_hint=changed, post_logout_redirect_uri=_AFTER)


def test_the_client_named_must_be_the_one_of_the_hint(provider: Provider) -> None:
    provider.add_client("cabinet")
    hint = provider.tokens().id_token
    with pytest.raises(PageError):
        _check(provider, id_token_hint=hint, client_id="cabinet")
    with pytest.raises(PageError):
        _check(provider, client_id="nobody")


def test_repeated_and_overlong_parameters_are_refused(provider: Provider) -> None:
    with provider.unit.read() as stores, pytest.raises(PageError):
        check(provider.server, stores, collect([("state", "a"), ("state", "b")]))
    assert _check(provider, state="x" * 128)
    with pytest.raises(PageError):
        _check(provider, state="x" * 3000)


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_a_logout_token_is_typed_short_and_without_nonce(provider: Provider, alg: str) -> None:
    provider.add_client(id_token_signed_response_alg=alg)
    client = Client(provider.world.clients["textbooks"])
    token = compact.read(logout_token(provider.server, client, person_id=PERSON, session_id="s"), typ=("logout+jwt",))
    claims = token.unverified_claims
    assert token.alg == alg
    assert (claims["iss"], claims["aud"], claims["events"]) == (ISSUER, "textbooks", {LOGOUT_EVENT: {}})
    assert claims["exp"] - claims["iat"] <= 120
    assert claims["jti"]
    assert claims["sid"] == provider.server.subjects.sid("s", "textbooks")
    assert "nonce" not in claims
