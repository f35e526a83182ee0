"""What one operation of each path is: the walks of a visitor, the same against the real server and its floor."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tests.bench.wire import Answer, Wire

DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/oauth/jwks.json"
AUTHORIZE = "/oauth/authorize"
TOKEN = "/oauth/token"
USERINFO = "/oauth/userinfo"
INTROSPECT = "/oauth/introspect"

WEB = ("bench-web", "bench-web-secret-0123456789abcdef012345")
MACHINE = ("bench-machine", "bench-machine-secret-0123456789abcdef01")
REDIRECT_URI = "http://127.0.0.1:28999/cb"
SCOPE = "openid profile email"
USERS = 20

_BROWSER = {"Accept": "text/html", "User-Agent": "bench"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_HIDDEN = re.compile(rb'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_MAX_HOPS = 12


class Unexpected(Exception):
    """The server answered something else than this path leads to."""


def _basic(client: tuple[str, str]) -> Mapping[str, str]:
    pair = ":".join(quote(half) for half in client)
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}", "Accept": "application/json", **_FORM}


_AS_WEB, _AS_MACHINE = _basic(WEB), _basic(MACHINE)


class Visitor:
    """One virtual user: a connection, a cookie jar and the tokens it holds."""

    def __init__(self, wire: Wire, number: int) -> None:
        self.wire = wire
        self.username = f"user{number % USERS + 1}"
        self.password = f"pw-{self.username}"
        self.cookies: dict[str, str] = {}
        self.tokens: dict[str, Any] = {}
        self.page: tuple[str, dict[str, str], dict[str, str]] | None = None
        """A login page that waits: its address, its fields, the cookies it came with."""

    def browse(self, target: str, form: Mapping[str, str] | None = None) -> Answer:
        """A request as a browser sends it, with the jar."""
        headers = dict(_BROWSER)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is None:
            answer = self.wire.request("GET", target, headers)
        else:
            answer = self.wire.request("POST", target, headers | _FORM, urlencode(form).encode())
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def post(self, target: str, headers: Mapping[str, str], form: Mapping[str, str]) -> dict[str, Any]:
        """A back-channel request that must succeed; its JSON answer."""
        answer = self.wire.request("POST", target, headers, urlencode(form).encode())
        _expect(answer, 200)
        value: dict[str, Any] = json.loads(answer.body)
        return value

    def fields(self, page: Answer) -> dict[str, str]:
        """What a browser would send with the login form of a page, filled in."""
        hidden = {unescape(name.decode()): unescape(value.decode()) for name, value in _HIDDEN.findall(page.body)}
        return hidden | {"username": self.username, "password": self.password}

    def authorize(self) -> tuple[str, str]:
        """From the authorization request over every page to the code: (code, PKCE verifier)."""
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        target = f"{AUTHORIZE}?" + urlencode(
            {
                "client_id": WEB[0],
                "redirect_uri": REDIRECT_URI,
                "response_type": "code",
                "scope": SCOPE,
                "state": secrets.token_urlsafe(12),
                "nonce": secrets.token_urlsafe(12),
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )
        answer = self.browse(target)
        for _ in range(_MAX_HOPS):
            if answer.status in (302, 303):
                location = answer.headers["location"]
                if location.startswith(REDIRECT_URI):
                    return _code(location), verifier
                target = _target(location)
                answer = self.browse(target)
            elif answer.status == 200 and b'name="password"' in answer.body:
                answer = self.browse(target, self.fields(answer))
            else:
                break
        raise Unexpected(f"{answer.status} at {target[:80]}: {answer.body[:200]!r}")

    def sign_on(self) -> None:
        """authorize → code → tokens."""
        code, verifier = self.authorize()
        self.tokens = self.post(
            TOKEN,
            _AS_WEB,
            {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": verifier},
        )

    def sign_in(self) -> None:
        """The same as a stranger: login page and password first."""
        self.cookies = {}
        self.sign_on()

    def open_page(self) -> None:
        """Goes as far as the login page and waits there."""
        self.cookies = {}
        target = f"{AUTHORIZE}?" + urlencode(
            {
                "client_id": WEB[0],
                "redirect_uri": REDIRECT_URI,
                "response_type": "code",
                "scope": SCOPE,
                "code_challenge": "A" * 43,
                "code_challenge_method": "S256",
            }
        )
        answer = self.browse(target)
        while answer.status in (302, 303):
            target = _target(answer.headers["location"])
            answer = self.browse(target)
        _expect(answer, 200)
        self.page = target, self.fields(answer), dict(self.cookies)

    def send_password(self) -> None:
        """Posts the form of the waiting page, always as if for the first time."""
        assert self.page is not None
        target, fields, self.cookies = self.page[0], self.page[1], dict(self.page[2])
        _expect(self.browse(target, fields), 303)

    def refresh(self) -> None:
        self.tokens = self.post(
            TOKEN, _AS_WEB, {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        )

    def introspect(self) -> None:
        if not self.post(INTROSPECT, _AS_WEB, {"token": self.tokens["access_token"]})["active"]:
            raise Unexpected("the token is not active")

    def userinfo(self) -> None:
        bearer = {"Authorization": f"Bearer {self.tokens['access_token']}", "Accept": "application/json"}
        answer = self.wire.request("GET", USERINFO, bearer)
        _expect(answer, 200)
        if not json.loads(answer.body)["sub"]:
            raise Unexpected("no sub")

    def machine_token(self) -> None:
        if not self.post(TOKEN, _AS_MACHINE, {"grant_type": "client_credentials", "scope": "api"})["access_token"]:
            raise Unexpected("no access token")

    def get(self, target: str) -> None:
        _expect(self.wire.request("GET", target, {"Accept": "application/json"}), 200)


@dataclass(frozen=True, slots=True)
class Path:
    """One line of the table."""

    name: str
    title: str
    run: Callable[[Visitor], None]
    prepare: Callable[[Visitor], None]
    hashes_a_password: bool = False


def _nothing(_visitor: Visitor) -> None:
    """These paths need no state."""


PATHS = {
    path.name: path
    for path in (
        Path("discovery", "discovery", lambda v: v.get(DISCOVERY), _nothing),
        Path("jwks", "JWKS", lambda v: v.get(JWKS), _nothing),
        Path("client_credentials", "client_credentials", Visitor.machine_token, _nothing),
        Path("refresh", "refresh", Visitor.refresh, Visitor.sign_in),
        Path("introspection", "introspection", Visitor.introspect, Visitor.sign_in),
        Path("userinfo", "UserInfo", Visitor.userinfo, Visitor.sign_in),
        Path("sso", "sign-on with a session", Visitor.sign_on, Visitor.sign_in),
        Path("login", "sign-in with a password", Visitor.sign_in, _nothing, hashes_a_password=True),
        Path("password", "its POST alone", Visitor.send_password, Visitor.open_page, hashes_a_password=True),
    )
}


def _expect(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise Unexpected(f"{answer.status} instead of {status}: {answer.body[:200]!r}")


def _target(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _code(location: str) -> str:
    found = re.search(r"[?&]code=([^&]+)", location)
    if found is None:
        raise Unexpected(f"no code in {location}")
    return found[1]
