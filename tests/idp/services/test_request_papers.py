"""services/request_papers: the same rights without an account, and the same clock from the day the paper came."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from idp.core.errors import BilimError
from idp.store.models.people import Membership, Person
from tests.factories.console import Console
from tests.idp.services.test_subject_answers import actor, scope

PAPER = {"number": "12-к", "date": "2026-09-03", "text": "Менің деректерім тұрған"}


def test_who_has_left_asks_on_paper_and_is_answered_like_anybody(console: Console) -> None:
    """A former pupil cannot sign in any more; the school holds their data none the less."""
    console.clock.moment = datetime(2026, 9, 7, 5, tzinfo=UTC)
    papers, people, at = console.parts.protection.papers, console.people, (actor(console), scope(console))
    pupil = people["pupil"]
    with console.parts.uow.write() as tx:
        left = update(Membership).where(Membership.person_id == pupil)
        tx.connection.execute(left.values(end=date(2026, 9, 1)))
        tx.connection.execute(update(Person).where(Person.id == pupil).values(status="ended"))
    assert [one for one, _ in papers.askers(scope(console), pupil)] == [pupil, people["guardian"]]

    def enter(kind: str = "blocking", about: str = pupil, by: str = people["guardian"], **said: str) -> str:
        return papers.enter(*at, console.school, kind, about=about, by=by, said=PAPER | said)

    wrongs: tuple[tuple[dict[str, str], str], ...] = (
        ({"kind": "correction"}, "request_incomplete"),
        ({"text": ""}, "request_incomplete"),
        ({"number": " "}, "paper_number"),
        ({"date": "2026-09-08"}, "paper_date"),
        ({"by": people["teacher"]}, "not_found"),
        ({"about": people["other_pupil"], "by": people["other_pupil"]}, "not_found"),
    )
    for said, code in wrongs:
        with pytest.raises(BilimError) as wrong:
            enter(**said)
        assert wrong.value.code == code
    made = enter()
    shown = console.parts.protection.answers.one(scope(console), made)
    assert (shown.due_on, shown.is_late) == (date(2026, 9, 4), True)  # From when it came, and that was last week.
    with pytest.raises(BilimError) as twice:
        enter()
    assert twice.value.code == "request_open"
    console.parts.protection.answers.answer(*at, made, text="Бұғатталды")
    assert console.parts.protection.answers.one(scope(console), made).is_restricted
