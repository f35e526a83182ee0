"""services/client_metadata: the allow-list."""

from __future__ import annotations

from typing import Any

import pytest

from idp.jose.keyring import KeyRing
from idp.services.client_metadata import mistakes, web_address
from tests.factories.oidc import key_of
from tests.factories.relying_party import document, without

_SET = KeyRing([key_of("ES256")]).jwks()


def test_a_usual_document_is_fine() -> None:
    assert mistakes(document()) == []
    assert mistakes(document(scope="openid feed:people", bilim_consent="implicit")) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"trusted": True},
        {"access_token_lifetime": 10},
        {"client_name#": "x"},
        {"client_name#русский": "x"},
        {"scope#ru": "openid"},
        {"redirect_uris": []},
        {"redirect_uris": "https://a.example/cb"},
        {"redirect_uris": ["http://vendor.example/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["data:text/html,x"]},
        {"redirect_uris": ["https://a.example/cb#f"]},
        {"redirect_uris": ["https://user@a.example/cb"]},
        {"redirect_uris": ["https://*.a.example/cb"]},
        {"redirect_uris": ["https://a.example/x/../cb"]},
        {"redirect_uris": ["https://a.example/x/%2e%2e/cb"]},
        {"redirect_uris": ["https://a.example\\@b.example/"]},
        {"redirect_uris": ["https://а.example/cb"]},
        {"redirect_uris": ["kz.example.app:/cb"]},
        {"redirect_uris": [7]},
        {"redirect_uris": ["https://a.example/cb", "https://b.example/cb"]},
        {"scope": "feed:cards", "bilim_consent": "ask"},
        {"client_secret": "short"},
        {"client_secret": "ә" * 30},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"grant_types": ["password"]},
        {"grant_types": []},
        {"response_types": ["token"]},
        {"subject_type": "public"},
        {"logo_uri": "javascript:alert(1)"},
        {"backchannel_logout_uri": "http://vendor.example/logout"},
        {"scope": 'openid "x"'},
        {"client_id": "a b"},
        {"client_id": ""},
        {"default_max_age": -1},
        {"default_max_age": True},
        {"default_acr_values": ["strong"]},
        {"jwks": {"keys": []}},
        {"bilim_profile": "trusted"},
        {"bilim_profile": "fapi2"},
        {"bilim_claims": ["password"]},
        {"bilim_end_date": "31.08.2027"},
        {"bilim_schools": "some"},
        {"bilim_resources": ["canteen"]},
        {"bilim_consent": "never"},
        {"contacts": "a@b.example"},
    ],
)
def test_what_is_unknown_or_wrong_is_named(changes: dict[str, Any]) -> None:
    found = mistakes(document(**changes))
    assert found
    name = next(iter(changes))
    assert any(name.partition("#")[0] in line or "client_secret" in line or "sector" in line for line in found) or (
        "bilim_profile" in changes or "token_endpoint_auth_method" in changes
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": ["http://localhost:8004/callback"]},
        {"redirect_uris": ["https://a.example/cb", "https://b.example/cb"], "bilim_sector": "a.example"},
        {"redirect_uris": ["kz.example.app:/cb"], "application_type": "native"},
        {"bilim_schools": ["school-1"]},
        {"bilim_end_date": "2027-08-31"},
        {"bilim_resources": ["https://canteen.example", "urn:bilim:feed"]},
    ],
)
def test_what_is_allowed_passes(changes: dict[str, Any]) -> None:
    assert mistakes(document(**changes)) == []


def test_a_client_with_keys_names_exactly_one_place_for_them() -> None:
    keyed = without(document(token_endpoint_auth_method="private_key_jwt"), "client_secret")
    assert mistakes(keyed | {"jwks": _SET}) == []
    assert mistakes(keyed | {"jwks_uri": "https://a.example/jwks"}) == []
    assert mistakes(keyed | {"jwks": _SET, "jwks_uri": "https://a.example/jwks"})
    assert mistakes(keyed)


def test_all_mistakes_are_told_at_once() -> None:
    assert len(mistakes(document(scope=7, client_name="", logo_uri="x", unknown=1))) == 4


@pytest.mark.parametrize("value", [None, 7, "https://" + "a" * 3000, "https://a.example:port/", "https://[x/"])
def test_what_is_no_address_at_all(value: Any) -> None:
    assert web_address(value)


def test_iin_is_approved_only_with_a_recorded_basis() -> None:
    [wrong] = mistakes(document(bilim_claims=["name", "iin"]))
    assert wrong.startswith("bilim_iin_basis")
    assert mistakes(document(bilim_claims=["name", "iin"], bilim_iin_basis="№ 456 бұйрық, 33-1-тармақ")) == []


def test_only_an_app_of_the_operator_acts_in_the_name_of_a_person() -> None:
    for changes in ({"bilim_consent": "ask"}, {"bilim_schools": ["a-school"]}):
        (wrong,) = mistakes(document(scope="openid me me:data admin", **changes))
        assert wrong.startswith("scope: me me:data admin")
    assert mistakes(document(scope="openid me admin", bilim_consent="implicit")) == []
