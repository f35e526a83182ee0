"""services/entry: whose step it is, and how somebody came in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.core.errors import Denied
from idp.eds.errors import EdsRefused
from idp.services.eds_login import NeedsSecond
from idp.services.entry import Entry, MustChange, open_session
from idp.services.sessions import Opened
from idp.store import credentials
from tests.factories.citizens import HASH, PASSWORD, STRANGER, VISITOR, Citizens


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


def _first_password(citizens: Citizens, person: str) -> None:
    with citizens.parts.uow.write() as tx:
        rows = [(person, {"hash": HASH})]
        credentials.replace(tx, "password", rows, must_change=True, now=citizens.clock.now())


def _typed(citizens: Citizens, password: str) -> Opened | MustChange:
    """A key, and this password beside it."""
    step = citizens.sign_in(citizens.key())
    assert isinstance(step, NeedsSecond)
    return citizens.parts.eds_login.finish_second(step.ticket, password, VISITOR)


def test_a_printed_password_is_replaced_before_it_counts_beside_a_key(strict: Citizens) -> None:
    person = strict.person()
    _first_password(strict, person)
    strict.membership(person, strict.school())
    login = strict.parts.login
    step = _typed(strict, PASSWORD)
    assert isinstance(step, MustChange)
    assert not strict.parts.sessions.of_person(person)
    assert login.is_first_password(step.ticket, PASSWORD)
    with pytest.raises(Denied) as caught:
        login.change_first(step.ticket, "өзен мен орман", STRANGER)
    assert caught.value.code == "link_expired"
    opened = login.change_first(step.ticket, "өзен мен орман", VISITOR)
    assert isinstance(opened, Opened)
    session = strict.parts.sessions.current(opened.token)
    assert session is not None
    assert (session.acr, session.amr) == ("urn:bilim:acr:eds", ("swk", "pwd", "mfa"))
    assert strict.events("login")[-1]["method"] == "eds_ncalayer"
    with pytest.raises(Denied):
        login.change_first(step.ticket, "тағы бір сөз", VISITOR)
    again = _typed(strict, "өзен мен орман")
    assert isinstance(again, Opened)


def test_who_is_blocked_while_replacing_a_printed_password_is_refused(strict: Citizens) -> None:
    person = strict.person()
    _first_password(strict, person)
    strict.membership(person, strict.school())
    step = _typed(strict, PASSWORD)
    assert isinstance(step, MustChange)
    strict.set_status(person, "blocked")
    with pytest.raises(EdsRefused):
        strict.parts.login.change_first(step.ticket, "өзен мен орман", VISITOR)
    assert not strict.parts.sessions.of_person(person)
