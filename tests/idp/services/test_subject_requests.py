"""Who may demand what about whom, and until when it is answered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from sqlalchemy import update

from idp.core.errors import Conflict, Invalid, NotFound
from idp.services.subject_requests import KINDS, mistakes
from idp.store.models.people import Guardianship
from tests.factories.console import Console, add_guardianship

FRIDAY = datetime(2026, 12, 11, 5, tzinfo=UTC)


def test_a_parent_asks_for_themselves_and_the_child_and_for_nobody_else(console: Console) -> None:
    requests, people = console.parts.protection.requests, console.people
    about = [(one.person_id, one.is_self) for one in requests.subjects(people["guardian"])]
    assert about == [(people["guardian"], True), (people["pupil"], False)]
    made = requests.make(people["guardian"], "access", about=people["pupil"], school_id=console.school)
    with pytest.raises(NotFound):
        requests.make(people["guardian"], "access", about=people["other_pupil"], school_id=console.other)
    with pytest.raises(NotFound):
        requests.take_back(people["director"], made)
    assert [one.is_own for one in requests.of_person(people["pupil"])] == [False]
    with pytest.raises(NotFound):
        requests.one_of_person(people["other_pupil"], made)


def test_the_same_request_sent_several_times_at_once_stands_once(console: Console) -> None:
    requests, pupil = console.parts.protection.requests, console.people["pupil"]
    begin = Barrier(4)

    def press(_: int) -> str:
        begin.wait()
        try:
            requests.make(pupil, "access", about=pupil, school_id=console.school)
        except Conflict as error:
            return error.code
        return "made"

    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(press, range(4))) == ["made", *["request_open"] * 3]
        requests.take_back(pupil, next(one.id for one in requests.of_person(pupil) if one.state == "open"))


def test_a_blocked_link_reads_no_answer_and_takes_nothing_back(console: Console) -> None:
    requests, people = console.parts.protection.requests, console.people
    made = requests.make(people["guardian"], "access", about=people["pupil"], school_id=console.school)
    own = requests.make(people["guardian"], "access", about=people["guardian"], school_id=console.school)
    assert {one.id for one in requests.of_person(people["guardian"])} == {made, own}
    with console.parts.uow.write() as tx:
        link = update(Guardianship).where(Guardianship.child_id == people["pupil"])
        tx.connection.execute(link.values(blocked_at=console.clock.now()))
    assert [one.id for one in requests.of_person(people["guardian"])] == [own]
    for act in (requests.one_of_person, requests.take_back):
        with pytest.raises(NotFound):
            act(people["guardian"], made)
    assert [one.id for one in requests.of_person(people["pupil"])] == [made]


def test_a_blocked_link_makes_no_request(console: Console) -> None:
    with console.parts.uow.write() as tx:
        add_guardianship(
            tx,
            console.school,
            console.people["other_pupil"],
            console.people["guardian"],
            blocked_at=console.clock.now(),
        )
    known = {one.person_id for one in console.parts.protection.requests.subjects(console.people["guardian"])}
    assert console.people["other_pupil"] not in known


@pytest.mark.parametrize(
    ("kind", "due"),
    [("blocking", date(2026, 12, 14)), ("destruction", date(2026, 12, 14)), ("objection", date(2026, 12, 17))],
)
def test_the_clock_counts_working_days_over_holidays(console: Console, kind: str, due: date) -> None:
    """16 December is a holiday of the whole country: three working days after Friday the 11th end on the 17th."""
    console.parts.holidays.seed()
    console.clock.moment = FRIDAY
    requests, pupil = console.parts.protection.requests, console.people["pupil"]
    made = requests.make(pupil, kind, about=pupil, school_id=console.school, text="Себебі")
    found = requests.one_of_person(pupil, made)
    assert (found.due_on, found.is_late) == (due, False)
    console.clock.moment = datetime(2026, 12, 18, 5, tzinfo=UTC)
    assert requests.one_of_person(pupil, made).is_late


def test_the_same_is_not_asked_twice_until_it_was_answered_or_taken_back(console: Console) -> None:
    requests, pupil = console.parts.protection.requests, console.people["pupil"]
    made = requests.make(pupil, "access", about=pupil, school_id=console.school)
    with pytest.raises(Conflict):
        requests.make(console.people["guardian"], "access", about=pupil, school_id=console.school)
    requests.take_back(pupil, made)
    with pytest.raises(Conflict):
        requests.take_back(pupil, made)
    assert requests.make(pupil, "access", about=pupil, school_id=console.school) != made


def test_a_correction_says_what_and_by_which_paper(console: Console) -> None:
    requests, pupil = console.parts.protection.requests, console.people["pupil"]
    with pytest.raises(Invalid):
        requests.make(pupil, "correction", about=pupil, school_id=console.school, text="куәлік")
    assert mistakes("correction", "", {"birth_date": "31.12.2013", "email": "x"}) == {
        "text": "missing", "birth_date": "malformed", "email": "malformed",
    }  # fmt: skip
    assert mistakes("access", "", {}) == {}
    assert {kind for kind, term in KINDS.items() if not term.by_law} == {"access"}
