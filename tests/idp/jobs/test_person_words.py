"""Words for people whom an earlier version wrote."""

from __future__ import annotations

import pytest

from idp.jobs import person_words
from idp.jobs.person_words import PersonWords
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person


def test_everybody_gets_words_once(uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_words, "BATCH", 2)
    with uow.write() as tx:
        for number in range(5):
            add_person(tx, f"p{number}")
    run = PersonWords(uow)
    assert (run(), run()) == (5, 0)
