"""store/saml: registered services, who is signed on where, and both gone with what they hang on."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import delete, insert

from idp.core.clock import FixedClock
from idp.saml import names
from idp.saml.entity import Endpoint, ServiceProvider, Settings
from idp.services import scope
from idp.store import saml
from idp.store.models.saml import SamlEntity
from idp.store.models.sessions import LoginSession
from idp.store.saml import SamlStores
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person
from tests.idp.store.test_grants import add_client, add_session

ENTITY = "https://lms.example/saml"


def _stores(uow: UnitOfWork) -> SamlStores:
    return SamlStores(
        uow,
        scope.of_person,
        lambda kept, chosen: (ServiceProvider.from_json(json.loads(kept)), Settings.from_json(json.loads(chosen))),
    )


def _register(uow: UnitOfWork, clock: FixedClock) -> None:
    provider = ServiceProvider(ENTITY, (Endpoint(names.POST, "https://lms.example/acs"),))
    row = {
        "entity_id": ENTITY, "client_id": "lms", "provider": provider.as_json(),
        "settings": Settings(sign="both").as_json(), "refreshed_at": clock.now(),
    }  # fmt: skip
    with uow.write() as tx:
        add_client(tx, clock, client_id="lms", protocol="saml", approved_claims=["mail"])
        tx.connection.execute(insert(SamlEntity), row)
        tx.connection.execute(
            insert(SamlEntity), row | {"entity_id": "https://known.example", "client_id": None, "settings": {}}
        )


def test_a_registered_service_is_found_by_either_name_and_one_that_is_only_known_is_not(
    uow: UnitOfWork, clock: FixedClock
) -> None:
    _register(uow, clock)
    with _stores(uow).read() as stores:
        found = stores.providers.find(ENTITY)
        assert found is not None
        assert (found.client_id, found.settings.sign, list(found.approved_attributes)) == ("lms", "both", ["mail"])
        assert found.provider.acs[0].location == "https://lms.example/acs"
        assert stores.providers.get("lms") == found
        assert stores.providers.find("https://known.example") is None
        assert stores.providers.get("nobody") is None


def test_sign_ons_are_found_by_name_and_index_and_go_with_their_session(uow: UnitOfWork, clock: FixedClock) -> None:
    _register(uow, clock)
    with uow.write() as tx:
        person = add_person(tx)
        session = add_session(tx, person, clock)
    about = {"client_id": "lms", "session_id": session, "person_id": person}
    with _stores(uow).write() as stores:
        for number, name_id in enumerate(({"value": "k5u"}, {"value": "k5u"}, {})):
            created = clock.now() + timedelta(seconds=number)
            row = {"name_id": name_id, "session_index": f"_{number}", "created_at": created}
            assert stores.participants.add(about | row, request_id=f"_r{number}" if number else "")
        replayed = about | {"name_id": {}, "session_index": "_9", "created_at": clock.now()}
        assert not stores.participants.add(replayed, request_id="_r1")
    with _stores(uow).read() as stores:
        named = stores.participants.named
        assert [one.session_index for one in named("lms", "k5u", [])] == ["_0", "_1"]
        assert [one.session_index for one in named("lms", "k5u", ["_1", "_2"])] == ["_1"]
        assert (named("lms", "", []), named("other", "k5u", []), named("lms", "k5", [])) == ([], [], [])
    with uow.write() as tx:
        assert [one.session_index for one in saml.of_session(tx, session)] == ["_0", "_1", "_2"]
        tx.connection.execute(delete(LoginSession).where(LoginSession.id == session))
        assert saml.of_session(tx, session) == []


def test_a_saml_service_is_no_client_of_openid_connect(uow: UnitOfWork, clock: FixedClock) -> None:
    from idp.store.oidc import OidcStores

    _register(uow, clock)
    with OidcStores(uow, scope.of_person).read() as stores:
        assert stores.clients.find("lms") is None
