"""What a guardian may know of a child's class: which it is, and who leads it."""

from __future__ import annotations

from dataclasses import dataclass

from idp.core.clock import Clock, local_date
from idp.core.names import full_name
from idp.services import scope as scopes
from idp.store import claims, classes
from idp.store.guardianships import Child
from idp.store.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class ChildClass:
    """`teacher` is the full name of the class teacher, empty while there is none."""

    id: str
    title: str
    teacher: str


class ChildClasses:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def of(self, guardian_id: str, child: Child) -> ChildClass | None:
        """The class of a child that `Guardians.child` has just given; None between two classes."""
        if not child.school_id or not child.class_title:
            return None
        today = local_date(self._clock.now())
        scope = scopes.of_person(guardian_id, "guardian", (child.school_id,))
        with self._uow.read() as tx:
            rows = claims.classes(tx, scope, [child.person_id], claims.PUPIL_ROLES, today=today)
            row = next((one for one in rows if one["title"] == child.class_title), None)
            if row is None:
                return None
            teaching = classes.members(tx, scope, today=today, class_id=row["id"], roles=("class_teacher", "teacher"))
        leading = sorted(
            (one for one in teaching if one["role"] == "class_teacher" or one["is_primary"]),
            key=lambda one: one["role"] != "class_teacher",
        )
        names = [full_name(one["family_name"], one["given_name"], one["middle_name"]) for one in leading]
        return ChildClass(row["id"], row["title"], names[0] if names else "")
