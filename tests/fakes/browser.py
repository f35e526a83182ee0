"""A browser without scripts: keeps cookies, follows redirects within the IdP, submits the forms it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse


def leads_to(status: int, headers: Mapping[str, str] | Headers) -> str:
    """Where an answer sends a browser by itself: a redirect, or a page with the header Refresh; empty when nowhere."""
    if status in (301, 302, 303, 307, 308):
        return headers["Location"]
    return headers.get("Refresh", "").partition("url=")[2]


class Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, str], dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append((found, {}))
        elif tag == "input" and self.forms and found.get("name"):
            is_box = found.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in found:
                self.forms[-1][1][found["name"]] = found.get("value", "on" if is_box else "")


class Browser:
    """`page` is the last answer. Stops at redirects to other hosts and keeps their address in `left_for`."""

    def __init__(self, client: FlaskClient, host: str = "localhost") -> None:
        self.client = client
        self._host = host
        self.page: TestResponse
        self.left_for = ""

    def go(self, url: str) -> TestResponse:
        return self._follow(self.client.get(url))

    def submit(self, action: str, **fields: str) -> TestResponse:
        """Submits the form whose action contains `action`, with its hidden fields and what is typed."""
        parser = Forms()
        parser.feed(self.page.text)
        for attributes, values in parser.forms:
            target = attributes.get("action") or self.page.request.path
            if action in target:
                return self._follow(self.client.post(target, data=values | fields))
        raise AssertionError(f"no form for {action} on {self.page.request.path}: {self.page.text[:500]}")

    def _follow(self, page: TestResponse) -> TestResponse:
        for _ in range(10):
            self.page = page
            target = leads_to(page.status_code, page.headers)
            if not target:
                return page
            parts = urlsplit(target)
            if parts.netloc and parts.hostname != self._host:
                self.left_for = target
                return page
            page = self.client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        raise AssertionError("a redirect loop")
