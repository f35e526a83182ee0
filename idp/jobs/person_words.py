"""Gives people the words they are found by, whom a writer of an earlier version left without."""

from __future__ import annotations

from idp.store import words
from idp.store.session import UnitOfWork

BATCH = 1000


class PersonWords:
    """Runs at `idp db upgrade`, and in the worker for what an older node writes during an upgrade."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def __call__(self) -> int:
        """Returns how many people got words; each batch in a short transaction of its own."""
        done, after = 0, ""
        while True:
            with self._uow.read() as tx:
                people = words.without(tx, after=after, limit=BATCH)
            if not people:
                return done
            with self._uow.write() as tx:
                words.renew(tx, people)
            done, after = done + len(people), people[-1]
