"""Who is asking and which schools they may reach.

Made only in `services/scope.py`; every query on a school-bound table takes one first.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """`schools` holds organisation ids; an empty tuple reaches nothing. `person` is empty for operators' work."""

    person: str
    role: str
    schools: tuple[str, ...]
    classes: tuple[str, ...] | None = None
    """None for everybody of the schools; else only who learns in these classes, for a class teacher."""

    is_released: bool = False
    """What is read goes to another system: of whose data are blocked nothing does (order-456 reference, D11)."""

    def allows(self, school_id: str) -> bool:
        return school_id in self.schools
