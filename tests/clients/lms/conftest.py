"""The courses beside a small IdP, and browsers that carry messages between the two as real ones do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from clients.kit import tables
from clients.kit.db import Database
from clients.kit.kit import Kit
from clients.kit.settings import ClientSettings
from clients.kit.testing import WsgiTransport
from clients.lms import create_app, store
from clients.lms.saml.identity import Identity
from clients.lms.saml.settings import SamlSettings
from idp.core.clock import FixedClock, SystemClock
from tests.clients.lms.fake_idp import Asked, FakeIdp

BASE = "http://localhost:8005"
PUPIL: dict[str, Any] = {
    "pairwise-id": "AIGERIM@bilim.example",
    "displayName": "Серікова Айгерім",
    "preferredLanguage": "kk",
    "roles": [{"role": "pupil", "school_id": "s12", "begin": None, "end": None, "active": True}],
    "school": [{"id": "s12", "name": "№ 12 мектеп-гимназия", "region": "Алматы"}],
    "classes": [{"id": "c7", "title": "7 «Ә»", "grade": "7", "subject": None, "role": "pupil"}],
}
TEACHER: dict[str, Any] = PUPIL | {
    "pairwise-id": "marat@bilim.example",
    "displayName": "Ахметов Марат",
    "roles": [{"role": "class_teacher", "school_id": "s12", "active": True}],
    "classes": [
        {"id": "c7", "title": "7 «Ә»", "grade": "7", "subject": None, "role": "class_teacher"},
        {"id": "c8m", "title": "8 «Б»", "grade": "8", "subject": "математика", "role": "teacher"},
    ],
}


@dataclass
class World:
    app: Flask
    idp: FakeIdp
    clock: FixedClock
    transport: WsgiTransport

    @property
    def kit(self) -> Kit:
        kit: Kit = self.app.extensions["kit"]
        return kit

    def browser(self) -> Browser:
        return Browser(self)


@dataclass
class Browser:
    world: World
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.world.app, TestResponse)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=BASE, **options)

    def post(self, path: str, **data: str) -> TestResponse:
        return self.client.post(path, base_url=BASE, data=data)

    def post_from_idp(self, form: Mapping[str, str]) -> TestResponse:
        """A form of another site: the browser sends no `Lax` cookie with it."""
        return Client(self.world.app, TestResponse).post("/saml/acs", base_url=BASE, data=form)

    def begin(self, target: str = "/") -> Asked:
        answer = self.get("/login", query_string={"next": target})
        assert answer.status_code == 303
        return self.world.idp.read(answer.headers["Location"])

    def follow(self, answer: TestResponse) -> TestResponse:
        """Redirects within the client, to the first answer that is none."""
        for _ in range(5):
            if answer.status_code != 303:
                return answer
            parts = urlsplit(answer.headers["Location"])
            assert parts.netloc in ("", "localhost:8005")
            answer = self.get(f"{parts.path}?{parts.query}")
        raise AssertionError("redirects without end")

    def sign_in(self, person: Mapping[str, Any], target: str = "/", **lies: Any) -> TestResponse:
        asked = self.begin(target)
        return self.follow(self.post_from_idp(self.world.idp.response(asked, person, **lies)))

    def submit(self, page: str, path: str = "", **fields: str) -> TestResponse:
        """The form on `page`, with its hidden fields, sent to `path` or the page's own address."""
        text = self.get(page).text
        form = next(part for part in text.split("<form")[1:] if f'action="{path or page}"' in part)
        hidden = {
            part.split('name="')[1].split('"')[0]: part.split('value="')[1].split('"')[0]
            for part in form.split("</form>")[0].split('<input type="hidden"')[1:]
        }
        return self.post(path or page, **(hidden | fields))

    def is_signed_in(self) -> bool:
        return 'id="sign-out"' in self.get("/").text


@pytest.fixture(scope="session")
def identity_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: an RSA key takes longer than most tests."""
    path = tmp_path_factory.mktemp("lms") / "lms.client.json"
    Identity.kept(path, host="localhost", now=SystemClock().now())
    return path


@pytest.fixture
def lms_settings(identity_file: Path, tmp_path: Path) -> ClientSettings:
    return ClientSettings(
        app="lms",
        issuer=FakeIdp.issuer,
        base_url=BASE,
        database_url=f"sqlite:///{tmp_path / 'lms.sqlite3'}",
        client_file=identity_file,
        bind="127.0.0.1:0",
    )


@pytest.fixture
def lms(lms_settings: ClientSettings, clock: FixedClock, tmp_path: Path) -> Iterator[World]:
    idp = FakeIdp(clock)
    transport = WsgiTransport(idp)
    app = create_app(lms_settings, SamlSettings(tmp_path / "copy.xml", True), clock=clock, transport=transport)
    idp.certificate = "".join(
        line for line in app.extensions["saml"].provider.certificate.splitlines() if "-----" not in line
    )
    world = World(app, idp, clock, transport)
    yield world
    world.kit.database.engine.dispose()


@pytest.fixture
def lms_database(empty_database_url: str, clock: FixedClock) -> Iterator[Database]:
    """Once on SQLite and once on PostgreSQL."""
    database = Database(empty_database_url, [*tables.MIGRATIONS, *store.MIGRATIONS], clock)
    database.upgrade()
    yield database
    database.engine.dispose()
