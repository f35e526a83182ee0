"""Cards of the demo pupils. The numbers are made up: no maker of cards gives out `DE000000…`."""

from __future__ import annotations

from collections.abc import Sequence

from idp.services import scope as scopes
from idp.services.cards import Cards
from idp.store import cards, people
from idp.store.session import UnitOfWork

_BEGIN = "DE000000"


def make_cards(uow: UnitOfWork, register: Cards, school: str, usernames: Sequence[str], *, issued_by: str) -> None:
    """One for each pupil of the school with this БИН who never had any, issued by the member of staff `issued_by`."""
    with uow.read() as tx:
        found, clerk = people.schools(tx, school), people.by_username(tx, issued_by)
        if len(found) != 1 or clerk is None:
            return
        scope = scopes.of_actor(clerk, "secretary", (found[0],))
        pupils = {name: people.by_username(tx, name) for name in usernames}
        without = [name for name, pupil in pupils.items() if pupil and not cards.of_person(tx, scope, pupil)]
    for name in without:
        number = f"{_BEGIN}{usernames.index(name) + 1:06X}"
        register.issue(scope, found[0], name, number, "hex")
