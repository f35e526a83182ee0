"""One record for everything the law asks, made when it is asked for."""

from __future__ import annotations

from idp.core.calendar import WorkingDays
from idp.core.clock import FixedClock
from idp.services.consent_ends import Ends
from idp.services.consent_seal import Seals
from idp.services.protection import Protection
from idp.services.retention_rules import rules
from idp.store.session import UnitOfWork


def test_every_part_is_made_once(uow: UnitOfWork, clock: FixedClock) -> None:
    ends = Ends(Seals(lambda _name: b"k"))
    made = Protection(
        uow, clock, lambda _tx, _school: WorkingDays(), lambda _id, _sealed: "", rules(people_days=1), ends
    )
    for name in ("requests", "answers", "breaches", "statistics", "access", "retention", "maintenance"):
        assert getattr(made, name) is getattr(made, name)
