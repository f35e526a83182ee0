"""Discovery that comes late, changes, or lies."""

from __future__ import annotations

import pytest
from requests import ConnectionError as NoConnection

from idp.core.errors import Unavailable
from tests.fakes.client_browser import World


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clients.kit.provider._PAUSE", 0)


def test_a_client_starts_before_its_idp(textbooks: World) -> None:
    textbooks.transport.failing = NoConnection()
    browser = textbooks.browser()
    answer = browser.get("/login")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert 'id="error-reference"' in answer.text
    textbooks.transport.failing = None
    assert browser.get("/login").status_code == 303


def test_discovery_is_read_once(textbooks: World) -> None:
    for _ in range(3):
        textbooks.browser().sign_in()
    assert textbooks.provider.discoveries == 1


def test_a_known_document_serves_while_the_idp_restarts(textbooks: World, monkeypatch: pytest.MonkeyPatch) -> None:
    textbooks.kit.provider.load_server_metadata()
    monkeypatch.setattr("clients.kit.provider._KEEP", 0.0)
    textbooks.transport.failing = NoConnection()
    assert textbooks.kit.provider.load_server_metadata()["issuer"] == "http://localhost:8000"


def test_a_document_of_another_issuer_is_not_believed(textbooks: World) -> None:
    textbooks.provider.issuer = "http://localhost:9999"
    with pytest.raises(Unavailable):
        textbooks.kit.provider.load_server_metadata()


def test_only_our_algorithms_are_believed(textbooks: World) -> None:
    found = textbooks.kit.provider.load_server_metadata()
    assert found["id_token_signing_alg_values_supported"] == ["ES256"]


def test_keys_are_fetched_again_at_most_now_and_then(textbooks: World, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = textbooks.kit.provider
    assert {key.kid for key in provider.key_set(False).keys} == {"key-1"}
    textbooks.provider.key.dict_value["kid"] = "key-2"
    assert {key.kid for key in provider.key_set(True).keys} == {"key-1"}
    monkeypatch.setattr("clients.kit.provider._FORCED", 0.0)
    assert {key.kid for key in provider.key_set(True).keys} == {"key-2"}
