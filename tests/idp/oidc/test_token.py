"""oidc/token: knows the client, picks the grant."""

import pytest

from idp.oidc.errors import InvalidRequest, OidcError, UnauthorizedClient, UnsupportedGrantType
from idp.oidc.request import EndpointRequest, Params
from idp.oidc.token import token
from tests.factories.oidc import SECRET, Provider, basic


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, InvalidRequest),
        ({"grant_type": "password", "username": "a", "password": "b"}, UnsupportedGrantType),
        ({"grant_type": "implicit"}, UnsupportedGrantType),
        ({"grant_type": "client_credentials"}, UnauthorizedClient),
        ({"grant_type": "authorization_code"}, InvalidRequest),
        ({"grant_type": "refresh_token"}, InvalidRequest),
    ],
)
def test_what_is_missing_unknown_or_not_registered_is_told(
    provider: Provider, fields: dict[str, str], refusal: type[OidcError]
) -> None:
    request = EndpointRequest(Params(fields), basic("textbooks", SECRET))
    with pytest.raises(refusal):
        token(provider.server, provider.unit, request)


def test_one_resource_a_token(provider: Provider) -> None:
    params = Params({"grant_type": "authorization_code"}, ("https://a.example", "https://b.example"))
    with pytest.raises(InvalidRequest):
        token(provider.server, provider.unit, EndpointRequest(params, basic("textbooks", SECRET)))


def test_every_description_is_what_the_rfc_lets_it_be(provider: Provider) -> None:
    for fields in ({}, {"grant_type": "x"}, {"grant_type": "authorization_code", "code": "c", "redirect_uri": "u"}):
        with pytest.raises(OidcError) as caught:
            token(provider.server, provider.unit, EndpointRequest(Params(fields), basic("textbooks", SECRET)))
        assert all(" " <= letter <= "~" and letter not in '"\\' for letter in caught.value.description)
