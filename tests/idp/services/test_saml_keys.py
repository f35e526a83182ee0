"""services/saml_keys: made once, published before they sign, taken away by the operator alone."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from idp.services import keys as keys_module
from idp.services.keys import Keys
from idp.services.saml_keys import KINDS, OPEN_FOR, SETTLE, SHOW_AFTER, SamlKeys, makers
from idp.store import keys as stored
from idp.store.session import Tx, UnitOfWork
from idp.xml.keys import Credential


def _node(uow: UnitOfWork, clock: FixedClock) -> tuple[Keys, SamlKeys]:
    keys = Keys(uow, clock, lambda: b"m" * 32, makers(clock, "id.example"))
    return keys, SamlKeys(uow, clock, keys, "id.example")


@pytest.fixture
def saml(uow: UnitOfWork, clock: FixedClock) -> SamlKeys:
    keys, made = _node(uow, clock)
    keys.init()
    return made


def _names(credentials: object) -> list[bytes]:
    assert isinstance(credentials, list)
    return [one.certificate for one in credentials]


def test_init_makes_them_with_the_other_keys_and_only_once(uow: UnitOfWork, clock: FixedClock) -> None:
    keys, saml = _node(uow, clock)
    with pytest.raises(Unavailable):
        keys.demand_made()
    keys.init()
    keys.demand_made()
    assert keys.init() == []
    assert [one.algorithm for one in saml.signing()] == ["rsa-sha256", "ecdsa-sha256"]
    assert [one.algorithm for one in saml.decryption()] == ["rsa-sha256"]
    for one in (*saml.signing(), *saml.decryption()):
        assert isinstance(one, Credential)
        assert one.private_key
    with uow.read() as tx:
        assert not any(b"PRIVATE" in row.sealed for row in stored.all_keys(tx))


def test_an_installation_from_before_lacks_them_until_init(uow: UnitOfWork, clock: FixedClock) -> None:
    Keys(uow, clock, lambda: b"m" * 32).init()
    keys, saml = _node(uow, clock)
    with pytest.raises(Unavailable, match="not initialised"):
        keys.demand_made()
    assert saml.signing() == []
    assert len(keys.init()) == len(KINDS)
    assert len(saml.signing()) == 2


def test_each_credential_is_parsed_once(saml: SamlKeys) -> None:
    assert saml.signing()[0] is saml.signing()[0]


def test_a_rotation_publishes_then_signs_then_ends(saml: SamlKeys, clock: FixedClock, uow: UnitOfWork) -> None:
    old, old_decryption = _names(saml.signing()), _names(saml.decryption())
    assert saml.waits_until() is None
    clock.advance(seconds=1)
    assert len(saml.rotate()) == len(KINDS)
    assert _names(saml.signing())[:2] == old
    assert len(saml.signing()) == 4
    assert _names(saml.decryption())[0] == old_decryption[0]
    assert saml.rotate() == []
    assert saml.waits_until() == clock.now() + SETTLE

    clock.moment += SETTLE
    other = _node(uow, clock)[1]
    assert len(saml.rotate()) == 2 * len(KINDS)
    new = _names(saml.signing())[:2]
    assert set(new).isdisjoint(old)
    assert _names(saml.signing())[2:] == old
    assert [one.algorithm for one in saml.signing()] == ["rsa-sha256", "ecdsa-sha256"] * 2
    assert _names(other.signing()) == _names(saml.signing())
    assert _names(saml.decryption())[1:] == old_decryption

    clock.moment += SHOW_AFTER
    assert len(saml.rotate()) == 2
    assert _names(saml.signing()) == new
    assert _names(saml.decryption())[1:] == old_decryption


def test_an_old_decryption_key_opens_for_a_time(saml: SamlKeys, clock: FixedClock, uow: UnitOfWork) -> None:
    for _ in range(3):
        clock.advance(seconds=1)
        saml.rotate(at_once=True)
    assert (len(saml.signing()), len(saml.decryption())) == (2, 2)
    clock.moment += OPEN_FOR
    keys, after = _node(uow, clock)
    keys.rotate()
    assert (len(after.signing()), len(after.decryption())) == (2, 1)


def test_two_nodes_take_one_step(saml: SamlKeys, clock: FixedClock, uow: UnitOfWork) -> None:
    other = _node(uow, clock)[1]
    stale = other._rows()
    saml.rotate()
    other._rows = lambda: stale  # type: ignore[method-assign]  # it looked before the first one wrote
    assert other.rotate() == []
    assert len(saml.signing()) == 4


def test_they_stay_usable_while_the_database_is_away(saml: SamlKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    known = saml.signing()
    monkeypatch.setattr(keys_module, "_CACHE_SECONDS", -1.0)
    monkeypatch.setattr(keys_module, "_REREAD_SECONDS", -1.0)
    monkeypatch.setattr(stored, "version", _away)
    assert saml.signing() == known


def _away(_tx: Tx) -> str:
    raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))
