"""services/saml_enrolment: by file, by address, by a federation's word; half of it is never left behind."""

from __future__ import annotations

import pytest

from idp.core.errors import BilimError, Conflict, Invalid, Unavailable
from idp.saml.metadata_errors import MetadataRefused
from tests.factories.saml_federation import Federation, member
from tests.factories.saml_house import database_kind
from tests.factories.saml_metadata import acs, credential, entity, group, role, signed

__all__ = ["database_kind"]

LMS = "https://lms.example/sp"


def test_a_file_registers_all_that_it_describes(fed: Federation) -> None:
    two = group(member("lms"), member("library"))
    with pytest.raises(Invalid, match="describes 2"):
        fed.enrolment.from_file(two, client_id="x")
    records = fed.enrolment.from_file(two, owner="Білім", schools="all")
    assert [one["entity_id"] for one in records] == [LMS, "https://library.example/sp"]
    assert {one["schools"] for one in records} == {"all"}
    assert fed.sources.list() == []


def test_addresses_without_https_are_taken_from_a_file_where_the_operator_says_so(fed: Federation) -> None:
    data = entity(role(acs("http://lms.school.example/acs")))
    with pytest.raises(MetadataRefused) as refusal:
        fed.enrolment.from_file(data)
    assert refusal.value.code == "bad_endpoint"
    assert fed.enrolment.from_file(data, plain_http=True)[0]["entity_id"] == LMS


def test_a_file_can_be_held_to_a_key(fed: Federation) -> None:
    data = signed(entity())
    with pytest.raises(MetadataRefused):
        fed.enrolment.from_file(data, [credential(8).certificate])
    assert fed.enrolment.from_file(data, [credential(0).certificate])[0]["entity_id"] == LMS


def test_an_address_is_read_again_from_then_on(fed: Federation) -> None:
    fed.publish("/sp.xml", entity())
    record = fed.enrolment.from_somewhere(fed.url("/sp.xml"), [fed.key.certificate])[0]
    assert record["source"] == fed.url("/sp.xml")
    fed.clock.advance(days=1)
    fed.publish("/sp.xml", entity(role(acs("https://lms.example/new"))))
    assert fed.sources.refresh_due() == 1
    assert fed.providers.show(LMS)["acs"] == ["HTTP-POST https://lms.example/new"]
    with pytest.raises(Conflict):
        fed.enrolment.from_somewhere(fed.url("/sp.xml"), [fed.key.certificate])
    fed.key = credential(8)
    fed.publish("/sp.xml", entity())
    again = fed.enrolment.from_somewhere(fed.url("/sp.xml"), [fed.key.certificate], owner="Білім", replace=True)
    assert again[0]["owner"] == "Білім"
    (source,) = fed.sources.list()
    assert fed.sources.refresh(source["id"]).providers == 1


def test_nothing_is_remembered_of_an_address_that_registers_nothing(fed: Federation) -> None:
    fed.publish("/sp.xml", entity())
    fed.publish("/two.xml", group(member("lms"), member("library")))
    with pytest.raises(Invalid):
        fed.enrolment.from_somewhere(fed.url("/sp.xml"), attributes=["iin"])
    with pytest.raises(Invalid, match="aggregate"):
        fed.enrolment.from_somewhere(fed.url("/two.xml"))
    with pytest.raises(Unavailable):
        fed.enrolment.from_somewhere(fed.url("/nothing.xml"))
    with pytest.raises(BilimError):
        fed.enrolment.source("aggregate", fed.url("/two.xml"), [credential(8).certificate])
    assert fed.sources.list() == fed.providers.list() == []


def test_an_entity_id_is_enough_where_a_source_knows_it(fed: Federation) -> None:
    fed.publish_all(member("lms"))
    source_id, done = fed.enrolment.source("aggregate", fed.url("/all.xml"), [fed.key.certificate])
    assert done.added == 1
    record = fed.enrolment.from_somewhere(LMS, owner="Білім")[0]
    assert record["source"] == fed.url("/all.xml")
    fed.clock.advance(hours=1)
    fed.publish_all(member("lms", role(acs("https://lms.example/new"))))
    assert fed.sources.refresh(source_id).changed == 1
