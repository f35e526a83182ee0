"""services/saml_sources: read again, believed when signed, written when verified, never in silence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from idp.core.errors import BilimError, Conflict, Invalid, NotFound
from idp.saml.entity import ServiceProvider
from idp.saml.metadata_errors import MetadataRefused
from idp.services import saml_sources
from idp.services.saml_reading import Reading, SamlReading
from idp.services.saml_schedule import MOST, RETRY
from idp.services.saml_sources import Refreshed
from idp.services.saml_terms import client_id_of
from idp.store.saml_entities import SourceRow
from tests.factories.saml_federation import Federation, member
from tests.factories.saml_house import database_kind
from tests.factories.saml_metadata import acs, credential, entity, key, role

__all__ = ["database_kind"]

LMS = "https://lms.example/sp"


def _register(fed: Federation, entity_id: str = LMS) -> str:
    found, source_id = fed.discovery.look_up(entity_id)
    return str(fed.providers.register(found, source_id=source_id)["client_id"])


def test_an_aggregate_is_known_but_serves_nobody_by_itself(fed: Federation) -> None:
    source_id = fed.aggregate(member("lms"), member("library"), member("broken", role(acs("http://x.example/"))))
    shown = fed.sources.list()[0]
    assert (shown["id"], shown["entities"], shown["registered"], shown["last_error"]) == (source_id, 2, 0, "")
    assert fed.providers.list() == []
    assert fed.sources.refresh(source_id).skipped == {"bad_endpoint": 1}
    assert fed.events("saml_source_added") == [{"source": source_id, "kind": "aggregate"}]


def test_a_registered_service_changes_with_its_metadata_and_the_log_says_how(fed: Federation) -> None:
    source_id = fed.aggregate(member("lms"), member("library"))
    client_id = _register(fed)
    fed.clock.advance(hours=1)
    moved = member("lms", role(key(credential(1).certificate, "signing"), acs("https://lms.example/new")))
    fed.publish_all(moved, member("archive"))
    done = fed.sources.refresh(source_id)
    assert (done.providers, done.added, done.changed, done.gone) == (2, 1, 1, 0)
    assert fed.events("saml_metadata_changed") == [{"changed": ["acs", "signing_certificates"]}]
    assert fed.providers.show(client_id)["acs"] == ["HTTP-POST https://lms.example/new"]
    assert fed.entity("https://library.example/sp") is None
    assert fed.sources.refresh(source_id).changed == 0


def test_a_service_that_its_federation_drops_is_over_at_once_until_it_comes_back(fed: Federation) -> None:
    source_id = fed.aggregate(member("lms"), member("library"))
    client_id = _register(fed)
    fed.clock.advance(hours=1)
    fed.publish_all(member("library"))
    assert fed.sources.refresh(source_id).gone == 1
    kept = fed.entity()
    assert kept is not None
    assert kept.client_id == client_id
    assert ServiceProvider.from_json(kept.provider).valid_until == fed.clock.now()
    fed.clock.advance(hours=1)
    fed.publish_all(member("lms"))
    assert fed.sources.refresh(source_id).changed == 1
    assert fed.events("saml_metadata_changed") == [{"changed": ["valid_until"]}] * 2


def test_a_service_that_is_named_but_cannot_be_taken_stays_as_it_was(fed: Federation) -> None:
    source_id = fed.aggregate(member("lms"), member("library"))
    _register(fed)
    before = fed.entity()
    fed.clock.advance(hours=1)
    fed.publish_all(member("lms", role(acs("http://lms.example/acs"))), member("library"))
    done = fed.sources.refresh(source_id)
    assert (done.gone, done.skipped) == (0, {"bad_endpoint": 1})
    assert fed.entity() == before


@pytest.mark.parametrize("why", ["away", "other key", "unsigned change", "no xml", "expired"])
def test_what_cannot_be_believed_leaves_what_is_known(fed: Federation, why: str) -> None:
    source_id = fed.aggregate(member("lms"))
    before = fed.entity()
    spoil: dict[str, Callable[[], None]] = {
        "away": lambda: fed.withdraw("/all.xml"),
        "other key": lambda: _foreign(fed),
        "unsigned change": lambda: fed.spoil("/all.xml", b"lms.example/acs", b"evil.example/acs"),
        "no xml": lambda: fed.spoil("/all.xml", b"</md:EntitiesDescriptor>", b""),
        "expired": lambda: fed.clock.advance(days=8),
    }
    fed.clock.advance(hours=1)
    spoil[why]()
    now = fed.clock.now()
    for failures in (1, 2):
        with pytest.raises(BilimError):
            fed.sources.refresh(source_id)
        shown = fed.sources.list()[0]
        assert shown["failures"] == failures
        assert shown["last_error"]
        assert shown["due_at"] == (now + RETRY * failures).isoformat()
    assert fed.entity() == before


def _foreign(fed: Federation) -> None:
    fed.key = credential(8)
    fed.publish_all(member("lms", role(acs("https://evil.example/acs"))))


def test_no_source_speaks_for_another_s_service(fed: Federation) -> None:
    fed.aggregate(member("lms"))
    fed.publish("/evil.xml", member("lms", role(acs("https://evil.example/acs"))))
    evil = fed.sources.add("entity", fed.url("/evil.xml"), [])
    done = fed.sources.refresh(evil)
    assert (done.added, done.foreign) == (0, 1)
    kept = fed.entity()
    assert kept is not None
    assert "evil" not in str(kept.provider)


def test_a_single_address_cannot_become_another_service(fed: Federation) -> None:
    fed.publish("/sp.xml", entity())
    source_id = fed.sources.add("entity", fed.url("/sp.xml"), [fed.key.certificate])
    fed.sources.refresh(source_id)
    _register(fed)
    fed.publish("/sp.xml", entity(entity_id="https://evil.example/sp"))
    with pytest.raises(BilimError, match="entityID"):
        fed.sources.refresh(source_id)
    assert fed.entity("https://evil.example/sp") is None


def test_of_mdq_only_registered_services_are_asked_for_again_each_in_its_time(fed: Federation) -> None:
    source_id = fed.mdq(admits="")
    until = (fed.clock.now() + timedelta(days=2)).strftime('validUntil="%Y-%m-%dT%H:%M:%SZ"')
    fed.answer(LMS, entity(about=until))
    _register(fed)
    asked = len(fed.asked)
    assert fed.sources.refresh(source_id).providers == 0
    assert len(fed.asked) == asked
    fed.clock.advance(hours=25)
    until = (fed.clock.now() + timedelta(days=2)).strftime('validUntil="%Y-%m-%dT%H:%M:%SZ"')
    fed.answer(LMS, entity(role(acs("https://lms.example/new")), about=until))
    assert fed.sources.refresh(source_id).changed == 1
    fed.clock.advance(hours=25)
    fed.withdraw_all()
    assert fed.sources.refresh(source_id).skipped == {"unavailable": 1}
    kept = fed.entity()
    assert kept is not None
    assert "lms.example/new" in str(kept.provider)


def test_a_source_is_refused_with_every_mistake(fed: Federation) -> None:
    with pytest.raises(Invalid) as caught:
        fed.sources.add("file", "ftp://x/", [b"?"], all_schools=True)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "kind", "url", "certificate 1", "all_schools",
    ]  # fmt: skip
    for kind in ("aggregate", "mdq"):
        with pytest.raises(Invalid, match="certificate: needed"):
            fed.sources.add(kind, "https://fed.example/", [])
    with pytest.raises(Invalid, match="admits"):
        fed.sources.add("entity", "https://fed.example/", [], admits="category")
    fed.sources.add("entity", "https://fed.example/", [])
    with pytest.raises(Conflict):
        fed.sources.add("entity", "https://fed.example/", [])
    for act in (fed.sources.refresh, fed.sources.remove):
        with pytest.raises(NotFound):
            act("nothing")


def test_two_nodes_read_a_due_source_once_and_a_failing_one_stops_nobody(fed: Federation) -> None:
    fed.aggregate(member("lms"))
    client_id = _register(fed)
    fed.sources.add("entity", fed.url("/nowhere.xml"), [])
    fed.clock.moment += MOST
    fed.publish_all(member("lms", role(acs("https://lms.example/new"))))
    asked, results = len(fed.asked), []
    start = threading.Barrier(2)

    def node() -> None:
        start.wait()
        results.append(fed.sources.refresh_due())

    threads = [threading.Thread(target=node) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(results) == 1
    assert fed.asked[asked:].count("/all.xml") == 1
    assert fed.asked[asked:].count("/nowhere.xml") == 1
    assert fed.events("saml_metadata_changed") == [{"changed": ["acs"]}]
    assert fed.providers.show(client_id)["acs"] == ["HTTP-POST https://lms.example/new"]
    assert fed.sources.refresh_due() == 0


def test_two_who_read_the_same_at_once_write_the_same_once(fed: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's command has no lease."""
    monkeypatch.setattr(saml_sources, "BATCH", 3)
    source_id = fed.aggregate(member("lms"))
    _register(fed)
    fed.clock.advance(hours=1)
    fed.publish_all(member("lms", role(acs("https://lms.example/new"))), *(member(f"sp{n}") for n in range(10)))
    done: list[Refreshed] = []
    threads = [threading.Thread(target=lambda: done.append(fed.sources.refresh(source_id))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.changed for one in done) == 1
    assert len(fed.events("saml_metadata_changed")) == 1
    assert fed.sources.list()[0]["entities"] == 11


def test_a_removed_source_is_read_no_more(fed: Federation) -> None:
    source_id = fed.aggregate(member("lms"), member("library"))
    _register(fed)
    assert fed.sources.remove(source_id) == 1
    assert fed.sources.list() == []
    assert fed.providers.show(client_id_of(LMS))["source"] is None
    assert fed.entity("https://library.example/sp") is None


def test_a_source_gets_other_certificates_and_terms_and_keeps_its_services(fed: Federation) -> None:
    source_id = fed.aggregate(member("lms"), member("library"))
    _register(fed)
    url, former = fed.url("/all.xml"), fed.key
    with pytest.raises(MetadataRefused):
        fed.enrolment.source("aggregate", url, [credential(8).certificate], replace=True, admits="category")
    assert fed.sources.list()[0]["admits"] == ""
    assert fed.sources.refresh(source_id).providers == 2, "the former certificate holds again"
    fed.key = credential(8)
    fed.publish_all(member("lms"), member("library"))
    both = [former.certificate, fed.key.certificate]
    again, done = fed.enrolment.source("aggregate", url, both, replace=True, admits="category")
    assert (again, done.providers, done.foreign) == (source_id, 2, 0)
    assert fed.providers.show(client_id_of(LMS))["source"] == url
    with pytest.raises(NotFound):
        fed.sources.change("none", both)


def test_a_source_that_brings_us_to_fall_is_noted_and_the_others_are_read(
    fed: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sources are read in their order: the first would keep all others from being read for ever."""
    pinned = [fed.key.certificate]
    poisoned = fed.sources.add("aggregate", fed.url("/poisoned.xml"), pinned)
    good = fed.aggregate(member("lms"))
    fed.clock.advance(days=1)
    read = SamlReading.aggregate

    def falls(self: SamlReading, source: SourceRow, *args: Any, **named: Any) -> Reading:
        if source.id == poisoned:
            raise ZeroDivisionError
        return read(self, source, *args, **named)

    monkeypatch.setattr(SamlReading, "aggregate", falls)
    assert fed.sources.refresh_due() == 1
    listed = {one["id"]: one for one in fed.sources.list()}
    assert (listed[poisoned]["failures"], listed[poisoned]["last_error"]) == (1, "ZeroDivisionError")
    assert listed[poisoned]["due_at"] > fed.clock.now().isoformat()
    assert (listed[good]["failures"], listed[good]["refreshed_at"]) == (0, fed.clock.now().isoformat())
