"""New keys for ИИН without downtime."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select, update

from idp.core.errors import Conflict
from idp.core.scope import Scope
from idp.services import iin_rotation
from idp.services.eds_accounts import EdsAccounts, Known
from idp.services.iin_rotation import SETTLE
from idp.services.person_form import Mistakes
from idp.store import people
from idp.store.models.people import Person
from tests.factories.console import Console
from tests.idp.services.test_eds_accounts import SIGNED
from tests.idp.services.test_rank import actor

IIN = SIGNED.iin


def _states(console: Console) -> list[str]:
    from idp.store import keys

    with console.parts.uow.read() as tx:
        return sorted(row.state for row in keys.all_keys(tx) if row.use in iin_rotation.USES)


def test_matching_works_before_during_and_after(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iin_rotation, "BATCH", 1)
    parts, person = console.parts, console.people["nurse"]
    vault, rotation = parts.iin_vault, parts.iin_rotation
    accounts = EdsAccounts(parts.uow, console.clock, vault, ())
    scope, director = Scope("", "director", (console.school,)), actor(console, "director")
    with parts.uow.write() as tx:
        for one, number in ((person, IIN), (console.people["guard"], "130517600019")):
            people.set_iin(tx, [(one, vault.lookup(number), vault.seal(one, number))])
    first = vault.lookup(IIN)

    def check(versions: int) -> bytes:
        """Sign-in, import and duplicates find the person; the number opens. Returns what is stored."""
        lookup = accounts.lookup(SIGNED)
        assert len(lookup) == versions
        with parts.uow.write() as tx:
            assert accounts.decide(tx, SIGNED, lookup) == Known(person)
        with pytest.raises(Mistakes):
            parts.person_edits.set_iin(director, scope, console.people["canteen"], IIN)
        with parts.uow.read() as tx:
            assert list(people.by_iin(tx, vault.lookups(IIN)).values()) == [person]
            row = tx.connection.execute(select(Person.iin_lookup, Person.iin_sealed).where(Person.id == person)).one()
        assert row[0]
        assert row[1]
        assert vault.open(person, row[1]) == IIN
        return row[0]

    assert (rotation(), check(1)) == ([], first)
    rotation.begin()
    with pytest.raises(Conflict):
        rotation.begin()
    assert (check(2), vault.lookup(IIN), rotation()) == (first, first, [])
    assert _states(console) == ["active", "active", "next", "next"]
    console.clock.advance(seconds=SETTLE.total_seconds() + 1)
    assert len(rotation()) == 4
    assert (check(2), _states(console)) == (first, ["active", "active", "retired", "retired"])
    assert vault.lookup(IIN) != first
    assert rotation() == []
    console.clock.advance(seconds=SETTLE.total_seconds() + 1)
    assert len(rotation()) == 2
    assert check(1) == vault.lookup(IIN) != first
    assert (_states(console), rotation()) == (["active", "active"], [])


def test_a_number_that_no_key_opens_keeps_the_old_keys(console: Console, caplog: pytest.LogCaptureFixture) -> None:
    rotation = console.parts.iin_rotation
    with console.parts.uow.write() as tx:
        broken = {"iin_sealed": b"x" * 40, "iin_lookup": b"x"}
        tx.connection.execute(update(Person).where(Person.id == console.people["nurse"]).values(broken))
    rotation.begin()
    for _ in range(2):
        console.clock.advance(seconds=SETTLE.total_seconds() + 1)
        with caplog.at_level(logging.ERROR):
            steps = rotation()
    assert steps == []
    assert "keep the old keys alive" in caplog.text
