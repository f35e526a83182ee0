"""A federation on loopback: it publishes one aggregate, single documents, and answers MDQ; tests change what it says.

with federation(uow, clock) as fed:
    fed.publish("/all.xml", group(entity(…)))
    fed.sources.add("aggregate", fed.url("/all.xml"), [fed.key.certificate])
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import quote

from idp.core.clock import FixedClock
from idp.services.fetch import Fetcher
from idp.services.saml_discovery import SamlDiscovery
from idp.services.saml_enrolment import SamlEnrolment
from idp.services.saml_providers import SamlProviders
from idp.services.saml_reading import SamlReading
from idp.services.saml_sources import SamlSources
from idp.services.throttle import Limits, Throttle
from idp.store import audit, clients, saml_entities
from idp.store.clients import ClientRow
from idp.store.saml_entities import EntityRow
from idp.store.session import UnitOfWork
from idp.xml.keys import Credential
from tests.factories.saml_metadata import category, credential, entity, group, signed
from tests.fakes.http_site import Page, Site, http_site

PSEUDONYMOUS = "https://refeds.org/category/pseudonymous"


class Federation:
    """`asked` are the paths it was asked for; every part of ours works on `uow`."""

    def __init__(self, uow: UnitOfWork, clock: FixedClock, site: Site, pages: dict[str, Page]) -> None:
        self.uow = uow
        self.clock = clock
        self.key: Credential = credential(7)
        self._site = site
        self._pages = pages
        reading = SamlReading(Fetcher(allow=(site.host,)))
        self.providers = SamlProviders(uow, clock, "https://id.example")
        self.sources = SamlSources(uow, clock, reading)
        self.discovery = SamlDiscovery(uow, clock, reading, self._throttle)
        self.enrolment = SamlEnrolment(clock, reading, self.providers, self.sources, self.discovery)

    def _throttle(self, limits: Limits) -> Throttle:
        return Throttle(self.uow, self.clock, b"k" * 32, limits)

    @property
    def asked(self) -> list[str]:
        return [path for _method, path, _body, _headers in self._site.asked]

    def url(self, path: str) -> str:
        return self._site.url + path

    def publish(self, path: str, document: bytes, by: Credential | None = None) -> None:
        self._pages[path] = Page(signed(document, by or self.key))

    def withdraw(self, path: str) -> None:
        self._pages[path] = Page(status=404)

    def withdraw_all(self) -> None:
        self._pages.clear()

    def spoil(self, path: str, old: bytes, new: bytes) -> None:
        """Changes what was signed."""
        self._pages[path] = Page(self._pages[path].body.replace(old, new))

    def answer(self, entity_id: str, document: bytes) -> None:
        """What its MDQ says about an entity."""
        self.publish(f"/mdq/entities/{quote(entity_id, safe='')}", document)

    def aggregate(self, *members: bytes, days: int = 7, admits: str = "", all_schools: bool = False) -> str:
        """Publishes these at `/all.xml`, adds it as a source and reads it; returns the source's id."""
        self.publish_all(*members, days=days)
        pinned = [self.key.certificate]
        source_id = self.sources.add("aggregate", self.url("/all.xml"), pinned, admits=admits, all_schools=all_schools)
        self.sources.refresh(source_id)
        return source_id

    def publish_all(self, *members: bytes, days: int = 7) -> None:
        until = (self.clock.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.publish("/all.xml", group(*members, about=f'validUntil="{until}"'))

    def mdq(self, *, admits: str = "category") -> str:
        return self.sources.add("mdq", self.url("/mdq"), [self.key.certificate], admits=admits)

    def entity(self, entity_id: str = "https://lms.example/sp") -> EntityRow | None:
        with self.uow.read() as tx:
            return saml_entities.find(tx, entity_id)

    def client(self, client_id: str) -> ClientRow:
        with self.uow.read() as tx:
            row = clients.find(tx, client_id)
        assert row is not None
        return row

    def events(self, name: str) -> list[object]:
        """The data of every event of this name."""
        with self.uow.read() as tx:
            return [event.data for event in audit.of_person(tx, "") if event.event == name]


def member(name: str = "lms", *roles: str, categories: tuple[str, ...] = (PSEUDONYMOUS,), about: str = "") -> bytes:
    """An entity of the federation, `https://<name>.example/sp`."""
    return entity(
        *roles,
        entity_id=f"https://{name}.example/sp",
        about=about,
        before=category(*categories) if categories else "",
    )


@contextmanager
def federation(uow: UnitOfWork, clock: FixedClock) -> Iterator[Federation]:
    pages = _Pages()
    with http_site(pages) as site:
        yield Federation(uow, clock, site, pages)


class _Pages(dict[str, Page]):
    """What was never published is not found."""

    def __missing__(self, path: str) -> Page:
        return Page(status=404)
