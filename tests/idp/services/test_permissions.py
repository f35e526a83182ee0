"""services/permissions: what a person allowed clients, and taking it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.oidc.authorization import Interact, Redirect
from idp.services.permissions import Permissions
from idp.store import audit, consents, grants
from idp.store.models.work import OutboxItem
from idp.store.session import UnitOfWork
from tests.factories.oidc import BROWSER, COOKIE
from tests.factories.rows import add_membership, add_person, add_school
from tests.idp.services.test_consent import House
from tests.idp.store.test_grants import add_client, add_grant, add_session


@pytest.fixture
def house(uow: UnitOfWork, clock: FixedClock) -> House:
    return House(uow, clock)


def test_a_permission_taken_back_ends_its_tokens_and_is_asked_for_again(house: House, clock: FixedClock) -> None:
    permissions = Permissions(house.uow, clock)
    assert permissions.of(house.person) == []
    asked = house.ask(scope="openid profile school offline_access")
    house.consents.allow(asked.interaction_id, session_token=COOKIE, browser=BROWSER)
    assert isinstance(house.ask(), Redirect)
    with house.uow.write() as tx:
        session = add_session(tx, house.person, clock)
        later = {"refresh_hash": "x", "refresh_expires_at": clock.now() + timedelta(days=1)}
        grant = add_grant(tx, house.person, session, clock, scope="openid offline_access", **later)
    (one,) = permissions.of(house.person)
    assert (one.name, one.is_asked, one.is_offline, one.since) == ("Оқулықтар", True, True, clock.now())
    assert {"name", "school"} <= set(one.claims)
    assert one.places == [("pupil", "№ 12")]
    assert permissions.withdraw(house.person, "textbooks")
    assert not permissions.withdraw(house.person, "textbooks")
    assert permissions.of(house.person) == []
    assert isinstance(house.ask(), Interact)
    with house.uow.read() as tx:
        history = grants.history(tx, grant)
        assert history is not None
        assert history.revoked_at == clock.now()
        events = [event.event for event in audit.of_person(tx, house.person)]
    assert events.count("permission_withdrawn") == 1


def test_nobody_takes_back_what_somebody_else_allowed(house: House, clock: FixedClock) -> None:
    asked = house.ask()
    house.consents.allow(asked.interaction_id, session_token=COOKIE, browser=BROWSER)
    with house.uow.write() as tx:
        other = add_person(tx, "marat")
    assert not Permissions(house.uow, clock).withdraw(other, "textbooks")
    assert isinstance(house.ask(), Redirect)


def test_every_role_is_named_and_a_client_without_a_permission_that_may_come_back(
    uow: UnitOfWork, clock: FixedClock
) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        add_client(tx, clock)
        told: dict[str, Any] = {"client_name": "Асхана", "backchannel_logout_uri": "https://canteen.example/out"}
        add_client(tx, clock, "canteen", **told)
        for school, role in (("№ 12", "teacher"), ("№ 5", "guardian")):
            school_id = add_school(tx, school)
            held = add_membership(tx, person, school_id, role)
            consents.give(
                tx, person_id=person, client_id="textbooks", membership_id=held, school_id=school_id,
                scopes=["openid", "email"], claims=["email"], now=clock.now(),
            )  # fmt: skip
        session = add_session(tx, person, clock)
        later = {"refresh_hash": "x", "refresh_expires_at": clock.now() + timedelta(days=1)}
        add_grant(tx, person, session, clock, client_id="canteen", scope="openid roles offline_access", **later)
        add_grant(tx, person, session, clock, client_id="canteen", scope="openid roles", **later)
    permissions = Permissions(uow, clock)
    canteen, textbooks = permissions.of(person)
    assert (canteen.is_asked, canteen.is_offline, canteen.scopes) == (False, True, ["roles"])
    assert sorted(textbooks.places) == [("guardian", "№ 5"), ("teacher", "№ 12")]
    assert (textbooks.claims, textbooks.is_offline) == (["email"], False)
    assert permissions.withdraw(person, "canteen")
    with uow.read() as tx:
        items = tx.connection.execute(select(OutboxItem.kind, OutboxItem.data)).all()
    data = {"client_id": "canteen", "person_id": person, "session_id": session}
    assert [tuple(item) for item in items] == [("backchannel_logout", data)]
    assert [one.client_id for one in permissions.of(person)] == ["textbooks"]
