"""What people do in the demo school, step by step. Every page they come to is held to the rules of `page_watch`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import create_engine, delete, func, select

from clients.kit import tables
from idp.store.models.clients import ClientConsent
from idp.store.session import UnitOfWork, open_engine
from tests.fakes.chromium import visitor
from tests.fakes.page_watch import Watch
from tests.fakes.servers import Dev

HOSTS = {"idp": "127.0.0.1", "cabinet": "127.0.0.2", "textbooks": "127.0.0.3", "lms": "127.0.0.4"}
BOOK = "sandar-men-pishinder"
_SECONDS = 20


@dataclass
class Visitor:
    """One person at one browser: `page` is their only tab."""

    dev: Dev
    username: str
    language: str
    context: BrowserContext
    watch: Watch
    scripts: bool = True
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()

    def check(self, name: str) -> None:
        self.watch.check(self.page, name, language=self.language)

    def arrived(self, service: str) -> None:
        self.page.wait_for_url(f"{self.dev.urls[service]}/**")

    def sign_in(self) -> None:
        """From the cabinet's front page through the IdP and back, with the only password of the walk."""
        self._come_in("cabinet")
        self.arrived("cabinet")
        self.check("cabinet")

    def sign_in_at_lessons(self) -> None:
        """By SAML, from the front page of the lessons, through the consent that is asked the first time."""
        page = self.page
        self._come_in("lms")
        page.wait_for_url("**/consent?*")
        if page.locator("html").get_attribute("lang") != self.language:  # SAML tells no language.
            page.click(f".lang a[hreflang={self.language}]")
            page.wait_for_url("**/consent?*lang=*")
        self.check("consent of SAML")
        page.click("#consent-allow")
        self.goes_on()
        self.arrived("lms")
        self.check("lessons")

    def goes_on(self) -> None:
        """Past the page whose form sends itself, which without scripts waits for its button."""
        if not self.scripts:
            self.check("form post")
            self.page.click("#form-post-submit")

    def _come_in(self, service: str) -> None:
        page = self.page
        page.goto(f"{self.dev.urls[service]}/")
        page.click(f".lang a[hreflang={self.language}]")
        page.wait_for_url("**/?lang=*")
        self.check("welcome")
        page.click("#sign-in")
        self.arrived("idp")
        self.check("login")
        page.fill("#username", self.username)
        page.fill("#password", self.dev.accounts[self.username])
        page.click("#login-submit")

    def open_textbooks(self) -> None:
        """From the tile in «My resources», through the consent that is asked the first time, in the language chosen."""
        self.page.click("#resource-textbooks")
        self.arrived("idp")
        self.check("consent")
        self.page.click("#consent-allow")
        self.arrived("textbooks")
        self.check("textbooks")

    def sign_out(self, service: str = "cabinet") -> None:
        self.page.goto(f"{self.dev.urls[service]}/")
        self.page.click("details.me summary")
        self.page.click("#sign-out")
        expect(self.page.locator("#signed-out")).to_be_visible()
        self.arrived(service)
        self.check("signed out")

    def passwords_typed(self) -> int:
        return self.watch.posts.count("/login/password")

    def cookie_hosts(self, name: str) -> set[str]:
        return {str(cookie.get("domain")) for cookie in self.context.cookies() if cookie.get("name") == name}


class Walk:
    def __init__(self, dev: Dev, browser: Browser) -> None:
        self.dev = dev
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def visitor(
        self,
        username: str,
        *,
        language: str = "kk",
        width: int = 1280,
        scripts: bool = True,
        dark: bool = False,
        axe: bool = True,
    ) -> Visitor:
        context = visitor(self._browser, language=language, width=width, scripts=scripts, dark=dark)
        self._contexts.append(context)
        hosts = {urlsplit(self.dev.urls[name]).netloc for name in HOSTS}
        return Visitor(self.dev, username, language, context, Watch(context, hosts, axe=axe and scripts), scripts)

    def leave(self) -> None:
        for context in self._contexts:
            context.close()

    def forget_consents(self) -> None:
        """The demo school is shared by all tests of a process, and a consent is asked only once."""
        engine = open_engine(self._database("idp"))
        with UnitOfWork(engine).write() as tx:
            tx.connection.execute(delete(ClientConsent))
        engine.dispose()

    def sessions_of(self, client: str) -> int:
        """How many sessions a client keeps, asked of its own database: no visit of a page may be what ends them."""
        engine = create_engine(self._database(client))
        with engine.connect() as connection:
            found = connection.scalar(select(func.count()).select_from(tables.sessions))
        engine.dispose()
        return int(found or 0)

    def _database(self, name: str) -> str:
        return f"sqlite:///{self.dev.program.log.parent / 'demo' / name}.sqlite3"


def until(condition: Callable[[], bool]) -> None:
    """Returns as soon as it holds. Raises AssertionError when it does not in time."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
