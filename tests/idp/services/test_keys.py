"""services/keys: made once, sealed, rotated so that clients always know the key first."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from idp.services.keys import ALGORITHMS, PUBLISH_BEFORE, SECRET_USES, SHOW_AFTER, SIGN_FOR, IinVault, Keys
from idp.store import keys as stored
from idp.store.session import Tx, UnitOfWork


def _keys(uow: UnitOfWork, clock: FixedClock, master: bytes = b"m" * 32) -> Keys:
    return Keys(uow, clock, lambda: master)


def _kids(keys: Keys) -> set[str]:
    return {str(key["kid"]) for key in keys.ring().jwks()["keys"]}


def test_init_makes_everything_once(uow: UnitOfWork, clock: FixedClock) -> None:
    keys = _keys(uow, clock)
    assert len(keys.init()) == len(ALGORITHMS) + len(SECRET_USES)
    assert keys.init() == []
    assert len(_kids(keys)) == 2
    assert {len(keys.secret(use)) for use in SECRET_USES} == {32}


def test_every_node_sees_the_same_keys_and_secrets(uow: UnitOfWork, clock: FixedClock) -> None:
    one, other = _keys(uow, clock), _keys(uow, clock)
    one.init()
    assert _kids(one) == _kids(other)
    assert one.secret("pairwise") == other.secret("pairwise")


def test_published_keys_stay_readable_while_the_database_is_away(
    uow: UnitOfWork, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = _keys(uow, clock)
    keys.init()
    known = _kids(keys)
    monkeypatch.setattr("idp.services.keys._CACHE_SECONDS", -1.0)
    monkeypatch.setattr("idp.services.keys.keys.version", _away)
    monkeypatch.setattr("idp.services.keys._REREAD_SECONDS", -1.0)
    assert _kids(keys) == known
    with pytest.raises(OperationalError):
        _keys(uow, clock).ring()


def _away(_tx: Tx) -> str:
    raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))


def test_nothing_opens_without_the_master_key(uow: UnitOfWork, clock: FixedClock) -> None:
    _keys(uow, clock).init()
    with pytest.raises(Unavailable):
        _keys(uow, clock, b"x" * 32).ring()


def test_what_is_stored_holds_no_clear_key(uow: UnitOfWork, clock: FixedClock) -> None:
    keys = _keys(uow, clock)
    keys.init()
    with uow.read() as tx:
        rows = stored.all_keys(tx)
    assert not any(b"PRIVATE" in row.sealed or keys.secret("pairwise") in row.sealed for row in rows)


def test_before_init_a_secret_says_what_to_do(uow: UnitOfWork, clock: FixedClock) -> None:
    with pytest.raises(Unavailable) as caught:
        _keys(uow, clock).secret("pairwise")
    assert "idp keys init" in caught.value.detail


def test_a_new_key_is_shown_before_it_signs_and_the_old_one_until_its_tokens_are_over(
    uow: UnitOfWork, clock: FixedClock
) -> None:
    keys = _keys(uow, clock)
    keys.init()
    old = keys.ring().signing("ES256").kid
    clock.moment += SIGN_FOR - PUBLISH_BEFORE
    assert len(keys.rotate()) == 2
    assert keys.ring().signing("ES256").kid == old
    assert len(_kids(keys)) == 4
    assert keys.rotate() == []
    clock.moment += PUBLISH_BEFORE
    keys.rotate()
    new = keys.ring().signing("ES256").kid
    assert new != old
    assert {old, new} <= _kids(keys)
    clock.moment += SHOW_AFTER
    keys.rotate()
    assert old not in _kids(keys)


def test_rotation_at_once_keeps_the_old_key_in_sight(uow: UnitOfWork, clock: FixedClock) -> None:
    keys = _keys(uow, clock)
    keys.init()
    old = _kids(keys)
    clock.advance(seconds=1)
    keys.rotate(at_once=True)
    assert keys.ring().signing("RS256").kid not in old
    assert old < _kids(keys)


def test_another_node_learns_a_new_key_by_its_kid(uow: UnitOfWork, clock: FixedClock) -> None:
    one, other = _keys(uow, clock), _keys(uow, clock)
    one.init()
    other.ring()
    clock.advance(seconds=1)
    one.rotate(at_once=True)
    kid = one.ring().signing("ES256").kid
    other._read_at -= 2
    assert other.ring(unknown_kid=kid).verifying(kid) is not None


def test_an_iin_is_sealed_to_its_person(uow: UnitOfWork, clock: FixedClock) -> None:
    keys = _keys(uow, clock)
    keys.init()
    vault = IinVault(keys)
    sealed = vault.seal("p1", "130901500000")
    assert b"130901500000" not in sealed
    assert vault.open("p1", sealed) == "130901500000"
    with pytest.raises(Unavailable):
        vault.open("p2", sealed)
    assert vault.lookup("130901500000") == vault.lookup("130901500000") != vault.lookup("130901500001")


def test_rotation_is_safe_on_two_nodes_at_once(uow: UnitOfWork, clock: FixedClock) -> None:
    one, other = _keys(uow, clock), _keys(uow, clock)
    one.init()
    clock.moment += SIGN_FOR
    one.rotate()
    clock.moment += PUBLISH_BEFORE + timedelta(seconds=1)
    one.rotate()
    assert other.rotate() == []
