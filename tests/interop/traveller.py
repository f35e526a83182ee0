"""A scriptless browser that goes wherever it is sent: to services, to the IdP and back, as a person's does."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import Cookie
from urllib.parse import urljoin, urlsplit

import requests

from tests.fakes.browser import Forms, leads_to

_HOPS = 30
_TIMEOUT = 15
_MESSAGES = ("SAMLRequest", "SAMLResponse")


class Traveller:
    """`page` is the last answer, `way` the host and path of every one since the person did something.

    A form that holds a message of SAML is posted at once, as its script would do; `posted` has the fields of the last.
    A form that leads from one site to another brings no SameSite cookies along. Whatever lies under `elsewhere` has no
    server: the way ends before it, and its address is in `left_for`.
    """

    def __init__(self, elsewhere: str = "") -> None:
        self._http = requests.Session()
        self._elsewhere = elsewhere
        self.page: requests.Response
        self._begin()

    def go(self, url: str) -> None:
        self._begin()
        self._travel(url, None)

    def post(self, url: str, fields: Mapping[str, str]) -> None:
        """A form of another site."""
        self._begin()
        self._travel(url, fields, is_foreign=True)

    def submit(self, action: str, **fields: str) -> None:
        """Submits the form whose address contains `action`, with its hidden fields and what is typed."""
        self._begin()
        for target, values in self._forms():
            if action in target:
                return self._travel(target, values | fields)
        raise AssertionError(f"no form for {action} at {self.page.url}: {self.page.text[:800]}")

    def sign_in(self, username: str, password: str) -> None:
        self.submit("/login/password", username=username, password=password)

    def _begin(self) -> None:
        self.way: list[str] = []
        self.left_for = ""
        self.posted: dict[str, str] = {}

    def _travel(self, target: str, fields: Mapping[str, str] | None, *, is_foreign: bool = False) -> None:
        for _ in range(_HOPS):
            if fields is not None:
                self.posted = dict(fields)
            if self._elsewhere and target.startswith(self._elsewhere):
                self.left_for = target
                return
            self.page = (
                self._http.get(target, allow_redirects=False, timeout=_TIMEOUT)
                if fields is None
                else self._send(target, fields, is_foreign)
            )
            here = urlsplit(self.page.url)
            self.way.append(f"{here.hostname}{here.path}")
            if way := leads_to(self.page.status_code, self.page.headers):
                target, fields = urljoin(self.page.url, way), None
                continue
            message = next((form for form in self._forms() if any(name in form[1] for name in _MESSAGES)), None)
            if message is None:
                return
            target, fields = message
            is_foreign = urlsplit(target).hostname != here.hostname
        raise AssertionError(f"no end of the way: {self.way}")

    def _send(self, target: str, fields: Mapping[str, str], is_foreign: bool) -> requests.Response:
        kept = self._http.cookies
        if is_foreign:
            self._http.cookies = requests.cookies.RequestsCookieJar()
            for cookie in kept:
                if not _is_same_site(cookie):
                    self._http.cookies.set_cookie(cookie)
        answer = self._http.post(target, data=dict(fields), allow_redirects=False, timeout=_TIMEOUT)
        if is_foreign:
            kept.update(self._http.cookies)
            self._http.cookies = kept
        return answer

    def _forms(self) -> list[tuple[str, dict[str, str]]]:
        parser = Forms()
        parser.feed(self.page.text)
        return [(urljoin(self.page.url, form.get("action") or self.page.url), values) for form, values in parser.forms]


def _is_same_site(cookie: Cookie) -> bool:
    return (cookie.get_nonstandard_attr("SameSite") or "none").lower() != "none"
