"""Redirect addresses, spoiled in every way that ever fooled somebody, through the whole authorization endpoint.

The comparison itself is fuzzed beside its source (`tests/idp/oidc/checks/test_redirect_uri.py`); here several spoilings
are put on each other, and what is looked at is whether anybody would be sent there, with a code or with an error.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.oidc import logout
from idp.oidc.authorization import FormPost, Redirect
from idp.oidc.errors import InvalidRequest, PageError
from idp.oidc.request import collect
from tests.factories.oidc import Provider

WEB = "https://textbooks.example/callback"
WITH_QUERY = "https://textbooks.example:8443/a/callback?tenant=kz&x=1"
NATIVE = "http://127.0.0.1/callback"
NATIVE_SIX = "http://[::1]:8080/callback"
SCHEME = "kz.example.app:/callback"
_BYE = "https://textbooks.example/bye"
_CLIENTS = {"textbooks": (WEB, WITH_QUERY), "phone": (NATIVE, NATIVE_SIX, SCHEME)}
Spoil = Callable[[str], str]


def _on_host(change: Spoil) -> Spoil:
    def spoiled(uri: str) -> str:
        found = re.match("[a-z]+://([^/]*)", uri)
        return uri[: found.start(1)] + change(found[1]) + uri[found.end(1) :] if found else change(uri)

    return spoiled


def _on_path(change: Spoil) -> Spoil:
    def spoiled(uri: str) -> str:
        head, slash, tail = uri.rpartition("/")
        return head + slash + change(tail)

    return spoiled


SPOILINGS: tuple[Spoil, ...] = (
    lambda uri: uri + "/",
    lambda uri: uri + "/.",
    lambda uri: uri + "/../callback",
    lambda uri: uri + "/..;/evil",
    lambda uri: uri + "/%2e%2e/callback",
    lambda uri: uri + "%2f..%2fevil",
    lambda uri: uri + "/%252e%252e/evil",
    lambda uri: uri + "\\..\\evil",
    lambda uri: uri + "?a=b",
    lambda uri: uri + "&a=b",
    lambda uri: uri + "?",
    lambda uri: uri + "#",
    lambda uri: uri + "#@evil.example/",
    lambda uri: uri + ";a=b",
    lambda uri: uri + "%00",
    lambda uri: uri + "%0d%0aLocation:%20https://evil.example",
    lambda uri: uri + " ",
    lambda uri: " " + uri,
    lambda uri: "\t" + uri,
    lambda uri: uri + "\n",
    lambda uri: uri + "\u200b",
    lambda uri: uri + "\u0301",
    lambda uri: f"{uri},https://evil.example/",
    lambda uri: f"{uri} https://evil.example/",
    lambda uri: uri.replace("://", ":/"),
    lambda uri: uri.replace("://", ":"),
    lambda uri: uri.replace("://", ":\\\\"),
    lambda uri: uri.replace("://", ":///"),
    lambda uri: uri.replace("https", "http"),
    lambda uri: uri.replace("http", "https"),
    lambda uri: uri.replace("http", "hTTp"),
    lambda uri: uri.replace("https:", "javascript:"),
    lambda uri: uri.replace("https:", ""),
    lambda uri: uri.replace("http", "httр"),
    _on_host(str.upper),
    _on_host(lambda host: host + "."),
    _on_host(lambda host: host + ":443"),
    _on_host(lambda host: host + ":"),
    _on_host(lambda host: "user@" + host),
    _on_host(lambda host: "user:pw@" + host),
    _on_host(lambda host: "evil.example\\@" + host),
    _on_host(lambda host: host + "@evil.example"),
    _on_host(lambda host: host + "%40evil.example"),
    _on_host(lambda host: host + ".evil.example"),
    _on_host(lambda host: "evil.example/" + host),
    _on_host(lambda host: "evil.example#" + host),
    _on_host(lambda host: "evil.example?" + host),
    _on_host(lambda host: host.replace(".", "x", 1)),
    _on_host(lambda host: host.replace(".", "%2e", 1)),
    _on_host(lambda host: host.replace(".", "。", 1)),
    _on_host(lambda host: host.replace("e", "е", 1)),
    _on_host(lambda host: host.replace("127.0.0.1", "127.1")),
    _on_host(lambda host: host.replace("127.0.0.1", "0x7f.0.0.1")),
    _on_host(lambda host: host.replace("127.0.0.1", "2130706433")),
    _on_host(lambda host: host.replace("127.0.0.1", "localhost")),
    _on_host(lambda host: host.replace("127.0.0.1", "127.0.0.2")),
    _on_host(lambda host: host.replace("127.0.0.1", "127.0.0.1:99999")),
    _on_host(lambda host: host.replace("127.0.0.1", "127.0.0.1:1@evil.example:80")),
    _on_host(lambda host: host.replace("::1", "0:0:0:0:0:0:0:1")),
    _on_host(lambda host: host.replace("::1", "::ffff:127.0.0.1")),
    _on_host(lambda host: host.replace("::1", "::1%25eth0")),
    _on_path(str.upper),
    _on_path(lambda tail: "../" + tail),
    _on_path(lambda tail: "./" + tail),
    _on_path(lambda tail: "/" + tail),
    _on_path(lambda tail: quote(tail[:1]).replace(tail[:1], f"%{ord(tail[0]):02x}") + tail[1:] if tail else "x"),
    _on_path(lambda tail: tail[:-1]),
    _on_path(lambda tail: tail + ".evil"),
)
"""Each alone has passed somewhere: see the numbers in the reference of security tests (CVE-2023-6291 and kin)."""


@st.composite
def _spoiled(draw: st.DrawFn, uris: tuple[str, ...]) -> str:
    uri = draw(st.sampled_from(uris))
    for spoil in draw(st.lists(st.sampled_from(SPOILINGS), max_size=3)):
        uri = spoil(uri)
    if draw(st.integers(1, 4)) == 4:
        at, drop = draw(st.integers(0, len(uri))), draw(st.integers(0, 2))
        uri = uri[:at] + draw(st.text(max_size=3)) + uri[at + drop :]
    return uri


def _provider() -> Provider:
    provider = Provider()
    provider.add_client(redirect_uris=list(_CLIENTS["textbooks"]), post_logout_redirect_uris=[_BYE])
    provider.add_client(
        "phone",
        redirect_uris=list(_CLIENTS["phone"]),
        application_type="native",
        token_endpoint_auth_method="none",
        secret_hash="",
    )
    return provider


def _is_loopback_with_another_port(uri: str) -> bool:
    """RFC 8252 §7.3, told another way than the code does: only digits of a port may differ."""
    for known in (NATIVE, NATIVE_SIX):
        host = "127.0.0.1" if "127" in known else "[::1]"
        assert ipaddress.ip_address(host.strip("[]")).is_loopback
        head, tail = f"http://{host}", "/callback"
        if uri.startswith(head) and uri.endswith(tail):
            port = uri[len(head) : len(uri) - len(tail)]
            digits = port[1:]
            if not port or (port[0] == ":" and digits.isascii() and digits.isdigit() and int(digits) <= 65535):
                return len(digits) <= 5
    return False


@pytest.mark.parametrize("client_id", list(_CLIENTS))
def test_nobody_is_sent_to_a_spoiled_address(
    client_id: str, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    provider, tried, modes = _provider(), 0, ("query", "form_post", "fragment")
    examples = effort(400, 10_000)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == 400,
        suppress_health_check=list(HealthCheck),
    )
    @given(_spoiled(_CLIENTS[client_id]), st.sampled_from(modes), st.sampled_from(("", "none", "login")))
    def ask(uri: str, mode: str, prompt: str) -> None:
        nonlocal tried
        tried += 1
        wanted = {"client_id": client_id, "redirect_uri": uri, "response_mode": mode, "prompt": prompt}
        is_right = uri in _CLIENTS[client_id] or (client_id == "phone" and _is_loopback_with_another_port(uri))
        try:
            params = provider.params(**wanted)
        except InvalidRequest:
            return  # A null character is refused before anything is looked at.
        if not is_right:
            with pytest.raises(PageError, match="redirect_uri"):
                provider.authorize(params)
            return
        answer = provider.authorize(params)
        assert not isinstance(answer, Redirect | FormPost) or answer.uri.startswith(uri)

    ask()
    counted("spoiled redirect addresses", tried)


def test_nobody_is_sent_to_a_spoiled_address_after_signing_out(
    effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    provider, tried = _provider(), 0
    examples = effort(200, 5000)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == 200,
        suppress_health_check=list(HealthCheck),
    )
    @given(_spoiled((_BYE, WEB)))
    def ask(uri: str) -> None:
        nonlocal tried
        tried += 1
        with provider.unit.read() as stores:
            try:
                params = collect([("client_id", "textbooks"), ("post_logout_redirect_uri", uri), ("state", "s")])
                asked = logout.check(provider.server, stores, params)
            except (PageError, InvalidRequest):
                assert uri != _BYE
            else:
                assert asked.return_address() in ("", f"{_BYE}?state=s")
                assert uri in ("", _BYE)

    ask()
    counted("spoiled addresses after signing out", tried)
