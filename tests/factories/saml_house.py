"""The whole app with a school and a pupil who is signed in, and services that were entered; for tests of services."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from idp.parts import Parts
from idp.saml import names
from idp.saml.bindings import Received, redirect
from idp.saml.entity import Endpoint
from idp.saml.names import q
from idp.services.fetch import Fetcher
from idp.services.saml_logout import SamlLogout
from idp.xml.parser import parse
from tests.factories.saml_ground import HOST, Heard, SamlGround
from tests.fakes.browser import Browser
from tests.flows.school import School, open_school
from tests.idp.web.conftest import PASSWORD


@pytest.fixture(
    params=[pytest.param("postgres", marks=pytest.mark.postgres), pytest.param("sqlite", marks=pytest.mark.soak)]
)
def database_kind(request: pytest.FixtureRequest) -> str:
    """For stories over many parts: on the stricter database in `make check`, on both in `make soak`."""
    return str(request.param)


class SamlHouse:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.parts: Parts = app.extensions["parts"]
        self.school: School = open_school(self.parts)
        self.browser = Browser(app.test_client())
        self.browser.go("/login")
        self.browser.submit("/login/password", username=self.school.username, password=PASSWORD)

    def logout(self, *hosts: str) -> SamlLogout:
        """May speak to these hosts on loopback."""
        parts = self.parts
        return SamlLogout(parts.uow, parts.saml_stores, parts.saml, parts.clock, Fetcher(allow=hosts))

    def service(self, name: str, number: int, *slo: tuple[str, str], **terms: Any) -> SamlGround:
        """Registered under `https://NAME.example/saml`, with these addresses (binding, location) for logout."""
        endpoints = tuple(Endpoint(binding, location) for binding, location in slo)
        return SamlGround(self.app, f"https://{name}.example/saml", number=number, metadata={"slo": endpoints}, **terms)

    def session(self) -> str:
        """The id of the browser's session."""
        cookie = self.browser.client.get_cookie("bilim_id")
        assert cookie is not None
        found = self.parts.sessions.current(cookie.value)
        assert found is not None
        return found.id


def asks(sp: SamlGround, heard: Heard, **attributes: Any) -> Received:
    """A LogoutRequest of a service for what it heard."""
    sp.now = sp.parts.clock.now()
    request = sp.logout_request(
        heard.name_id, indexes=[heard.session_index], destination=f"{HOST}/saml/slo", **attributes
    )
    return redirect.read(sp.by_redirect(request, relay_state="out"))


def status_of(uri: str) -> str:
    """The last word of the deepest status in a LogoutResponse by Redirect."""
    root = parse(redirect.read(uri.partition("?")[2].encode()).xml)
    return [one.get("Value", "").removeprefix(names.STATUS) for one in root.iter(q(names.SAMLP, "StatusCode"))][-1]
