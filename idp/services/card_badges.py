"""What is printed on the badges of a class: face, name, class, school. No ИИН, and of a number only its last digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.scope import Scope
from idp.store import cards, people
from idp.store.cards import Face
from idp.store.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class BadgeSheet:
    """`school` in Kazakh and Russian."""

    school: str
    school_ru: str
    class_title: str
    faces: Sequence[Face]
    at: datetime


class CardBadges:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def of_class(self, scope: Scope, school_id: str, class_id: str) -> BadgeSheet:
        """Raises NotFound for a class outside the scope, or one in which nobody learns today."""
        now = self._clock.now()
        with self._uow.read() as tx:
            faces = cards.faces(tx, scope, class_id, today=local_date(now))
            if not faces:
                raise NotFound("no such class, or nobody in it")
            school, school_ru = people.school_names(tx, school_id)
        return BadgeSheet(school, school_ru, faces[0].class_title, faces, now)
