"""services/egov_relay: a stranger that only transports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from idp.core.errors import Unavailable
from idp.services.egov_relay import EgovRelay, Errand
from idp.services.fetch import Fetcher
from tests.fakes.egov_relay import FakeRelay, egov_relay

DOCUMENTS = {"documentsToSign": [{"id": 1, "document": {"file": {"mime": "text/plain", "data": "eA=="}}}]}


@pytest.fixture
def fake() -> Iterator[FakeRelay]:
    with egov_relay() as running:
        yield running


def _relay(fake: FakeRelay) -> EgovRelay:
    return EgovRelay(Fetcher(allow=(fake.address,)), fake.url)


def test_an_errand_is_registered_offered_and_asked_for(fake: FakeRelay) -> None:
    relay = _relay(fake)
    errand = relay.register("Кіру. Код: K7M 4Q2")
    assert errand == Errand(
        f"{fake.url}/api/egovQr/data", f"{fake.url}/api/egovQr/sign", f"{fake.url}/api/egovQr/phone"
    )
    assert fake.descriptions == ["Кіру. Код: K7M 4Q2"]
    relay.offer(errand, DOCUMENTS)
    assert fake.documents == DOCUMENTS
    assert relay.ask(errand.signature) == ""
    fake.signature = "MIIB"
    assert relay.ask(errand.signature) == "MIIB"


@pytest.mark.parametrize("foreign", ["dataURL", "signURL", "link"])
def test_an_address_of_another_host_is_not_followed(fake: FakeRelay, foreign: str) -> None:
    fake.foreign = foreign
    with pytest.raises(Unavailable):
        _relay(fake).register("x")


@pytest.mark.parametrize("name", ["dataURL", "signURL", "eGovMobileLaunchLink"])
@pytest.mark.parametrize("said", ["http://[", "https://m.egov.kz/mobileSign/?link=http%3A%2F%2F%5B", "http://a]b/", ""])
def test_what_is_no_address_at_all_is_an_answer_of_a_broken_relay(fake: FakeRelay, name: str, said: str) -> None:
    fake.named = {name: said}
    with pytest.raises(Unavailable):
        _relay(fake).register("x")


def test_a_broken_relay_is_unavailable_and_has_no_signature(fake: FakeRelay) -> None:
    relay = _relay(fake)
    errand = relay.register("x")
    fake.is_broken = True
    with pytest.raises(Unavailable):
        relay.register("x")
    with pytest.raises(Unavailable):
        relay.offer(errand, DOCUMENTS)
    assert relay.ask(errand.signature) == ""
    assert relay.ask("http://127.0.0.2:1/elsewhere") == ""


def test_a_relay_that_is_away_is_unavailable(fake: FakeRelay) -> None:
    with pytest.raises(Unavailable):
        EgovRelay(Fetcher(), fake.url).register("x")
