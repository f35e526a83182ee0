"""store/oidc: a session as one client sees it. The stores' promises: `tests/contracts/test_oidc_stores.py`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from idp.core.clock import FixedClock
from idp.core.ids import fingerprint
from idp.services import scope
from idp.store import clients, eds_accounts
from idp.store.oidc import OidcStores
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school
from tests.idp.store.test_grants import add_client, add_session

_COOKIE = fingerprint("cookie")


@pytest.mark.parametrize(("idle", "is_live"), [(3599, True), (3600, False)])
def test_an_idle_session_is_over(uow: UnitOfWork, clock: FixedClock, idle: int, is_live: bool) -> None:
    with uow.write() as tx:
        add_session(tx, add_person(tx), clock, token_hash=_COOKIE)
    clock.advance(seconds=idle)
    with OidcStores(uow, scope.of_person).read() as stores:
        assert (stores.sessions.live(_COOKIE, "textbooks", now=clock.now()) is not None) is is_live


def test_an_ended_membership_is_no_longer_the_active_one(uow: UnitOfWork, clock: FixedClock) -> None:
    today = clock.now().date()
    with uow.write() as tx:
        person, school = add_person(tx), add_school(tx)
        membership = add_membership(tx, person, school, end=today)
        add_session(tx, person, clock, token_hash=_COOKIE, membership_id=membership)
    with OidcStores(uow, scope.of_person).read() as stores:
        found = stores.sessions.live(_COOKIE, "textbooks", now=clock.now())
    assert found
    assert (found.membership_id, found.school_id, found.is_client_on) == (None, None, False)


@pytest.mark.parametrize(("begins_in", "is_on"), [(0, True), (1, False)])
def test_a_licence_counts_from_its_first_day(uow: UnitOfWork, clock: FixedClock, begins_in: int, is_on: bool) -> None:
    begin = clock.now().date() + timedelta(days=begins_in)
    with uow.write() as tx:
        add_client(tx, clock)
        person, school = add_person(tx), add_school(tx)
        membership = add_membership(tx, person, school)
        add_session(tx, person, clock, token_hash=_COOKIE, membership_id=membership)
        clients.switch_on(tx, scope.of_operator((school,)), "textbooks", begin=begin, by="operator")
    with OidcStores(uow, scope.of_person).read() as stores:
        found = stores.sessions.live(_COOKIE, "textbooks", now=clock.now())
    assert found
    assert found.is_client_on is is_on


def test_a_role_at_no_school_has_neither_classes_nor_licences(uow: UnitOfWork, clock: FixedClock) -> None:
    today = clock.now().date()
    with uow.write() as tx:
        person = add_person(tx)
        eds_accounts.add_guardian(tx, person, {"id": "nowhere", "begin": today})
        add_session(tx, person, clock, token_hash=_COOKIE, membership_id="nowhere")
    with OidcStores(uow, scope.of_person).read() as stores:
        live = stores.sessions.live(_COOKIE, "textbooks", now=clock.now())
        assert live
        assert (live.membership_id, live.school_id, live.is_client_on) == ("nowhere", None, False)
        (role,) = stores.claims.memberships(person, today=today)
        assert (role["role"], role["school_id"], role["school_name"]) == ("guardian", None, None)
        assert stores.claims.classes(person, "nowhere", today=today) == []
        assert stores.claims.licences(person, "nowhere", today=today) == []
        assert stores.claims.children(person, today=today) == []
