"""A module has a report signed, all over HTTP: the director signs, the module takes the evidence, a stranger checks."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests

from idp.cli.dev.nca import MiniNca
from idp.core.clock import FixedClock, SystemClock
from idp.parts import build
from idp.settings import Settings
from idp.store import credentials
from tests.factories.relying_party import SECRET
from tests.factories.signing_ground import CLIENT, DIRECTOR_IIN, TEXT, TITLE, SigningGround
from tests.fakes.http_browser import HttpBrowser
from tests.fakes.http_site import Page, Site, http_site
from tests.fakes.servers import Program, running_idp
from tests.idp.web.conftest import HASH, PASSWORD


@dataclass(frozen=True)
class Wire:
    """A running IdP, the NCA it asks, and what its operator has put into the database."""

    idp: Program
    nca: Site
    ground: SigningGround

    def module(self) -> requests.Session:
        """The module's own HTTP, with a token it fetched as clients do."""
        http = requests.Session()
        form = {"grant_type": "client_credentials", "scope": "signing:request"}
        answer = http.post(f"{self.idp.url}/oauth/token", data=form, auth=(CLIENT, SECRET), timeout=30)
        assert answer.status_code == 200, answer.text
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return http

    def ask(self, module: requests.Session) -> dict[str, Any]:
        answer = module.post(f"{self.idp.url}/api/v1/signing-requests", json=self.ground.body(), timeout=30)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest.fixture
def wire(database_url: str, tmp_path: Path) -> Iterator[Wire]:
    now = SystemClock().now()
    nca = MiniNca.make(now)
    pages = {"/ocsp": lambda request: Page(nca.ocsp(request, SystemClock().now()))}
    with http_site(pages) as site:
        environment = {"IDP_OCSP_URL": f"{site.url}/ocsp"}
        with running_idp(database_url, env=environment, keys=tmp_path) as idp:
            parts = build(Settings.from_env(idp.environment))
            ground = SigningGround(parts, FixedClock(now), nca)
            ground.register(
                CLIENT, bilim_schools=[ground.school], bilim_claims=["name", "iin"], bilim_iin_basis="шарт № 1"
            )
            with parts.uow.write() as tx:
                rows = [(ground.director, {"hash": HASH})]
                credentials.replace(tx, "password", rows, must_change=False, now=now)
            yield Wire(idp, site, ground)
            parts.engine.dispose()


def test_a_director_signs_and_a_stranger_verifies(wire: Wire) -> None:
    module = wire.module()
    made = wire.ask(module)
    address = f"{wire.idp.url}/api/v1/signing-requests/{made['id']}"
    assert module.get(address, timeout=30).json()["state"] == "waiting"

    director = HttpBrowser(wire.idp.url)
    director.go(made["sign_uri"])
    director.sign_in("saule", PASSWORD)
    assert director.page.url == made["sign_uri"]
    assert TITLE["kk"] in director.page.text
    assert TEXT.decode().splitlines()[0] in director.page.text
    director.submit(f"/sign/{made['id']}", signature=wire.ground.cms(wire.ground.head_key()))
    assert (director.page.status_code, director.page.url) == (200, made["sign_uri"])
    director.go(f"/sign/{made['id']}/evidence.zip")
    with zipfile.ZipFile(BytesIO(director.page.content)) as archive:
        document, signature = archive.read("document.txt"), archive.read("signature.cms")

    told = module.get(address, timeout=30).json()
    assert (told["state"], told["sha256"]) == ("signed", hashlib.sha256(TEXT).hexdigest())
    assert told["signer"]["roles"] == ["head"]
    assert base64.b64decode(told["evidence"]["cms"]) == signature
    assert [path for _, path, _, _ in wire.nca.asked] == ["/ocsp"]

    files = {"document": ("report.txt", document), "signature": ("report.cms", signature)}
    verdict = requests.post(f"{wire.idp.url}/verify", files=files, timeout=30)
    assert verdict.status_code == 200
    assert "СЕЙІТҚАЗЫ" in verdict.text
    assert DIRECTOR_IIN not in verdict.text
    files["document"] = ("report.txt", document.replace("есеп".encode(), "ЕСЕП".encode()))
    assert requests.post(f"{wire.idp.url}/verify", files=files, timeout=30).status_code == 422


def test_the_key_of_somebody_else_signs_nothing(wire: Wire) -> None:
    module = wire.module()
    made = wire.ask(module)
    director = HttpBrowser(wire.idp.url)
    director.go(made["sign_uri"])
    director.sign_in("saule", PASSWORD)
    director.submit(f"/sign/{made['id']}", signature=wire.ground.cms(wire.ground.head_key("831010300019")))
    assert director.page.status_code == 422
    told = module.get(f"{wire.idp.url}/api/v1/signing-requests/{made['id']}", timeout=30)
    assert told.json()["state"] == "waiting"
