"""oidc/checks/redirect_uri: exact, for every way of almost being right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.oidc.checks.redirect_uri import matches, origin_of
from idp.oidc.client import Client
from tests.factories.oidc import REDIRECT, client_row

_WEB = Client(client_row())
_NATIVE = Client(
    client_row(
        token_endpoint_auth_method="none",
        redirect_uris=["http://127.0.0.1/callback", "http://[::1]:8080/callback", "http://localhost/callback"],
    )
)


@pytest.mark.parametrize(
    "uri",
    [
        REDIRECT + "/",
        REDIRECT + "?a=b",
        REDIRECT + "#f",
        REDIRECT + "/../callback",
        REDIRECT + "/..;/evil",
        REDIRECT.upper(),
        REDIRECT.replace("https", "http"),
        REDIRECT.replace("https", "HTTPS"),
        REDIRECT.replace("textbooks", "textbooks%2e"),
        REDIRECT.replace(".example", "xexample"),
        REDIRECT.replace("//", "//evil.example@"),
        REDIRECT.replace("//", "//evil.example\\@"),
        REDIRECT.replace("//", "/\\"),
        REDIRECT.replace("callback", "%63allback"),
        REDIRECT.replace("callback", "%2563allback"),
        REDIRECT.replace("example", "example:443"),
        REDIRECT[:-1],
        " " + REDIRECT,
        REDIRECT + " ",
        REDIRECT + "\n",
        "javascript:alert(1)",
        "data:text/html,x",
        "//textbooks.example/callback",
    ],
)
def test_almost_right_is_wrong(uri: str) -> None:
    assert not matches(_WEB, uri)


def test_the_registered_address_is_right() -> None:
    assert matches(_WEB, REDIRECT)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:51004/callback", "http://[::1]/callback", "http://[::1]:9/callback"])
def test_only_the_port_of_a_loopback_address_may_vary(uri: str) -> None:
    assert matches(_NATIVE, uri)
    assert not matches(_WEB, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:51004/other",
        "https://127.0.0.1:51004/callback",
        "http://127.0.0.2:51004/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:1@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://localhost:51004/callback",
        "http://127.0.0.1:51004/callback?a=b",
    ],
)
def test_nothing_but_the_port_varies(uri: str) -> None:
    assert not matches(_NATIVE, uri)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(REDIRECT)), st.text(max_size=3), st.integers(0, 3))
def test_no_mutation_of_the_registered_address_passes(at: int, put: str, drop: int) -> None:
    mutated = REDIRECT[:at] + put + REDIRECT[at + drop :]
    assert matches(_WEB, mutated) is (mutated == REDIRECT)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from((str.swapcase, str.title, lambda text: text[::-1])), st.text(max_size=20))
def test_no_text_passes_by_chance(change: Callable[[str], str], text: str) -> None:
    assert not matches(_NATIVE, change(REDIRECT) + text)


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://vendor.example:8443/cb?x=1", "https://vendor.example:8443"),
        ("http://[::1]:80/cb", "http://[::1]:80"),
        ("kz.example.app:/cb", "kz.example.app:"),
        ("https://evil.example;script-src/cb", ""),
    ],
)
def test_the_csp_source_is_scheme_and_host_and_nothing_more(uri: str, origin: str) -> None:
    assert origin_of(uri) == origin
