"""Rows of requests: bound to who asks and to the schools of who answers."""

from __future__ import annotations

from datetime import date

from idp.core.clock import FixedClock, local_date
from idp.core.scope import Scope
from idp.store import subject_requests
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school

CLOSED = {"state": "done", "answer": "Жауап", "answered_by": "p"}


def test_a_request_is_closed_once_and_only_within_the_scope(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        person = add_person(tx, family_name="Оспанова", search_key="оспанова")
        add_membership(tx, person, school, end=date(2025, 5, 25))
        row = {
            "id": "r1", "school_id": school, "kind": "access", "requester_id": person, "text": "Сөз",
            "details": {"fields": {"given_name": "А"}}, "made_at": clock.now(), "due_on": date(2026, 9, 2),
        }  # fmt: skip
        subject_requests.add(tx, person, row)
        assert [one.school_id for one in subject_requests.subjects(tx, person, today=date(2026, 9, 1))] == [school]
        assert subject_requests.is_open(tx, person, "access", school)
        away, here = Scope("", "director", (other,)), Scope("", "director", (school,))
        assert subject_requests.one(tx, away, "r1") is None
        assert not subject_requests.close(tx, away, "r1", {**CLOSED, "closed_at": clock.now()})
        rows, total = subject_requests.inbox(tx, here, state="open", kind="access", words="осп", offset=0, limit=5)
        assert (rows[0]["id"], total) == ("r1", 1)
        assert subject_requests.waiting(tx, here, today=date(2026, 9, 3)) == (1, 1)
        assert subject_requests.close(tx, here, "r1", {**CLOSED, "closed_at": clock.now()})
        assert not subject_requests.close(tx, here, "r1", {**CLOSED, "closed_at": clock.now()})
        assert not subject_requests.take_back(tx, person, "r1", school, now=clock.now())
        subject_requests.forget_words(tx, person, now=clock.now())
        kept = subject_requests.one_of_person(tx, person, "r1", today=local_date(clock.now()))
    assert kept is not None
    assert (kept["text"], kept["details"], kept["answer"]) == ("", {}, "Жауап")
