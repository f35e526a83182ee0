"""oidc/client: what a record means."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from idp.oidc.client import Client
from tests.factories.oidc import client_row


@pytest.mark.parametrize(
    ("profile", "method", "demands"),
    [
        ("modern", "client_secret_basic", True),
        ("fapi2", "private_key_jwt", True),
        ("legacy", "client_secret_basic", False),
        ("legacy", "none", True),
    ],
)
def test_pkce_is_demanded_of_all_but_legacy_clients_with_a_secret(profile: str, method: str, demands: bool) -> None:
    assert Client(client_row(profile=profile, token_endpoint_auth_method=method)).demands_pkce is demands


@pytest.mark.parametrize(
    ("changes", "day", "in_force"),
    [
        ({}, date(2099, 1, 1), True),
        ({"end_date": date(2026, 9, 1)}, date(2026, 9, 1), True),
        ({"end_date": date(2026, 9, 1)}, date(2026, 9, 2), False),
        ({"is_disabled": True}, date(2026, 9, 1), False),
    ],
)
def test_a_client_is_in_force_through_its_last_day(changes: dict[str, Any], day: date, in_force: bool) -> None:
    assert Client(client_row(**changes)).is_in_force(day) is in_force


def test_displayed_members_have_languages() -> None:
    client = Client(client_row(**{"client_name#ru": "Учебники"}))
    assert client.text("client_name", "ru") == "Учебники"
    assert client.text("client_name", "en") == "Оқулықтар"
    assert client.text("logo_uri") == ""


def test_what_is_not_registered_has_the_default_of_the_specification() -> None:
    client = Client(client_row()._replace(metadata={}))
    assert client.auth_method == "client_secret_basic"
    assert tuple(client.grant_types) == ("authorization_code",)
    assert tuple(client.response_types) == ("code",)
    assert client.id_token_alg == "ES256"
    assert client.redirect_uris == ()
    assert client.default_max_age is None
    assert not client.accepts_token_endpoint_audience
    assert client.rotates_refresh_tokens
