"""Who has access, from the table of rights itself."""

from __future__ import annotations

from datetime import timedelta

from idp.core.scope import Scope
from idp.services.access_list import rights_of
from idp.services.rights import RIGHTS
from idp.store import credentials
from tests.factories.console import Console


def test_staff_is_listed_with_rights_last_sign_in_and_second_factor(console: Console) -> None:
    console.browser("director")
    console.clock.advance(days=1)
    with console.parts.uow.write() as tx:
        credentials.replace(
            tx, "totp", [(console.people["director"], {"secret": "x"})], must_change=False, now=console.clock.now()
        )
    entries = {
        one.role: one for one in console.parts.protection.access.entries(Scope("", "director", (console.school,)))
    }
    assert not entries.keys() & {"pupil", "guardian", "operator"}
    assert (entries["director"].has_second_factor, entries["guard"].has_second_factor) == (True, False)
    assert entries["director"].last_seen == console.clock.now() - timedelta(days=1)
    assert entries["guard"].last_seen is None
    assert dict(entries["class_teacher"].rights)["people.read"] == "class"
    assert {name for name, _reach in rights_of("director")} == {
        n for n, right in RIGHTS.items() if "director" in right.reach
    }
