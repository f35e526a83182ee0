"""Acting for a child: the question that every page, interface and module asks, anew at each request.

Nothing of the answer is kept anywhere. A link that a school blocked a moment ago, that ended, or that paused because
the child came of age (order-456 reference F1, F2) does not hold in the next request.
"""

from __future__ import annotations

from idp.core.clock import Clock, local_date
from idp.core.errors import Denied, NotFound
from idp.store import guardianships
from idp.store.guardianships import Child
from idp.store.session import UnitOfWork

__all__ = ["Child", "Guardians"]


class Guardians:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def child(self, guardian_id: str, child_id: str) -> Child:
        """The child, when the link holds now; `Child.may_act` says whether for more than seeing class, school and card.

        Raises NotFound: a stranger's child does not exist.
        """
        with self._uow.read() as tx:
            found = guardianships.child(tx, guardian_id, child_id, today=local_date(self._clock.now()))
        if found is None:
            raise NotFound("no such child")
        return found

    def acting_for(self, guardian_id: str, child_id: str) -> Child:
        """The child, when this person may act for it now. Raises NotFound as `child` does, and Denied (`child_of_age`)
        for who is of age: that they keep the link lets a guardian see, not decide.
        """
        found = self.child(guardian_id, child_id)
        if not found.may_act:
            raise Denied("who is of age decides alone", code="child_of_age")
        return found

    def children(self, guardian_id: str) -> list[Child]:
        """All children whose links hold now, in all schools; empty for most people."""
        with self._uow.read() as tx:
            return guardianships.children(tx, guardian_id, today=local_date(self._clock.now()))
