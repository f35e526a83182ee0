"""A client with a provider beside it, and a browser that follows redirects between the two without a socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import Client, TestResponse

from clients.kit.kit import OidcKit
from clients.kit.testing import WsgiTransport
from tests.fakes.openid_provider import OpenIdProvider


@dataclass
class World:
    """One client and its IdP."""

    app: Flask
    provider: OpenIdProvider
    transport: WsgiTransport

    @property
    def kit(self) -> OidcKit:
        kit: OidcKit = self.app.extensions["kit"]
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
        return self.client.get(path, base_url=self.world.kit.settings.base_url, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.client.post(path, base_url=self.world.kit.settings.base_url, **options)

    def follow(self, response: TestResponse) -> TestResponse:
        """Walks redirects between client and IdP to the first answer that is none."""
        for _ in range(8):
            if response.status_code not in (302, 303):
                return response
            target = response.headers["Location"]
            if target.startswith(self.world.provider.issuer):
                response = self.to_provider(target)
            else:
                parts = urlsplit(target)
                response = self.get(f"{parts.path}?{parts.query}")
        raise AssertionError("redirects without end")

    def to_provider(self, address: str) -> TestResponse:
        parts = urlsplit(address)
        return Client(self.world.provider.app, TestResponse).get(f"{parts.path}?{parts.query}")

    def sign_in(self, target: str = "/") -> TestResponse:
        return self.follow(self.get("/login", query_string={"next": target}))

    def form_token(self, response: TestResponse) -> str:
        return response.text.split('name="csrf_token" value="')[1].split('"')[0]

    def cookie(self) -> str:
        kept = self.client.get_cookie(f"bilim_{self.world.kit.settings.app}", domain="localhost")
        return kept.value if kept else ""
