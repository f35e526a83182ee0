"""A provider on fake stores: one key of each algorithm, one client, one person who is signed in."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from idp.core.ids import fingerprint, new_id
from idp.jose.keyring import KeyRing, SigningKey, generate_pem
from idp.oidc.authorization import Answer, Redirect
from idp.oidc.authorize import authorize
from idp.oidc.pkce import challenge_of
from idp.oidc.request import EndpointRequest, Params, collect
from idp.oidc.server import Server
from idp.oidc.token import token
from idp.oidc.token_answer import TokenAnswer
from idp.store.clients import ClientRow
from idp.store.oidc import SessionRow
from tests.fakes.oidc_stores import FakeUnit

ISSUER = "https://id.example"
REDIRECT = "https://textbooks.example/callback"
SECRET = "a-secret-of-the-tests-long-enough"
VERIFIER = "verifier-of-the-tests-0123456789-abcdefghijklm"
COOKIE = "the cookie of aigerim"
BROWSER = "the browser of aigerim"
PERSON = "0199000000007000aaaaaaaaaaaaaaaa"
OTHER_PERSON = "0199000000007000bbbbbbbbbbbbbbbb"


@cache
def key_of(alg: str, kid: str = "") -> SigningKey:
    """A key made once per test run: RSA takes its time."""
    return SigningKey.from_pem(kid or f"key-{alg}", alg, "active", generate_pem(alg))


class NoClientKeys:
    """`oidc.ports.ClientKeys` from a dictionary; counts how often it was asked afresh."""

    def __init__(self) -> None:
        self.sets: dict[str, Mapping[str, Any]] = {}
        self.fresh_sets: dict[str, Mapping[str, Any]] = {}
        self.asked_afresh = 0

    def jwks(self, uri: str, *, fresh: bool = False) -> Mapping[str, Any]:
        self.asked_afresh += fresh
        found = self.fresh_sets.get(uri) if fresh else None
        found = found or self.sets.get(uri)
        if found is None:
            raise Unavailable("no answer")
        return found


def client_row(client_id: str = "textbooks", **changes: Any) -> ClientRow:
    """A modern confidential client; what is no column goes into the metadata."""
    columns: dict[str, Any] = {
        "client_id": client_id,
        "secret_hash": fingerprint(SECRET),
        "profile": "modern",
        "sector": "textbooks.example",
        "owner": "Атамұра",
        "purpose": "оқулық",
        "consent": "implicit",
        "approved_scopes": ["openid", "profile", "email", "school", "offline_access"],
        "approved_claims": ["name", "given_name", "email", "school"],
        "resources": [],
        "all_schools": True,
        "end_date": None,
        "is_disabled": False,
        "protocol": "openid",
    }
    metadata: dict[str, Any] = {
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "client_name": "Оқулықтар",
    }
    for name, value in changes.items():
        (columns if name in columns else metadata)[name] = value
    return ClientRow(metadata=metadata, **columns)


class Provider:
    """An engine with its stores and clock in the test's hand."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.unit = FakeUnit()
        self.world = self.unit.world
        self.client_keys = NoClientKeys()
        self.ring = KeyRing([key_of("ES256"), key_of("RS256")])
        self.server = Server(
            issuer=ISSUER,
            clock=self.clock,
            ring=lambda unknown_kid="": self.ring,
            secret=lambda use: use.encode().ljust(32, b"."),
            client_keys=self.client_keys,
            open_iin=lambda person_id, sealed: sealed.decode(),
        )
        self.add_client()
        self.sign_in()

    def add_client(self, client_id: str = "textbooks", **changes: Any) -> ClientRow:
        row = client_row(client_id, **changes)
        self.world.clients[client_id] = row
        return row

    def sign_in(self, person_id: str = PERSON, cookie: str = COOKIE, **changes: Any) -> SessionRow:
        """A session of somebody in the browser; signing in again replaces it."""
        now = self.clock.now()
        session = SessionRow(
            id=new_id(),
            person_id=person_id,
            membership_id="membership-1",
            school_id="school-1",
            acr=levels.PASSWORD,
            amr=["pwd"],
            auth_time=now,
            username="aigerim",
            last_seen_at=now,
            is_client_on=False,
        )._replace(**changes)
        self.world.sessions[fingerprint(cookie)] = session
        return session

    def params(self, **changes: str) -> Params:
        """A usual authorization request; an empty change leaves a parameter out."""
        found = {
            "client_id": "textbooks",
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": "openid profile",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        } | changes
        return collect([(name, value) for name, value in found.items() if value])

    def authorize(
        self, params: Params | None = None, /, *, cookie: str = COOKIE, interaction_id: str = "", **changes: str
    ) -> Answer:
        return authorize(
            self.server,
            self.unit,
            params or self.params(**changes),
            session_token=cookie,
            browser=BROWSER,
            interaction_id=interaction_id,
        )

    def came_back(self, params: Params | None = None, /, **changes: str) -> dict[str, str]:
        """The parameters of the redirect to the client."""
        answer = self.authorize(params, **changes)
        assert isinstance(answer, Redirect), answer
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.uri).query).items()}

    def code(self, **changes: str) -> str:
        found = self.came_back(**changes)
        assert "code" in found, found
        return found["code"]

    def call(self, client_id: str = "textbooks", secret: str = SECRET, **fields: str) -> EndpointRequest:
        """A back-channel request with HTTP Basic; without a secret the client_id goes into the body."""
        if not secret:
            return EndpointRequest(collect([("client_id", client_id), *fields.items()]))
        return EndpointRequest(collect(list(fields.items())), basic(client_id, secret))

    def redeem(self, code: str, client_id: str = "textbooks", secret: str = SECRET, **changes: str) -> TokenAnswer:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        } | changes
        fields = {name: value for name, value in fields.items() if value}
        return token(self.server, self.unit, self.call(client_id, secret, **fields))

    def tokens(self, **changes: str) -> TokenAnswer:
        return self.redeem(self.code(**changes))

    def refresh(
        self, refresh_token: str, client_id: str = "textbooks", secret: str = SECRET, **more: str
    ) -> TokenAnswer:
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token} | more
        return token(self.server, self.unit, self.call(client_id, secret, **fields))


def basic(client_id: str, secret: str) -> str:
    """The header of RFC 6749 §2.3.1."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"
