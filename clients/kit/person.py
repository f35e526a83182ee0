"""Who is signed in, read from claims. Claims come from outside: what has a wrong shape is left out, never trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("kk", "ru", "en")


def _text(source: dict[str, Any], name: str) -> str:
    value = source.get(name)
    return value if isinstance(value, str) else ""


def _records(source: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = source.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class SchoolClass:
    id: str
    title: str
    subject: str
    role: str
    """`pupil`, `teacher` or `class_teacher`: what this person is in this class."""


@dataclass(frozen=True, slots=True)
class Person:
    """`claims` are the answer of UserInfo; `session_id` is the client session's."""

    sub: str
    session_id: str
    claims: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        return _text(self.claims, "name") or " ".join(
            part for part in (_text(self.claims, "given_name"), _text(self.claims, "family_name")) if part
        )

    @property
    def initial(self) -> str:
        return (_text(self.claims, "given_name") or self.name)[:1].upper()

    @property
    def locale(self) -> str:
        """`kk`, `ru`, `en`, or empty when the claim names another language or is absent."""
        language = _text(self.claims, "locale")[:2].lower()
        return language if language in LANGUAGES else ""

    @property
    def grade(self) -> str:
        value = self.claims.get("grade")
        return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""

    @property
    def school_id(self) -> str:
        school = self.claims.get("school")
        return _text(school, "id") if isinstance(school, dict) else ""

    @property
    def school_name(self) -> str:
        school = self.claims.get("school")
        return _text(school, "name") if isinstance(school, dict) else ""

    @property
    def all_roles(self) -> tuple[str, ...]:
        """Every role the person holds anywhere, once each, in the order of the claim."""
        return tuple(dict.fromkeys(_text(entry, "role") for entry in _records(self.claims, "roles")))

    @property
    def roles(self) -> tuple[str, ...]:
        """The role marked `active`; without such a mark those at the active school, or all when no school is named."""
        here = [
            entry
            for entry in _records(self.claims, "roles")
            if not self.school_id or _text(entry, "school_id") == self.school_id
        ]
        active = [entry for entry in here if entry.get("active") is True]
        return tuple(dict.fromkeys(_text(entry, "role") for entry in active or here))

    @property
    def memberships(self) -> int:
        return len({(_text(e, "role"), _text(e, "school_id")) for e in _records(self.claims, "roles")})

    @property
    def classes(self) -> tuple[SchoolClass, ...]:
        return tuple(
            SchoolClass(_text(e, "id"), _text(e, "title"), _text(e, "subject"), _text(e, "role"))
            for e in _records(self.claims, "classes")
            if _text(e, "id")
        )

    @property
    def own_classes(self) -> tuple[SchoolClass, ...]:
        """Classes where the person learns."""
        return tuple(entry for entry in self.classes if entry.role == "pupil")

    @property
    def taught_classes(self) -> tuple[SchoolClass, ...]:
        """Classes where the person teaches, and only while holding a teacher's role at the active school."""
        if not {"teacher", "class_teacher"} & set(self.roles):
            return ()
        return tuple(entry for entry in self.classes if entry.role in ("teacher", "class_teacher"))

    def records(self, claim: str) -> list[dict[str, Any]]:
        """A claim that is a list of objects, such as `children` or `licences`."""
        return _records(self.claims, claim)
