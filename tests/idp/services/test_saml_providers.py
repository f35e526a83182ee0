"""services/saml_providers: one client for one service provider, for as long as it exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from idp.core.clock import FixedClock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.saml.entity import Settings
from idp.services.clients import Clients
from idp.services.saml_providers import SamlProviders
from idp.services.saml_terms import client_id_of
from idp.services.scope import of_operator
from idp.store import clients, saml_entities, school_services
from idp.store.session import UnitOfWork
from tests.factories.relying_party import document
from tests.factories.rows import add_school
from tests.idp.services.test_saml_terms import SP

ID = client_id_of(SP.entity_id)


@pytest.fixture
def providers(uow: UnitOfWork, clock: FixedClock) -> SamlProviders:
    return SamlProviders(uow, clock, "https://id.example")


def test_what_was_stored_is_shown_by_either_name(providers: SamlProviders, uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
    settings = Settings(name_id="persistent", sign="both")
    record = providers.register(
        SP, settings=settings, owner="Атамұра", attributes=["mail"], schools=[school], end_date=date(2027, 8, 31)
    )
    assert record == providers.show(ID) == providers.show(SP.entity_id)
    assert record["settings"] == {"name_id": "persistent", "sign": "both"}
    assert (record["owner"], record["attributes"], record["schools"]) == ("Атамұра", ["mail"], [school])
    assert record["acs"] == ["HTTP-POST https://lms.example/acs"]
    assert record["client_name#en"] == "Courses"
    assert [row["client_id"] for row in providers.list()] == [ID]
    with uow.read() as tx:
        row, entity = clients.find(tx, ID), saml_entities.of_client(tx, ID)
    assert row is not None
    assert entity is not None
    assert (row.protocol, row.end_date, type(SP).from_json(entity.provider)) == ("saml", date(2027, 8, 31), SP)


def test_mistakes_and_unknown_schools_store_nothing(providers: SamlProviders) -> None:
    with pytest.raises(Invalid, match="attributes: iin"):
        providers.register(SP, attributes=["iin"])
    with pytest.raises(Invalid, match="no such school: nowhere"):
        providers.register(SP, schools=["nowhere"])
    assert providers.list() == []


def test_an_entity_is_registered_once_and_replaced_as_the_same_client(
    providers: SamlProviders, clock: FixedClock
) -> None:
    providers.register(SP, client_id="lms", owner="one", schools="all")
    with pytest.raises(Conflict, match="registered as lms"):
        providers.register(SP)
    with pytest.raises(Conflict, match="stays its client_id"):
        providers.register(SP, client_id="other", replace=True)
    clock.advance(hours=1)
    moved = replace(SP, acs=(replace(SP.acs[0], location="https://lms.example/new"),), valid_until=clock.now())
    record = providers.register(moved, owner="other", replace=True)
    assert (record["client_id"], record["owner"], record["schools"]) == ("lms", "other", [])
    assert record["acs"] == ["HTTP-POST https://lms.example/new"]
    assert record["valid_until"] == clock.now().isoformat()


def test_a_sign_on_that_the_service_cannot_begin_begins_here(providers: SamlProviders) -> None:
    settings = Settings(idp_initiated=True, relay_states=("https://lms.example/",))
    record = providers.register(SP, settings=settings)
    assert record["initiate_login_uri"] == (
        "https://id.example/saml/sso?providerId=https%3A%2F%2Flms.example%2Fsp&target=https%3A%2F%2Flms.example%2F"
    )
    own = providers.register(SP, settings=settings, start_url="https://lms.example/start", replace=True)
    assert own["initiate_login_uri"] == "https://lms.example/start"


def test_no_client_of_another_protocol_or_entity_is_overwritten(
    providers: SamlProviders, uow: UnitOfWork, clock: FixedClock
) -> None:
    oidc = Clients(uow, clock)
    oidc.add(document())
    with pytest.raises(Conflict):
        providers.register(SP, client_id="textbooks", replace=True)
    providers.register(SP, client_id="lms")
    with pytest.raises(Conflict):
        providers.register(replace(SP, entity_id="https://other.example/sp"), client_id="lms", replace=True)
    with pytest.raises(Conflict):
        oidc.add(document(client_id="lms"), replace=True)
    assert oidc.show("textbooks")["bilim_owner"] == "Атамұра"


def test_what_is_removed_is_switched_off_and_comes_back_as_itself(
    providers: SamlProviders, uow: UnitOfWork, clock: FixedClock
) -> None:
    providers.register(SP, client_id="lms")
    assert providers.remove(SP.entity_id) == "lms"
    assert providers.list() == []
    with pytest.raises(NotFound):
        providers.show("lms")
    with uow.read() as tx:
        row = clients.find(tx, "lms")
        assert saml_entities.find(tx, SP.entity_id) is None
    assert row is not None
    assert row.is_disabled
    clock.moment += timedelta(days=1)
    assert providers.register(SP, client_id="lms")["is_disabled"] is False


def test_a_disabled_one_is_still_listed(providers: SamlProviders) -> None:
    providers.register(SP)
    assert providers.disable(ID) == ID
    assert providers.list()[0]["is_disabled"] is True
    with pytest.raises(NotFound):
        providers.disable("https://nobody.example/sp")


@pytest.mark.parametrize("is_everywhere", [False, True])
def test_what_a_school_withholds_outlives_a_new_registration(
    providers: SamlProviders, uow: UnitOfWork, clock: FixedClock, is_everywhere: bool
) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx)
    terms: dict[str, Any] = {"attributes": ["mail", "uid"], "schools": "all" if is_everywhere else [school, other]}
    providers.register(SP, **terms)
    today = local_date(clock.now())
    with uow.write() as tx:
        school_services.withhold(tx, of_operator((school,)), ID, ["mail"], begin=today)
    providers.register(SP, **terms, replace=True)
    with uow.read() as tx:
        assert school_services.limits(tx, of_operator((school, other)), ID) == {school: ["mail"]}
        assert school in clients.schools_on(tx, ID, today=today)
    providers.register(SP, attributes=["mail"], schools=[other], replace=True)
    with uow.read() as tx:
        assert clients.schools_on(tx, ID, today=today) == [other]
