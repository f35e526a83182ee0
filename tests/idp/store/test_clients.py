"""store/clients: registered clients and where they are switched on."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from idp.core.clock import FixedClock
from idp.services.scope import of_operator
from idp.store import clients
from idp.store.session import UnitOfWork
from tests.factories.oidc import client_row
from tests.factories.rows import add_school


def _add(uow: UnitOfWork, clock: FixedClock, client_id: str = "textbooks") -> None:
    with uow.write() as tx:
        clients.add(tx, client_row(client_id)._asdict() | {"created_at": clock.now(), "updated_at": clock.now()})


def test_clients_are_kept_listed_and_switched_off(uow: UnitOfWork, clock: FixedClock) -> None:
    for client_id in ("textbooks", "cabinet"):
        _add(uow, clock, client_id)
    with uow.write() as tx:
        assert clients.disable(tx, "cabinet", now=clock.now())
        assert not clients.disable(tx, "nobody", now=clock.now())
        clients.replace(tx, "textbooks", {"owner": "another"})
    with uow.read() as tx:
        assert [(row.client_id, row.is_disabled, row.owner) for row in clients.all_clients(tx)] == [
            ("cabinet", True, "Атамұра"),
            ("textbooks", False, "another"),
        ]


def test_a_client_id_is_taken_once(uow: UnitOfWork, clock: FixedClock) -> None:
    _add(uow, clock)
    with pytest.raises(IntegrityError):
        _add(uow, clock)


def test_schools_are_switched_on_and_off(uow: UnitOfWork, clock: FixedClock) -> None:
    _add(uow, clock)
    with uow.write() as tx:
        one, two = add_school(tx), add_school(tx)
        clients.switch_on(tx, of_operator((one, two)), "textbooks", begin=clock.now().date(), by="operator")
        assert clients.schools_of(tx, "textbooks") == sorted([one, two])
        clients.switch_off(tx, of_operator((one,)), "textbooks")
        assert clients.schools_of(tx, "textbooks") == [two]
        assert clients.known_schools(tx, [two, "nowhere"]) == {two}
