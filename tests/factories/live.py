"""People and clients of a running IdP, put into its database by the services themselves, and what clients send it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from sqlalchemy import Table, func, select

from idp.core import levels
from idp.jose.keyring import KeyRing, SigningKey
from idp.oidc.pkce import challenge_of
from idp.parts import Parts, build
from idp.settings import Settings
from idp.store.base import Base
from idp.store.models.audit import AuditEvent
from tests.factories.oidc import basic, key_of
from tests.factories.relying_party import REDIRECT, SECRET, VERIFIER, document, without
from tests.factories.rows import add_membership, add_person, add_school
from tests.fakes.servers import Program
from tests.fakes.volley import Call, Reply, send

COOKIE = "bilim_id"
CLIENT = "textbooks"
ASKING = "vendor"
MACHINE = "machine"
MACHINE_KEY: SigningKey = key_of("ES256", "machine-key")
LOGOUT_URI = "https://textbooks.example/backchannel"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Live:
    """One school, one client that never asks, one that asks for consent, one that signs assertions."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.url = program.url
        self.parts: Parts = build(Settings.from_env(program.environment))
        self._people = 0
        with self.parts.uow.write() as tx:
            self.school = add_school(tx, created_at=self.parts.clock.now())
        self.parts.clients.add(document(CLIENT, backchannel_logout_uri=LOGOUT_URI))
        self.parts.clients.add(document(ASKING, bilim_consent="ask"))
        self.parts.clients.add(
            without(document(MACHINE), "client_secret", "redirect_uris")
            | {
                "grant_types": ["client_credentials"],
                "scope": "api",
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": KeyRing([MACHINE_KEY]).jwks(),
            }
        )

    def add_person(self) -> tuple[str, str]:
        """A pupil of the school: id and username."""
        self._people += 1
        username, now = f"pupil{self._people}", self.parts.clock.now()
        with self.parts.uow.write() as tx:
            person = add_person(tx, username, created_at=now, updated_at=now)
            add_membership(tx, person, self.school, is_primary=True)
        return person, username

    def sign_in(self, person_id: str = "") -> str:
        """The Cookie header of a browser in which somebody is signed in."""
        person_id = person_id or self.add_person()[0]
        with self.parts.uow.write() as tx:
            opened = self.parts.sessions.open(
                tx, person_id=person_id, acr=levels.PASSWORD, amr=("pwd",), is_shared=False, browser="a test"
            )
        return f"{COOKIE}={opened.token}"

    def code(self, cookie: str) -> str:
        reply = send(self.url, authorization(cookie))
        assert reply.status == 303, (reply.status, reply.body)
        return code_in(reply)

    def tokens(self, cookie: str) -> dict[str, Any]:
        reply = send(self.url, redemption(self.code(cookie)))
        assert reply.status == 200, reply.body
        return reply.json()

    def is_active(self, token: str) -> bool:
        form = {"token": token}
        reply = send(self.url, Call("/oauth/introspect", form, {"Authorization": basic(CLIENT, SECRET)}))
        assert reply.status == 200, reply.body
        return bool(reply.json()["active"])

    def count(self, table: str, **columns: Any) -> int:
        """How many rows of a table have these values."""
        found = Base.metadata.tables[table]
        assert isinstance(found, Table)
        query = select(func.count()).select_from(found)
        for name, value in columns.items():
            query = query.where(found.c[name] == value)
        with self.parts.uow.read() as tx:
            return int(tx.connection.execute(query).scalar_one())

    def events(self, event: str) -> list[Mapping[str, Any]]:
        """The data of every audit event of this name."""
        with self.parts.uow.read() as tx:
            return list(tx.connection.execute(select(AuditEvent.data).where(AuditEvent.event == event)).scalars())


@contextmanager
def on(program: Program) -> Iterator[Live]:
    live = Live(program)
    try:
        yield live
    finally:
        live.parts.engine.dispose()


class Pages:
    """A browser that opens a page and hands out what its form would send."""

    def __init__(self, live: Live, cookie: str = "") -> None:
        self._live = live
        self._browser = requests.Session()
        if cookie:
            name, _, value = cookie.partition("=")
            self._browser.cookies.set(name, value)
        self.address = ""

    def open(self, target: str) -> dict[str, str]:
        """Follows redirects; the CSRF token and the interaction of the page where they end."""
        answer = self._browser.get(self._live.url + target, timeout=30)
        return self._read(answer)

    def submit(self, target: str, form: Mapping[str, str]) -> dict[str, str]:
        return self._read(self._browser.post(self._live.url + target, data=dict(form), timeout=30))

    def _read(self, answer: requests.Response) -> dict[str, str]:
        assert answer.status_code == 200, (answer.status_code, answer.text[:400])
        self.address = answer.url
        found = _TOKEN.search(answer.text)
        assert found, answer.text[:400]
        interaction = parse_qs(urlsplit(answer.url).query).get("i", [""])[0]
        return {"csrf_token": unescape(found[1]), "i": interaction}

    @property
    def cookies(self) -> str:
        """The Cookie header as it stands now."""
        return "; ".join(f"{one.name}={one.value}" for one in self._browser.cookies)

    def close(self) -> None:
        self._browser.close()


def authorization_target(client_id: str = CLIENT, **changes: str) -> str:
    params = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "openid profile",
        "state": "the state",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    } | changes
    return f"/oauth/authorize?{urlencode(params)}"


def authorization(cookie: str) -> Call:
    return Call(authorization_target(), headers={"Cookie": cookie})


def code_in(reply: Reply) -> str:
    return parse_qs(urlsplit(reply.location).query)["code"][0]


def redemption(code: str, client_id: str = CLIENT) -> Call:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return Call("/oauth/token", form, {"Authorization": basic(client_id, SECRET)})


def refreshing(refresh_token: str) -> Call:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return Call("/oauth/token", form, {"Authorization": basic(CLIENT, SECRET)})
