"""One suite for the engine's stores: the fake one and the SQL ones keep the same promises (`idp/oidc/ports.py`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from idp.core.clock import FixedClock
from idp.core.ids import fingerprint, new_id
from idp.store import consents
from idp.store.oidc import OidcStores
from idp.store.session import UnitOfWork, open_engine
from tests.factories.oidc import client_row
from tests.factories.oidc_ground import COOKIE, MEMBERSHIP, PERSON, SCHOOL, SESSION, Ground, on_fakes, on_sql
from tests.fakes.oidc_stores import FakeUnit


@pytest.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ground(request: pytest.FixtureRequest, clock: FixedClock) -> Iterator[Ground]:
    if request.param == "fake":
        yield on_fakes(clock)
        return
    engine = open_engine(str(request.getfixturevalue(f"{request.param}_url")))
    yield on_sql(UnitOfWork(engine), clock)
    engine.dispose()


def test_a_code_is_spent_once(ground: Ground) -> None:
    grant_id = ground.add()
    grant = ground.redeem(grant_id)
    assert (grant.id, grant.person_id, grant.scope) == (grant_id, PERSON, "openid profile")
    assert (list(grant.resource), list(grant.amr)) == (["https://canteen.example"], ["pwd"])
    assert grant.auth_time == ground.clock.now()
    assert ground.redeem(grant_id) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"code_hash": fingerprint("another")},
        {"client_id": "cabinet"},
        {"redirect_uri": "https://textbooks.example/"},
        {"code_challenge": ""},
        {"id": new_id()},
    ],
)
def test_a_code_is_bound_to_all_it_was_issued_with(ground: Ground, changes: dict[str, str]) -> None:
    grant_id = ground.add()
    assert ground.redeem(grant_id, **changes) is None
    assert ground.redeem(grant_id)


def test_a_code_expires(ground: Ground) -> None:
    grant_id = ground.add()
    ground.clock.advance(seconds=60)
    assert ground.redeem(grant_id) is None


@pytest.mark.parametrize("what", ["person", "session", "membership"])
def test_a_code_needs_person_session_and_membership(ground: Ground, what: str) -> None:
    grant_id = ground.add(scope="openid offline_access")
    ground.end(what)
    assert ground.redeem(grant_id) is None


def test_a_grant_without_membership_needs_none(ground: Ground) -> None:
    assert ground.redeem(ground.add(membership_id=None)).membership_id is None


def test_a_refresh_token_is_spent_once(ground: Ground) -> None:
    grant_id = ground.add()
    ground.redeem(grant_id)
    assert ground.rotate(grant_id, "refresh 1", "refresh 2")
    assert ground.rotate(grant_id, "refresh 1", "refresh 3") is None
    assert ground.rotate(grant_id, "refresh 2", "refresh 3")
    with ground.unit.read() as stores:
        history = stores.grants.history(grant_id)
    assert history
    assert history.refresh_hash == fingerprint("refresh 3")
    assert history.code_hash == fingerprint("code")
    assert history.code_consumed_at == ground.clock.now()


def test_a_refresh_token_ends_at_the_absolute_end_of_its_grant(ground: Ground) -> None:
    grant_id = ground.add()
    ground.redeem(grant_id)
    ground.clock.advance(days=20)
    grant = ground.rotate(grant_id, "refresh 1", "refresh 2")
    assert grant.refresh_expires_at == ground.clock.now() + timedelta(days=20)
    ground.clock.advance(days=20)
    assert ground.rotate(grant_id, "refresh 2", "refresh 3") is None


@pytest.mark.parametrize("what", ["person", "session", "membership"])
def test_a_refresh_token_falls_with_what_it_stands_on(ground: Ground, what: str) -> None:
    tied, free = ground.add(), ground.add(scope="openid offline_access")
    for grant_id in (tied, free):
        ground.redeem(grant_id)
    ground.end(what)
    assert ground.rotate(tied, "refresh 1", "refresh 2") is None
    assert (ground.rotate(free, "refresh 1", "refresh 2") is not None) is (what == "session")
    assert ground.standing(tied).grant is None
    assert (ground.standing(free).grant is not None) is (what == "session")


@pytest.mark.parametrize("lookalike", ["openid not_offline_access", "offline_accessible openid"])
def test_only_the_very_scope_is_offline(ground: Ground, lookalike: str) -> None:
    grant_id = ground.add(scope=lookalike)
    ground.redeem(grant_id)
    ground.end("session")
    assert ground.rotate(grant_id, "refresh 1", "refresh 2") is None


def test_a_revoked_family_gives_nothing(ground: Ground) -> None:
    grant_id = ground.add()
    ground.redeem(grant_id)
    assert ground.standing(grant_id).grant
    with ground.unit.write() as stores:
        assert stores.grants.revoke(grant_id, now=ground.clock.now())
        assert not stores.grants.revoke(grant_id, now=ground.clock.now())
    assert ground.rotate(grant_id, "refresh 1", "refresh 2") is None
    assert ground.standing(grant_id).grant is None


def test_a_revoked_token_is_known_and_its_grant_stands(ground: Ground) -> None:
    grant_id = ground.add()
    ground.redeem(grant_id)
    for _ in range(2):
        with ground.unit.write() as stores:
            stores.tokens.revoke("jti-1", expires_at=ground.clock.now())
    assert ground.standing(grant_id, "jti-1").is_revoked
    assert ground.standing(grant_id, "jti-1").grant
    assert not ground.standing(grant_id, "jti-2").is_revoked


def test_standing_without_a_grant_still_tells_of_the_client(ground: Ground) -> None:
    found = ground.standing("")
    assert found.client.client_id == "textbooks"
    assert found.client.metadata["client_name"] == "Оқулықтар"
    assert found.grant is None
    with ground.unit.read() as stores:
        assert stores.tokens.standing(grant_id="", client_id="nobody", jti="", now=ground.clock.now()) is None


def test_a_client_is_found_with_all_it_is(ground: Ground) -> None:
    with ground.unit.read() as stores:
        found = stores.clients.find("textbooks")
        assert stores.clients.find("nobody") is None
    assert found
    assert tuple(found) == tuple(client_row())  # type: ignore[arg-type]


def test_a_session_is_seen_as_one_client_sees_it(ground: Ground) -> None:
    with ground.unit.read() as stores:
        found = stores.sessions.live(COOKIE, "textbooks", now=ground.clock.now())
        assert stores.sessions.live(fingerprint("other"), "textbooks", now=ground.clock.now()) is None
    assert found
    assert (found.id, found.person_id, found.membership_id, found.school_id) == (
        SESSION,
        PERSON,
        MEMBERSHIP,
        SCHOOL,
    )
    assert found.is_client_on is True
    assert list(found.amr) == ["pwd"]


@pytest.mark.parametrize("what", ["person", "session"])
def test_a_session_falls_with_its_person(ground: Ground, what: str) -> None:
    ground.end(what)
    with ground.unit.read() as stores:
        assert stores.sessions.live(COOKIE, "textbooks", now=ground.clock.now()) is None


def test_a_session_is_touched(ground: Ground) -> None:
    ground.clock.advance(minutes=5)
    with ground.unit.write() as stores:
        stores.sessions.touch(SESSION, now=ground.clock.now())
    with ground.unit.read() as stores:
        found = stores.sessions.live(COOKIE, "textbooks", now=ground.clock.now())
    assert found
    assert found.last_seen_at == ground.clock.now()


def test_a_one_time_value_belongs_to_its_purpose(ground: Ground) -> None:
    now = ground.clock.now()
    with ground.unit.write() as stores:
        stores.one_time.put("v", purpose="interaction", data={"a": [1]}, now=now, ttl_seconds=60)
    with ground.unit.read() as stores:
        assert stores.one_time.peek("v", purpose="interaction", now=now) == {"a": [1]}
        assert stores.one_time.peek("v", purpose="reset", now=now) is None
        assert stores.one_time.peek("v", purpose="interaction", now=now + timedelta(seconds=60)) is None


def test_a_jti_is_new_once(ground: Ground) -> None:
    now = ground.clock.now()
    for expected in (True, False):
        with ground.unit.write() as stores:
            assert stores.one_time.put_if_new("j", purpose="client_assertion", now=now, ttl_seconds=60) is expected


def test_an_exception_leaves_nothing_behind(ground: Ground) -> None:
    grant_id = ground.add()
    with pytest.raises(LookupError), ground.unit.write() as stores:
        stores.grants.revoke(grant_id, now=ground.clock.now())
        raise LookupError
    assert ground.redeem(grant_id)


def test_a_consent_is_found_by_person_client_and_membership(ground: Ground, clock: FixedClock) -> None:
    with ground.unit.read() as stores:
        assert stores.consents.find(person_id=PERSON, client_id="textbooks", membership_id=None) is None
    if isinstance(ground.unit, OidcStores):
        for scopes in (["openid"], ["openid", "profile"]):
            with ground.unit.write() as opened:
                consents.give(
                    opened._tx,
                    person_id=PERSON,
                    client_id="textbooks",
                    membership_id=None,
                    school_id=None,
                    scopes=scopes,
                    claims=[],
                    now=clock.now(),
                )
        with ground.unit.read() as stores:
            found = stores.consents.find(person_id=PERSON, client_id="textbooks", membership_id=None)
            assert stores.consents.find(person_id=PERSON, client_id="textbooks", membership_id=MEMBERSHIP) is None
        assert found
        assert (list(found.scopes), found.given_at) == (["openid", "profile"], clock.now())


def _race(action: Callable[[int], Any], callers: int = 8) -> list[Any]:
    """Runs `action(number)` in parallel, all let go at once."""
    gate = threading.Barrier(callers)

    def run(number: int) -> Any:
        gate.wait()
        return action(number)

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(run, range(callers)))


def _redeem(ground: Ground, grant_id: str, _number: int) -> Any:
    return ground.redeem(grant_id)


def _rotate(ground: Ground, grant_id: str, number: int) -> Any:
    return ground.rotate(grant_id, "refresh 1", f"next {number}")


def test_of_parallel_redemptions_exactly_one_wins(
    ground: Ground, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    if isinstance(ground.unit, FakeUnit):
        return
    rounds = effort(3, 50)
    for _ in range(rounds):
        grant_id = ground.add()
        results = _race(partial(_redeem, ground, grant_id))
        assert sum(result is not None for result in results) == 1
    counted("parallel redemptions of one code", rounds)


def test_of_parallel_refreshes_exactly_one_wins(
    ground: Ground, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    if isinstance(ground.unit, FakeUnit):
        return
    rounds = effort(3, 50)
    for _ in range(rounds):
        grant_id = ground.add()
        ground.redeem(grant_id)
        results = _race(partial(_rotate, ground, grant_id))
        assert sum(result is not None for result in results) == 1
    counted("parallel uses of one refresh token", rounds)


def test_of_parallel_assertions_with_one_jti_exactly_one_is_new(ground: Ground) -> None:
    if isinstance(ground.unit, FakeUnit):
        return
    now = ground.clock.now()

    def claim(_number: int) -> bool:
        with ground.unit.write() as stores:
            return stores.one_time.put_if_new("jti", purpose="client_assertion", now=now, ttl_seconds=60)

    assert sum(_race(claim)) == 1
