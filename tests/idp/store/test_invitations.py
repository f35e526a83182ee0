"""Codes as rows: found by hash, spent to the last use, void for a class."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from idp.core.scope import Scope
from idp.store import invitations
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment
from tests.factories.rows import BEGINNING, add_person, add_school

TODAY = date(2026, 9, 1)


def test_a_code_is_good_until_spent_over_or_void(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        child = add_person(tx, birth_date=date(2013, 5, 17), given_name="Айгерім")
        klass = add_class(tx, school)
        add_enrolment(tx, school, klass, child, "pupil")
        scope = Scope("", "director", (school,))
        assert [one.id for one in invitations.pupils(tx, scope, klass, today=TODAY)] == [child]
        base = {
            "school_id": school, "child_id": child, "uses_left": 2, "made_by": "m", "made_at": BEGINNING,
            "expires_at": BEGINNING + timedelta(days=1), "revoked_at": None,
        }  # fmt: skip
        invitations.add(tx, scope, [base | {"id": f"{n}" * 32, "code_hash": f"hash {n}"} for n in range(2)])
        with pytest.raises(ValueError, match="scope"):
            invitations.add(tx, Scope("", "director", ()), [base | {"id": "y" * 32, "code_hash": "y"}])
        found = invitations.by_code(tx, "hash 0", now=BEGINNING)
        assert found is not None
        assert (found.child_id, found.birth_date, found.is_good) == (
            child,
            date(2013, 5, 17),
            True,
        )
        assert invitations.by_code(tx, "hash 9", now=BEGINNING) is None
        assert [invitations.spend(tx, child, found.id, now=BEGINNING) for _ in range(3)] == [True, True, False]
        late = BEGINNING + timedelta(days=1)
        assert not invitations.spend(tx, child, "1" * 32, now=late)
        (listed,) = invitations.classes(tx, scope, today=TODAY, now=BEGINNING)
        assert (listed.title, listed.pupils, listed.codes) == ("7 «Ә»", 1, 1)
        assert invitations.revoke(tx, Scope("", "director", ()), [child], now=BEGINNING) == 0
        assert invitations.revoke(tx, scope, [child], now=BEGINNING) == 1
        void = invitations.by_code(tx, "hash 1", now=BEGINNING)
        assert void is not None
        assert not void.is_good
