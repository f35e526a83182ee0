"""oidc/id_token: what it says, and which one is a hint."""

from __future__ import annotations

import hashlib

import pytest

from idp.core.ids import b64url
from idp.jose import compact
from idp.jose.errors import BadToken
from idp.oidc.client import Client
from idp.oidc.id_token import read_hint
from idp.oidc.logout import logout_token
from tests.factories.oidc import PERSON, Provider


def test_it_says_who_how_and_when_and_no_name(provider: Provider) -> None:
    answer = provider.tokens()
    claims = compact.read(answer.id_token, typ=("jwt",)).unverified_claims
    assert set(claims) == set("iss sub aud iat exp auth_time acr amr sid at_hash nonce".split())  # noqa: SIM905
    digest = hashlib.sha256(answer.access_token.encode()).digest()
    assert claims["at_hash"] == b64url(digest[:16])
    assert claims["aud"] == "textbooks"


def test_without_a_nonce_there_is_none(provider: Provider) -> None:
    claims = compact.read(provider.tokens(nonce="").id_token, typ=("jwt",)).unverified_claims
    assert "nonce" not in claims


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_an_expired_one_is_still_a_hint(provider: Provider, alg: str) -> None:
    provider.add_client(id_token_signed_response_alg=alg)
    text = provider.tokens().id_token
    provider.clock.advance(days=300)
    hint = read_hint(provider.server, text)
    assert hint.client_id == "textbooks"
    assert hint.sub == provider.server.subjects.sub("textbooks.example", PERSON)


def test_an_access_token_and_a_logout_token_are_no_hints(provider: Provider) -> None:
    client = Client(provider.world.clients["textbooks"])
    for text in (
        provider.tokens().access_token,
        logout_token(provider.server, client, person_id=PERSON, session_id="s"),
    ):
        with pytest.raises(BadToken):
            read_hint(provider.server, text)
