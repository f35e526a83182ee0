"""jose/keyring: all states are shown, the active one signs."""

import pytest

from idp.jose.errors import BadKey, NoSigningKey
from idp.jose.keyring import KeyRing, SigningKey, generate_pem, thumbprint
from tests.factories.oidc import key_of


def _key(kid: str, state: str) -> SigningKey:
    return SigningKey(kid, "ES256", state, key_of("ES256").private_key)


def test_the_active_key_signs_and_all_are_shown() -> None:
    ring = KeyRing([_key("a", "retired"), _key("b", "active"), _key("c", "next")])
    assert ring.signing("ES256").kid == "b"
    assert [key["kid"] for key in ring.jwks()["keys"]] == ["a", "b", "c"]
    assert ring.verifying("a")
    assert ring.verifying("d") is None


def test_without_an_active_key_nothing_is_signed() -> None:
    with pytest.raises(NoSigningKey):
        KeyRing([_key("c", "next")]).signing("ES256")
    with pytest.raises(NoSigningKey):
        KeyRing([_key("b", "active")]).signing("RS256")


def test_the_set_holds_public_halves_only() -> None:
    ring = KeyRing([_key("a", "active"), key_of("RS256")])
    for key in ring.jwks()["keys"]:
        assert {"d", "p", "q", "dp", "dq", "qi"}.isdisjoint(key)
        assert (key["use"], key["alg"]) == ("sig", "ES256" if key["kty"] == "EC" else "RS256")


def test_two_keys_cannot_share_a_kid() -> None:
    with pytest.raises(BadKey):
        KeyRing([_key("a", "active"), _key("a", "next")])


@pytest.mark.parametrize(("alg", "state"), [("RS256", "active"), ("ES256", "gone")])
def test_a_key_of_another_kind_or_state_is_refused(alg: str, state: str) -> None:
    with pytest.raises(BadKey):
        SigningKey("a", alg, state, key_of("ES256").private_key)


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_what_is_generated_can_be_read_back(alg: str) -> None:
    key = SigningKey.from_pem("a", alg, "next", generate_pem(alg))
    assert len(thumbprint(key.public_key)) == 43


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_broken_pem_is_refused(pem: bytes) -> None:
    with pytest.raises(BadKey):
        SigningKey.from_pem("a", "ES256", "active", pem)


def test_no_other_kind_of_key_is_made() -> None:
    with pytest.raises(BadKey):
        generate_pem("HS256")
