"""The register's statements: a step is taken from the right state once, in the right school only."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.store import cards
from idp.store.cards import Hashes
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school


def test_the_database_keeps_one_active_card_and_one_holder(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        one, other = add_person(tx, "one"), add_person(tx, "other")
        add_membership(tx, one, school)
    scope, foreign = Scope("", "secretary", (school,)), Scope("", "secretary", ("elsewhere",))

    def row(person: str, number: bytes) -> dict[str, object]:
        return {
            "id": new_id(), "school_id": school, "person_id": person, "number_hash": number, "number_hint": "1",
            "issued_at": BEGINNING, "issued_by": "x", "changed_at": BEGINNING, "changed_by": "x",
        }  # fmt: skip

    first = row(one, b"a")
    with uow.write() as tx:
        cards.add(tx, scope, first)
        with pytest.raises(ValueError, match="outside"):
            cards.add(tx, foreign, row(other, b"b"))
    for again in (row(one, b"b"), row(other, b"a")):
        with pytest.raises(IntegrityError), uow.write() as tx:
            cards.add(tx, scope, again)
    step = {"to": "returned", "reason": "left", "by": "x", "now": BEGINNING}
    with uow.write() as tx:
        assert cards.move(tx, foreign, str(first["id"]), states=("active",), **step) is None  # type: ignore[arg-type]
        assert cards.move(tx, scope, str(first["id"]), states=("active",), **step) is not None  # type: ignore[arg-type]
        assert cards.move(tx, scope, str(first["id"]), states=("active",), **step) is None  # type: ignore[arg-type]
        cards.add(tx, scope, row(other, b"a"))
    with uow.read() as tx:
        assert [card.person_id for card in cards.by_number(tx, scope, Hashes(b"a", None, True))] == [other, one]
        assert cards.by_number(tx, foreign, Hashes(b"a", None, True)) == []
        assert cards.held_by(tx, one) is None
