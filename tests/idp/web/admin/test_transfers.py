"""A pupil changes schools."""

from __future__ import annotations

import re

from sqlalchemy import select

from idp.store.models.audit import AuditEvent
from tests.factories.console import Console


def test_a_code_of_the_old_school_brings_the_pupil_to_the_new_one(console: Console) -> None:
    pupil = console.people["pupil"]
    old = console.browser("secretary")
    old.go(f"/admin/schools/{console.school}/people/{pupil}/transfer")
    page = old.submit("/transfer")
    code = re.search(r'id="transfer-code"><b>([^<]+)</b>', page.text)
    assert code
    new = console.browser("other_director")
    new.go(f"/admin/schools/{console.other}/transfer")
    assert new.submit("/transfer", code="KKKK-KKKK-KKKK").status_code == 422
    review = new.submit("/transfer", code=code[1].lower())
    assert "Серікова Айгерім" in review.text
    assert code[1] not in review.request.url
    assert new.submit("/take", **{"class": console.klass}).status_code == 422
    taken = new.submit("/take", **{"class": console.other_klass})
    assert taken.request.path == f"/admin/schools/{console.other}/people/{pupil}"
    new.page = review
    assert new.submit("/take", **{"class": console.other_klass}).status_code == 422
    there = old.go(f"/admin/schools/{console.school}/people/{pupil}")
    assert there.status_code == 200
    assert "edit" not in there.text
    with console.parts.uow.read() as tx:
        query = select(AuditEvent.event, AuditEvent.school_id).where(AuditEvent.person_id == pupil)
        events = {tuple(row) for row in tx.connection.execute(query)}
    assert {("transferred_out", console.school), ("transferred_in", console.other)} <= events
