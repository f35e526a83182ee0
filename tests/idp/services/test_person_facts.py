"""What the console shows of one person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from idp.core.errors import Invalid, NotFound
from idp.core.scope import Scope
from idp.store import people
from idp.store.models.audit import AuditEvent
from tests.factories.console import Console
from tests.idp.services.test_rank import actor

IIN = "130517600019"


def test_a_number_is_masked_and_opened_only_for_a_reason(console: Console) -> None:
    facts, vault, pupil = console.parts.person_facts, console.parts.iin_vault, console.people["pupil"]
    scope, director = Scope("", "director", (console.school,)), actor(console, "director")
    with pytest.raises(NotFound):
        facts.iin(director, scope, pupil, "Аттестатқа керек")
    with console.parts.uow.write() as tx:
        people.set_iin(tx, [(pupil, vault.lookup(IIN), vault.seal(pupil, IIN))])
    shown = facts.of(scope, pupil)
    assert (shown.iin, shown.is_current, shown.classes) == ("••••••••0019", True, ("7 «Ә»",))
    for reason in ("", "x", f"нөмірі {IIN}", "1305 1760 0019 керек"):
        with pytest.raises(Invalid):
            facts.iin(director, scope, pupil, reason)
    with pytest.raises(NotFound):
        facts.iin(director, scope, console.people["other_pupil"], "Аттестатқа керек")
    assert facts.iin(director, scope, pupil, "Аттестатқа керек") == IIN
    with console.parts.uow.read() as tx:
        (event,) = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "iin_shown"))
    assert event.data == {"reason": "Аттестатқа керек", "role": "director"}
    assert (event.actor_id, event.person_id, event.school_id) == (director.person_id, pupil, console.school)
