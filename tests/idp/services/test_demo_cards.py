"""Demo pupils have cards, and what became of them since stays."""

from __future__ import annotations

from collections import Counter

from idp.core.clock import FixedClock
from idp.services import scope as scopes
from idp.services.cards import Cards
from idp.services.demo import SCHOOL_BIN, pupils
from idp.services.demo_cards import make_cards
from idp.store import cards, people
from idp.store.session import UnitOfWork
from tests.idp.services.test_demo import _demo


def test_every_pupil_gets_one_card_and_keeps_what_became_of_it(uow: UnitOfWork, clock: FixedClock) -> None:
    _demo(uow, clock)
    register = Cards(uow, clock, lambda name: name.encode() * 8)
    make_cards(uow, register, "000000000000", pupils(), issued_by="gauhar")
    make_cards(uow, register, SCHOOL_BIN, pupils(), issued_by="gauhar")
    with uow.read() as tx:
        (school,) = people.schools(tx, SCHOOL_BIN)
        ids = [str(people.by_username(tx, name)) for name in pupils()]
    assert all((card := register.mine(one)) is not None and card.state == "active" for one in ids)
    assert register.resolve(school, "DE000000000001", "hex").person_id == ids[0]
    register.block_own(ids[0], ids[0])
    make_cards(uow, register, SCHOOL_BIN, pupils(), issued_by="gauhar")
    with uow.read() as tx:
        held = [card.state for one in ids for card in cards.of_person(tx, scopes.of_operator((school,)), one)]
    assert Counter(held) == {"blocked": 1, "active": len(ids) - 1}
