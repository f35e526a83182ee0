"""A switch of one school touches no other."""

from __future__ import annotations

from idp.core.clock import FixedClock, local_date
from idp.services import scope as scopes
from idp.store import clients, school_services
from idp.store.session import UnitOfWork
from tests.factories.rows import add_school


def test_a_switch_is_remembered_for_its_school_only(uow: UnitOfWork, clock: FixedClock) -> None:
    today = local_date(clock.now())
    with uow.write() as tx:
        first, second = add_school(tx), add_school(tx, "№ 5")
        clients.add(
            tx,
            {
                "client_id": "canteen", "metadata": {}, "profile": "modern", "sector": "s", "owner": "", "purpose": "",
                "consent": "ask", "approved_scopes": [], "approved_claims": [], "resources": [], "all_schools": True,
                "is_disabled": False, "created_at": clock.now(), "updated_at": clock.now(),
            },
        )  # fmt: skip
        here, there = scopes.of_operator((first,)), scopes.of_operator((second,))
        for is_on in (False, True, False):
            school_services.switch(tx, here, "canteen", is_on=is_on, today=today, by="director")
            [(row, said)] = school_services.listed(tx, here, today=today)
            assert (row.client_id, said is not None and bool(said["on"])) == ("canteen", is_on)
        assert [said for _, said in school_services.listed(tx, there, today=today)] == [None]
        assert school_services.last_used(tx, here, since=clock.now()) == {}
