"""services/saml_admission: a category opens a door as wide as it says, and shuts it again."""

from __future__ import annotations

from dataclasses import replace

from idp.saml import names
from idp.saml.attributes import CATALOGUE
from idp.saml.entity import AttributeService, RequestedAttribute
from idp.saml.release import BUNDLES
from idp.services.clients import Clients
from idp.services.saml_admission import by_category
from idp.services.saml_terms import client_id_of
from tests.factories.relying_party import document
from tests.factories.saml_federation import PSEUDONYMOUS, Federation, member
from tests.factories.saml_house import database_kind
from tests.factories.saml_metadata import acs, role
from tests.idp.services.test_saml_terms import SP

__all__ = ["database_kind"]

PERSONALIZED = names.CATEGORY_PERSONALIZED
WISHES = AttributeService(
    attributes=(RequestedAttribute(CATALOGUE["mail"].uri, is_required=True), RequestedAttribute(CATALOGUE["cn"].uri))
)


def _said(*categories: str) -> tuple[str, ...] | None:
    return by_category(replace(SP, entity_categories=categories, attribute_services=(WISHES,)))


def test_a_category_allows_its_bundle_and_nothing_that_the_metadata_wishes_beside_it() -> None:
    assert set(_said(PSEUDONYMOUS) or ()) == set(BUNDLES[PSEUDONYMOUS])
    assert set(_said(names.CATEGORY_ANONYMOUS, PERSONALIZED) or ()) == set(BUNDLES[PERSONALIZED])
    assert _said(names.CATEGORY_COCO_2) == ("mail",)
    assert set(_said(names.CATEGORY_COCO_1, PSEUDONYMOUS) or ()) == {*BUNDLES[PSEUDONYMOUS], "mail"}
    assert _said() is None
    assert _said("https://example.org/category/everything") is None


def test_an_admitted_service_has_what_its_category_allows_now(fed: Federation) -> None:
    source_id = fed.aggregate(member("lms"), admits="category", all_schools=True)
    client_id = fed.discovery.find("https://lms.example/sp")
    row = fed.client(client_id)
    assert (set(row.approved_claims), row.consent, row.all_schools) == (set(BUNDLES[PSEUDONYMOUS]), "ask", True)
    fed.clock.advance(hours=1)
    fed.publish_all(member("lms", categories=(PERSONALIZED,)))
    fed.sources.refresh(source_id)
    assert set(fed.client(client_id).approved_claims) == set(BUNDLES[PERSONALIZED])
    fed.clock.advance(hours=1)
    fed.publish_all(member("lms", categories=()))
    fed.sources.refresh(source_id)
    row = fed.client(client_id)
    assert (row.approved_claims, row.is_disabled) == ([], True)
    assert fed.events("client_added") == [{"schools": [], "by": "category"}]
    assert len(fed.events("saml_metadata_changed")) == 2
    assert len(fed.events("client_disabled")) == 1


def test_what_the_operator_approved_stays_whatever_the_metadata_says(fed: Federation) -> None:
    source_id = fed.aggregate(member("lms"), admits="category")
    found, origin = fed.discovery.look_up("https://lms.example/sp")
    start = "https://lms.example/start"
    fed.providers.register(found, source_id=origin, attributes=["uid"], start_url=start)
    fed.clock.advance(hours=1)
    fed.publish_all(member("lms", role(acs("https://lms.example/new")), categories=(PERSONALIZED,)))
    fed.sources.refresh(source_id)
    row = fed.client(client_id_of("https://lms.example/sp"))
    assert (row.approved_claims, row.is_disabled) == (["uid"], False)
    assert row.metadata == {"client_name": "lms.example", "client_name#en": "lms.example", "initiate_login_uri": start}


def test_what_the_operator_removed_under_a_name_of_his_own_does_not_come_back_either(fed: Federation) -> None:
    fed.aggregate(member("lms"), admits="category", all_schools=True)
    found, origin = fed.discovery.look_up("https://lms.example/sp")
    fed.providers.register(found, source_id=origin, client_id="our-lms")
    fed.providers.remove("our-lms")
    assert fed.discovery.find("https://lms.example/sp") == ""
    assert fed.events("client_added") == [{"schools": []}]


def test_nobody_takes_the_sector_of_another_service_for_an_entity_id(fed: Federation) -> None:
    """A client of OpenID Connect has a host for its sector, and an entityID need not be a URI."""
    Clients(fed.uow, fed.clock).add(document(redirect_uris=["https://cabinet.example/callback"]))
    fed.aggregate(member().replace(b"https://lms.example/sp", b"cabinet.example"), admits="category")
    assert fed.entity("cabinet.example") is not None
    assert fed.discovery.find("cabinet.example") == ""
