"""A director blocks a guardian between two requests of the guardian's open session: the second is refused.

In the account, in the claims, at /api/v1/me and on the cabinet's page of the child.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

import clients.cabinet
from clients.kit.testing import WsgiTransport, client_settings
from idp.core.clock import FixedClock
from idp.core.errors import NotFound
from idp.parts import Parts
from idp.services.listing import Asked
from idp.services.scope import of_operator
from tests.factories.callers import Callers
from tests.factories.console import Console
from tests.factories.relying_party import RelyingParty
from tests.fakes.source import ROOT

CABINET = "http://127.0.0.1:8001"


def test_a_block_is_felt_in_the_second_request(app: Flask, parts: Parts, clock: FixedClock) -> None:
    console = Console(app, parts, clock)
    scope = "openid profile children offline_access"
    cabinet = RelyingParty(
        parts.clients, app.test_client(), "cabinet", scope=scope, bilim_claims=["name", "children"]
    )  # fmt: skip
    guardian, director = console.browser("guardian"), console.browser("director")
    tokens = cabinet.tokens(guardian, scope=scope)

    # First requests: the child is there, for the client, for the guardian and for who asks in the house.
    (child,) = cabinet.userinfo(tokens["access_token"]).get_json()["children"]
    assert child["given_name"] == "Айгерім"
    assert "Айгерім" in guardian.go("/account/children").text
    people = console.people
    assert parts.guardians.child(people["guardian"], people["pupil"]).person_id == people["pupil"]

    (link,) = parts.guardian_links.listed(of_operator((console.school,)), Asked()).rows
    director.go(f"/admin/schools/{console.school}/guardians/{link.id}/block")
    director.submit("/block", basis="court", reason="Сот шешімі № 2-114, 31.08.2026")

    # Second requests, of the same session and with the same tokens.
    assert "children" not in cabinet.userinfo(tokens["access_token"]).get_json()
    with pytest.raises(NotFound):
        parts.guardians.child(people["guardian"], people["pupil"])
    page = guardian.go("/account/children")
    assert page.status_code == 200, "the session goes on"
    assert "Айгерім" not in page.text
    assert console.school not in page.text, "where the child is, is not said"
    assert guardian.go(f"/account/children/{link.id}/disown").status_code == 404
    fresh = cabinet.refresh(tokens["refresh_token"]).get_json()
    assert "children" not in cabinet.userinfo(fresh["access_token"]).get_json()
    again = cabinet.tokens(guardian, scope=scope)
    assert "children" not in cabinet.userinfo(again["access_token"]).get_json()

    director.go(f"/admin/schools/{console.school}/guardians/{link.id}/unblock")
    director.submit("/unblock", reason="Шешімнің күші жойылды")
    assert len(cabinet.userinfo(again["access_token"]).get_json()["children"]) == 1


def test_the_open_session_of_the_cabinet_loses_the_child_with_the_next_request(
    app: Flask, parts: Parts, clock: FixedClock, tmp_path: Path
) -> None:
    clock.moment = datetime.now(UTC)  # Authlib compares an ID token with the machine's clock.
    console = Console(app, parts, clock)
    fields = json.loads((ROOT / "clients/cabinet/registration.json").read_text(encoding="utf-8").replace(
        "{base_url}", CABINET
    ))  # fmt: skip
    parts.clients.add(fields | {"client_secret": "secret-of-cabinet-of-the-tests"})
    settings = client_settings("cabinet", tmp_path, base_url=CABINET)
    settings.client_file.write_text(
        json.dumps({"client_id": "cabinet", "client_secret": "secret-of-cabinet-of-the-tests"}), encoding="utf-8"
    )
    made = clients.cabinet.create_app(settings, clock=clock, transport=WsgiTransport(app))
    cabinet, guardian = made.test_client(), console.browser("guardian")

    def page(path: str) -> TestResponse:
        return cabinet.get(path, base_url=CABINET)

    guardian.go(urlsplit(page("/login").headers["Location"])._replace(scheme="", netloc="").geturl())
    back = urlsplit(guardian.left_for)
    assert page(f"{back.path}?{back.query}").status_code == 303, guardian.page.text
    address = re.search(r"/children/[a-z2-7]{52}", page("/children").text)
    assert address is not None
    shown = page(address[0])
    assert shown.status_code == 200
    for words in ("Серікова Айгерім", "Ахметов Марат", "7 «Ә»"):
        assert words in shown.text
    own = Callers(console, "native").of("guardian")
    sub = own.get("/me/children", "Children")["children"][0]["sub"]
    rest = ("", "/consents", "/cards", "/access", "/data")
    assert {own.ask("GET", f"/me/children/{sub}{one}").status_code for one in rest} == {200}

    (link,) = parts.guardian_links.listed(of_operator((console.school,)), Asked()).rows
    director = console.browser("director")
    director.go(f"/admin/schools/{console.school}/guardians/{link.id}/block")
    director.submit("/block", basis="court", reason="Сот шешімі № 2-114, 31.08.2026")

    gone = page(address[0])
    assert (gone.status_code, "Айгерім" in gone.text, "7 «Ә»" in gone.text) == (404, False, False)
    assert page("/children").status_code == 200, "the session goes on"
    assert {own.refused("GET", f"/me/children/{sub}{one}") for one in rest} == {(404, "not_found")}
    assert own.refused("POST", f"/me/children/{sub}/cards/block") == (404, "not_found")
    assert own.get("/me/children", "Children") == {"children": []}
