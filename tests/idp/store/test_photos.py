"""Pictures of people."""

from __future__ import annotations

from datetime import date

from idp.core.scope import Scope
from idp.store import photos
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school


def test_one_picture_is_put_replaced_named_and_removed(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, person, stranger = add_school(tx), add_person(tx), add_person(tx, "other")
        add_membership(tx, person, school)
        for image in (b"one", b"two"):
            photos.put(tx, person, image, by="me", now=BEGINNING)
        scope, day = Scope("", "secretary", (school,)), date(2026, 9, 1)
        assert photos.one(tx, person) == b"two"
        assert photos.named(tx, scope, ["aigerim", "other", stranger], today=day) == {
            "aigerim": (person, True), person: (person, True),
        }  # fmt: skip
        assert [photos.remove(tx, person) for _ in range(2)] == [True, False]
        assert photos.one(tx, person) is None
