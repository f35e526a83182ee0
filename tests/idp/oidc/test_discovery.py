"""oidc/discovery: complete, under the issuer, and true."""

from urllib.parse import urlsplit

from idp.oidc.discovery import metadata
from tests.factories.oidc import ISSUER, Provider


def test_every_address_is_under_the_issuer(provider: Provider) -> None:
    found = metadata(provider.server)
    addresses = {name: value for name, value in found.items() if name.endswith(("_endpoint", "_uri"))}
    assert len(addresses) == 7
    for value in addresses.values():
        assert value.startswith(f"{ISSUER}/oauth/")
        assert not urlsplit(value).query


def test_it_promises_what_the_checks_keep(provider: Provider) -> None:
    found = metadata(provider.server)
    assert found["issuer"] == ISSUER
    assert found["response_types_supported"] == ["code"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["subject_types_supported"] == ["pairwise"]
    assert found["id_token_signing_alg_values_supported"] == ["ES256", "RS256"]
    assert found["claims_parameter_supported"] is False
    assert found["request_parameter_supported"] is found["request_uri_parameter_supported"] is False
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["backchannel_logout_session_supported"] is True
    assert found["ui_locales_supported"] == ["kk", "ru", "en"]
    assert "none" not in found["introspection_endpoint_auth_methods_supported"]
    assert set(found["grant_types_supported"]) == {"authorization_code", "refresh_token", "client_credentials"}
