"""oidc/client_auth: exactly one way, and the registered one."""

from __future__ import annotations

import base64

import pytest

from idp.oidc.client_auth import authenticate
from idp.oidc.errors import InvalidClient, InvalidRequest
from idp.oidc.request import EndpointRequest, collect
from tests.factories.oidc import SECRET, Provider, basic


def _auth(provider: Provider, authorization: str = "", **fields: str) -> str:
    request = EndpointRequest(collect(list(fields.items())), authorization)
    return authenticate(provider.server, provider.unit, request).client_id


def test_basic_is_form_decoded_first(provider: Provider) -> None:
    strange = "c+l i:e%nt"
    provider.add_client(strange)
    assert _auth(provider, basic(strange, SECRET)) == strange


def test_post_is_for_those_who_registered_it(provider: Provider) -> None:
    provider.add_client("post", token_endpoint_auth_method="client_secret_post")
    assert _auth(provider, client_id="post", client_secret=SECRET) == "post"
    with pytest.raises(InvalidClient):
        _auth(provider, basic("post", SECRET))
    with pytest.raises(InvalidClient):
        _auth(provider, client_id="textbooks", client_secret=SECRET)


def test_a_client_with_a_secret_cannot_come_without_it(provider: Provider) -> None:
    with pytest.raises(InvalidClient):
        _auth(provider, client_id="textbooks")


def test_a_public_client_cannot_come_with_an_invented_secret(provider: Provider) -> None:
    provider.add_client("app", token_endpoint_auth_method="none", secret_hash="")
    assert _auth(provider, client_id="app") == "app"
    with pytest.raises(InvalidClient):
        _auth(provider, client_id="app", client_secret="anything")
    with pytest.raises(InvalidClient):
        _auth(provider, basic("app", "anything"))


def test_two_ways_at_once_are_an_invalid_request(provider: Provider) -> None:
    with pytest.raises(InvalidRequest):
        _auth(provider, basic("textbooks", SECRET), client_id="textbooks", client_secret=SECRET)
    with pytest.raises(InvalidRequest):
        _auth(provider, basic("textbooks", SECRET), client_assertion="x", client_assertion_type="y")
    with pytest.raises(InvalidRequest):
        _auth(provider, basic("textbooks", SECRET), client_id="cabinet")
    assert _auth(provider, basic("textbooks", SECRET), client_id="textbooks")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"textbooks").decode(),
        "Basic " + base64.b64encode(b":secret").decode(),
        "Basic " + base64.b64encode(b"textbooks:").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic " + base64.b64encode(b"a\x00b:secret").decode(),
        "Basic " + "A" * 5000,
        "Bearer abc",
        basic("nobody", SECRET),
        basic("textbooks", "wrong"),
    ],
)
def test_a_failing_header_asks_for_basic(provider: Provider, header: str) -> None:
    with pytest.raises(InvalidClient) as caught:
        _auth(provider, header)
    assert caught.value.challenge


def test_nothing_at_all_is_an_invalid_client(provider: Provider) -> None:
    with pytest.raises(InvalidClient):
        _auth(provider)


def test_unknown_and_wrong_look_alike(provider: Provider) -> None:
    with pytest.raises(InvalidClient) as unknown:
        _auth(provider, basic("nobody", SECRET))
    with pytest.raises(InvalidClient) as wrong:
        _auth(provider, basic("textbooks", "wrong"))
    assert unknown.value.description == wrong.value.description


def test_a_failure_of_a_known_client_leaves_a_trace_without_the_secret(provider: Provider) -> None:
    with pytest.raises(InvalidClient):
        _auth(provider, basic("textbooks", "wrong-secret-value"))
    assert provider.world.event_names() == ["client_auth_failed"]
    assert "wrong-secret-value" not in repr(provider.world.events)


def test_a_client_that_is_off_is_refused_with_the_right_secret(provider: Provider) -> None:
    provider.add_client(is_disabled=True)
    with pytest.raises(InvalidClient):
        _auth(provider, basic("textbooks", SECRET))
