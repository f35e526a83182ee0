"""services/saml_reading: documents are fetched and verified; what is put aside comes back as it was."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.core.clock import FixedClock
from idp.saml.metadata_errors import MetadataRefused
from idp.services.fetch import Fetcher
from idp.services.saml_reading import SamlReading, Stage, stage
from tests.factories.saml_metadata import credential, entity, signed
from tests.fakes.http_site import Page, http_site
from tests.idp.services.test_saml_terms import SP


def test_what_is_put_aside_comes_back_in_batches() -> None:
    some = [replace(SP, entity_id=f"urn:{number}", signing_certificates=(bytes([number]),)) for number in range(5)]
    with stage() as kept:
        for one in some:
            kept.put(one)
        batches = list(kept.batches(2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [type(SP).from_json(one) for batch in batches for one in batch] == some
    assert list(Stage(io.BytesIO()).batches(2)) == []


def test_a_document_says_until_when_it_holds_and_when_to_ask_again(clock: FixedClock) -> None:
    about = 'validUntil="2026-09-08T03:00:00Z" cacheDuration="PT6H"'
    with http_site({"/sp": Page(signed(entity(about=about)))}) as site:
        reading = SamlReading(Fetcher(allow=(site.host,)))
        found, told = reading.document(site.url + "/sp", [credential(0).certificate], now=clock.now())
        assert (len(found), told.providers, told.cache_duration) == (1, 1, timedelta(hours=6))
        assert told.valid_until == clock.now() + timedelta(days=7)
        with pytest.raises(MetadataRefused):
            reading.document(site.url + "/sp", [credential(8).certificate], now=clock.now())
    assert site.asked[0][3]["Accept"].startswith("application/samlmetadata+xml")
