"""services/entry: whose step it is, and how somebody came in."""

from __future__ import annotations

from dataclasses import replace

from idp.services.entry import Entry, open_session
from tests.factories.citizens import STRANGER, VISITOR, Citizens


def test_a_step_belongs_to_the_browser_it_was_kept_for() -> None:
    assert VISITOR.is_marked(VISITOR.mark)
    assert not STRANGER.is_marked(VISITOR.mark)
    nobody = replace(VISITOR, browser_id="")
    assert not nobody.is_marked(nobody.mark)


def test_the_session_and_the_word_of_it_come_together(citizens: Citizens) -> None:
    person = citizens.person()
    entry = Entry("eds_ncalayer", person, "urn:bilim:acr:eds", ("hwk",), True, more={"issuer": "test"})
    with citizens.parts.uow.write() as tx:
        opened = open_session(tx, citizens.parts.sessions, VISITOR, entry, now=citizens.clock.now())
    assert opened.max_age is None
    assert citizens.events("login") == [
        {
            "method": "eds_ncalayer",
            "acr": "urn:bilim:acr:eds",
            "session": opened.session_id,
            "shared": True,
            "issuer": "test",
        }
    ]
