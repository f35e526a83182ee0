"""A scriptless browser over real HTTP: keeps cookies, follows redirects within one server, submits forms."""

from __future__ import annotations

from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from tests.fakes.browser import Forms, leads_to

_HOPS = 12
_TIMEOUT = 10


class HttpBrowser:
    """`page` is the last answer of the server at `origin`. Stops where the way leads elsewhere: that address is in
    `left_for`, and after a form that posts itself there its fields are in `posted`."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._http = requests.Session()
        self.page: requests.Response
        self.left_for = ""
        self.posted: dict[str, str] = {}

    def go(self, url: str) -> None:
        self.left_for, self.posted = "", {}
        self._follow(self._http.get(urljoin(self._origin, url), allow_redirects=False, timeout=_TIMEOUT))

    def submit(self, action: str, **fields: str) -> None:
        """Submits the form whose address contains `action`, with its hidden fields and what is typed."""
        forms = Forms()
        forms.feed(self.page.text)
        for attributes, values in forms.forms:
            target = urljoin(self.page.url, attributes.get("action") or self.page.url)
            if action in target:
                if not target.startswith(f"{self._origin}/"):
                    self.left_for, self.posted = target, values | fields
                    return
                answer = self._http.post(target, data=values | fields, allow_redirects=False, timeout=_TIMEOUT)
                self._follow(answer)
                return
        raise AssertionError(f"no form for {action} at {self.page.url}: {self.page.text[:500]}")

    def sign_in(self, username: str, password: str) -> None:
        self.submit("/login/password", username=username, password=password)

    def answer(self) -> dict[str, str]:
        """The parameters of the address that it left for."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.left_for).query).items()}

    def _follow(self, page: requests.Response) -> None:
        for _ in range(_HOPS):
            self.page = page
            way = leads_to(page.status_code, page.headers)
            if not way:
                return
            target = urljoin(page.url, way)
            if not target.startswith(f"{self._origin}/"):
                self.left_for = target
                return
            page = self._http.get(target, allow_redirects=False, timeout=_TIMEOUT)
        raise AssertionError(f"redirects without end at {page.url}")
