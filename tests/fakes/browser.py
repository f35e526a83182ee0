"""A browser without scripts: keeps cookies, follows redirects within the IdP, submits the forms it is shown."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


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
            if page.status_code not in (301, 302, 303, 307, 308):
                return page
            parts = urlsplit(page.headers["Location"])
            if parts.netloc and parts.hostname != self._host:
                self.left_for = page.headers["Location"]
                return page
            page = self.client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        raise AssertionError("a redirect loop")
