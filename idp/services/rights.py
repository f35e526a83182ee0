"""Who may do what in the console and its interface: one table, closed by default.

A right names the roles that hold it and how far each reaches: `all` organisations below the own one, the own `school`,
or the own `class`. Acts of legal weight ask for a stronger sign-in, and for a recent one (Digital Code art. 46, 47).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from idp.core import levels

ALL, SCHOOL, CLASS = "all", "school", "class"
RECENT = timedelta(minutes=15)
"""How long ago somebody may have proved who they are, for an act that cannot be taken back lightly."""


@dataclass(frozen=True, slots=True)
class Right:
    """`reach` maps roles to how far they reach; a role that is absent does not hold the right."""

    reach: Mapping[str, str]
    acr: str = levels.PASSWORD
    recent: timedelta | None = None


def _school(*roles: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """These roles for their school, the operator for all, and what else is given."""
    return {"operator": ALL, **dict.fromkeys(roles, SCHOOL), **(more or {})}


_HEADS = ("director", "deputy")
_OFFICE = (*_HEADS, "secretary")
_CARE = (*_OFFICE, "social_pedagogue")
_TEACHER = {"class_teacher": CLASS, "teacher": CLASS}
_ABOVE = {"official": ALL}

RIGHTS: dict[str, Right] = {
    # Organisations and numbers: an authority sees how its schools do, never a pupil's row.
    "schools.read": Right(_school(*_CARE, "data_protection", more=_ABOVE | _TEACHER)),
    "schools.write": Right({"operator": ALL}),
    "schools.settings": Right(_school("director"), levels.MFA),
    "statistics.read": Right(_school(*_HEADS, "data_protection", more=_ABOVE)),
    # People
    "people.read": Right(_school(*_CARE, "data_protection", "nurse", more=_TEACHER)),
    "people.write": Right(_school(*_OFFICE)),
    "people.iin": Right(_school("director", "secretary", "data_protection"), levels.MFA, RECENT),
    "people.merge": Right(_school("director", "secretary"), levels.MFA, RECENT),
    "people.sessions": Right(_school(*_OFFICE, more=_TEACHER), levels.MFA, RECENT),
    # What gives or takes away a way in: first passwords, roles, factors, the number by which an ЭЦҚ finds the account.
    "people.secrets": Right(_school(*_OFFICE), levels.MFA, RECENT),
    "people.transfer": Right(_school(*_OFFICE), levels.MFA, RECENT),
    "people.export": Right(_school("director", "secretary"), levels.MFA, RECENT),
    # Classes, calendar, years
    "classes.read": Right(_school(*_CARE, "data_protection", "nurse", more=_TEACHER)),
    "classes.write": Right(_school(*_OFFICE)),
    "calendar.read": Right(
        _school(*_CARE, "data_protection", "nurse", "guard", "canteen", "staff", more=_ABOVE | _TEACHER)
    ),
    "calendar.write": Right(_school(*_OFFICE)),
    "holidays.write": Right({"operator": ALL}),
    "years.promote": Right(_school(*_HEADS), levels.MFA, RECENT),
    "imports.run": Right(_school(*_OFFICE)),
    "imports.apply": Right(_school(*_OFFICE), levels.MFA, RECENT),
    # Guardians
    "guardians.read": Right(_school(*_CARE, "data_protection", more=_TEACHER)),
    "guardians.write": Right(_school(*_CARE)),
    "guardians.invite": Right(_school(*_CARE, more=_TEACHER)),
    "guardians.confirm": Right(_school(*_CARE, more=_TEACHER)),
    "guardians.block": Right(_school(*_HEADS), levels.MFA, RECENT),
    # Cards
    "cards.read": Right(_school(*_OFFICE, "guard", "canteen", more=_TEACHER)),
    "cards.write": Right(_school(*_OFFICE)),
    "cards.block": Right(_school(*_OFFICE, "guard", "canteen", more=_TEACHER)),
    # Consents
    "consents.read": Right(_school(*_CARE, "data_protection", more=_TEACHER)),
    "consents.paper": Right(_school(*_CARE, more=_TEACHER)),
    "consents.texts": Right(_school("director", "data_protection"), levels.MFA),
    "consents.campaigns": Right(_school(*_OFFICE, "data_protection")),
    "consents.answer": Right(_school("director", "data_protection"), levels.MFA),
    # Rights of the subject, breaches, retention
    "requests.read": Right(_school("director", "data_protection")),
    "requests.answer": Right(_school("director", "data_protection"), levels.MFA),
    "breaches.read": Right(_school("director", "data_protection", more=_ABOVE)),
    "breaches.write": Right(_school("director", "data_protection"), levels.MFA),
    # Many ИИН in clear: like one of them, `people.iin`.
    "breaches.notice": Right(_school("director", "data_protection"), levels.MFA, RECENT),
    "retention.read": Right(_school("director", "data_protection")),
    "access.read": Right(_school("director", "data_protection")),
    "maintenance.write": Right({"operator": ALL}, levels.MFA),
    # Services and the log
    "clients.read": Right(_school(*_OFFICE, "data_protection", more=_ABOVE)),
    "clients.switch": Right(_school(*_HEADS), levels.MFA),
    "audit.read": Right(_school("director", "data_protection")),
}
