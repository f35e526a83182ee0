"""What follows every act on a link: the feed of each school where the child learns."""

from __future__ import annotations

from sqlalchemy import select

from idp.core.clock import local_date
from idp.services.guardian_acts import Act, settle_in, settle_out
from idp.store import guardian_links
from idp.store.models.audit import AuditEvent, Change
from tests.factories.console import Console
from tests.factories.rows import add_membership


def test_every_school_of_the_child_hears_of_a_change(console: Console) -> None:
    now, people = console.clock.now(), console.people
    today = local_date(now)
    with console.parts.uow.write() as tx:
        add_membership(tx, people["pupil"], console.other, "pupil")
        link = guardian_links.between(tx, people["pupil"], people["guardian"], today=today)
        assert link is not None
        act = Act(tx, link, people["director"], console.school, now)
        act.record("guardian_blocked", "ended", basis="court")
        settle_in(tx, people["guardian"], console.other, now=now, today=today)
        settle_out(tx, link, now=now, today=today)  # The link is there still: nothing ends.
    with console.parts.uow.read() as tx:
        fed = {tuple(row) for row in tx.connection.execute(select(Change.kind, Change.action, Change.school_id))}
        event = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "guardian_blocked")).one()
    assert fed == {
        ("guardianships", "ended", console.school), ("guardianships", "ended", console.other),
        ("memberships", "added", console.other),
    }  # fmt: skip
    assert event.data == {"link": link.id, "guardian": people["guardian"], "basis": "court"}
    assert (event.actor_id, event.person_id) == (people["director"], people["pupil"])
