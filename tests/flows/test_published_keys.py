"""People with the NCA's published test keys at the door: real chain, certificates and revocation list, over HTTP."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from idp.app import create_app
from idp.cli.dev.nca.cms import signed_data
from idp.core.clock import FixedClock
from idp.eds.errors import NcaUnavailable
from idp.jobs.crl_import import CrlImport
from idp.parts import Parts
from tests.factories.citizens import house
from tests.factories.real_keys import open_key
from tests.fakes.browser import Browser

pytestmark = pytest.mark.external

MOMENT = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
LAYER = "/login/eds_ncalayer"
_DOCUMENT = re.compile(r'data-document="([^"]+)"')


class Door:
    """A house that trusts the published test roots, whose OCSP responder nobody can ask, and that has the list."""

    def __init__(self, parts: Parts, browser: Browser, folder: Path) -> None:
        self.parts = parts
        self.browser = browser
        self._folder = folder
        for name in ("root_test_gost_2022.cer", "nca_gost2022_test.cer"):
            parts.trust.add(folder / name, hashlib.sha256((folder / name).read_bytes()).hexdigest())
        parts.nca.ask = self._nobody  # type: ignore[method-assign]
        parts.nca.download = self._list  # type: ignore[method-assign]
        job = CrlImport(parts.uow, parts.clock, parts.eds, parts.nca, ["the published list"])
        assert job() == 1

    def _nobody(self, request: bytes) -> bytes:
        raise NcaUnavailable("no network in tests", detail=f"{len(request)} octets")

    def _list(self, url: str, file: BinaryIO, max_bytes: int) -> int:
        """Whatever the address."""
        assert url
        return file.write((self._folder / "nca_gost2022_test.crl").read_bytes()[:max_bytes])

    def knock(self, name: str) -> int:
        """Signs the page's challenge with a published key and hands it in; the status of the answer's last page."""
        page = self.browser.go(f"{LAYER}?lang=en").text
        found = _DOCUMENT.search(page)
        assert found
        key = open_key(self._folder / f"{name}.p12")
        cms = signed_data(key, base64.b64decode(found[1]), MOMENT, {}, encapsulate=False, stamp=None)
        return self.browser.submit(LAYER, signature=base64.b64encode(cms).decode()).status_code


@pytest.fixture
def door(sqlite_url: str, tmp_path: Path, test_data: Path) -> Iterator[Door]:
    clock = FixedClock(MOMENT)
    with house(sqlite_url, tmp_path, clock) as parts:
        settings = parts.settings
    app = create_app(settings, clock)
    yield Door(app.extensions["parts"], Browser(app.test_client()), test_data / "nca-test")
    app.extensions["parts"].engine.dispose()


def test_a_stranger_with_a_real_key_is_welcomed_by_the_name_in_it(door: Door) -> None:
    assert door.knock("individual/valid/individual_valid") == 200
    assert door.browser.page.request.path == "/login/welcome"
    assert "Тестов" in door.browser.page.text
    assert "123456789011" not in door.browser.page.text
    door.browser.submit("/login/welcome")
    assert door.browser.page.request.path == "/account"


def test_a_revoked_key_is_refused_and_says_so(door: Door) -> None:
    assert door.knock("individual/revoked/individual_revoked") == 403
    assert door.browser.page.request.path == LAYER
    assert "This ЭЦҚ has been revoked" in door.browser.page.text


@pytest.mark.parametrize("name", ["legal/valid/head", "legal/valid/infosystem", "legal/valid/treasury_client"])
def test_keys_of_foreign_organisations_and_machines_open_nothing(door: Door, name: str) -> None:
    assert door.knock(name) == 403
    assert "does not fit" in door.browser.page.text
