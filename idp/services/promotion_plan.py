"""What becomes of classes and pupils when a school year ends: pure rules, nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from idp.core.names import sort_key

CLASS_ACTIONS = ("raise", "leave", "keep")
PUPIL_ACTIONS = ("", "stays", "leaves")
_TOP = {"primary": 4, "basic": 9, "preschool": 0}
_LAST = 11
BEFORE_END = timedelta(days=31)
AT_LEAST_BETWEEN = timedelta(days=183)
"""Between two moves of one school: nobody is raised twice in one school year."""
_LEADING = re.compile(r"^\s*(\d{1,2})(?!\d)")


def year_of(today: date) -> int:
    """The school year that ends: until the end of September the one of this summer, since schools are often late."""
    return today.year + (today.month > 9)


def opens_on(year: int, end: date | None) -> date:
    """From when a school may be moved: a month before its school year ends; 1 May when it has no calendar."""
    return end - BEFORE_END if end else date(year, 5, 1)


@dataclass(frozen=True, slots=True)
class Step:
    """One class: `action` is what will be done, `proposed` what we would. `title` and `grade` become the new ones."""

    class_id: str
    title: str
    grade: str
    new_title: str
    new_grade: str
    action: str
    proposed: str
    pupils: int
    staying: int = 0
    leaving: int = 0


@dataclass
class Moves:
    """Every row that changes. Lists of ids but for `classes` and `enrolments`, which are new rows."""

    classes: list[dict[str, Any]] = field(default_factory=list)
    enrolments: list[dict[str, Any]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Enrolments."""
    grades: dict[str, list[str]] = field(default_factory=dict)
    """Memberships by the grade they get."""
    leavers: dict[str, str] = field(default_factory=dict)
    """Membership by person."""
    homeless: int = 0
    """Pupils who repeat a grade in which there is no class."""

    @property
    def numbers(self) -> dict[str, int]:
        raised = sum(len(ids) for ids in self.grades.values())
        return {
            "classes": len(self.classes), "closed": len(self.closed), "raised": raised,
            "left": len(self.leavers), "homeless": self.homeless,
        }  # fmt: skip


def next_title(title: str, grade: str) -> str:
    """`7 «Ә»` becomes `8 «Ә»`; a title that does not begin with its grade stays as it is."""
    found = _LEADING.match(title)
    if not grade or found is None or found[1] != grade:
        return title
    return title[: found.start(1)] + str(int(grade) + 1) + title[found.end(1) :]


def propose(grade: str, school_type: str) -> str:
    """Who has reached the last grade of this kind of school leaves; a class without a grade stays as it is."""
    if not grade:
        return "keep"
    return "leave" if int(grade) >= _TOP.get(school_type, _LAST) else "raise"


def steps(
    classes: Sequence[Mapping[str, Any]], pupils: Sequence[Mapping[str, Any]], plan: Mapping[str, Any], school_type: str
) -> list[Step]:
    """The plan for every open homeroom, by grade and in Kazakh order."""
    decided: Mapping[str, str] = plan.get("classes", {})
    exceptions: Mapping[str, str] = plan.get("pupils", {})
    by_class: dict[str, list[str]] = {}
    for pupil in pupils:
        by_class.setdefault(pupil["class_id"], []).append(exceptions.get(pupil["person_id"], ""))
    found = []
    for row in classes:
        proposed = propose(row["grade"], school_type)
        action = decided.get(row["id"], proposed)
        if action == "raise" and not row["grade"]:
            action = "keep"
        new_grade = str(int(row["grade"]) + 1) if action == "raise" else row["grade"]
        there = by_class.get(row["id"], [])
        found.append(
            Step(
                row["id"], row["title"], row["grade"],
                next_title(row["title"], row["grade"]) if action == "raise" else row["title"],
                new_grade, action, proposed, len(there), there.count("stays"), there.count("leaves"),
            )
        )  # fmt: skip
    return sorted(found, key=lambda step: (int(step.grade or 99), sort_key(step.title), step.class_id))


def moves(
    planned: Iterable[Step], classes: Mapping[str, Mapping[str, Any]], pupils: Sequence[Mapping[str, Any]],
    teachers: Sequence[Mapping[str, Any]], exceptions: Mapping[str, str], *, new_id: Any, today: date,
) -> Moves:  # fmt: skip
    """`pupils` and `teachers` are open enrolments: id, class_id, person_id, role, is_primary, and membership_id."""
    found = Moves()
    fresh: dict[str, dict[str, Any]] = {}
    by_id = {step.class_id: step for step in planned}
    for one in by_id.values():
        if one.action == "keep":
            continue
        found.closed.append(one.class_id)
        if one.action == "raise":
            old = classes[one.class_id]
            fresh[one.class_id] = {
                "id": new_id(), "school_id": old["school_id"], "title": one.new_title, "kind": "homeroom",
                "grade": one.new_grade, "language": old["language"], "shift": old["shift"], "sessions": [],
                "status": "active",
            }  # fmt: skip
    found.classes = list(fresh.values())
    places = _repeaters(found.classes)
    for pupil in pupils:
        step = by_id.get(pupil["class_id"])
        said = exceptions.get(pupil["person_id"], "")
        if step is None or (step.action == "keep" and said != "leaves"):
            continue
        found.ended.append(pupil["id"])
        if said == "leaves" or (step.action == "leave" and said != "stays"):
            if pupil["membership_id"]:
                found.leavers[pupil["person_id"]] = pupil["membership_id"]
            continue
        room = places(step) if said == "stays" else fresh[step.class_id]
        if room is None:
            found.homeless += 1
            continue
        found.enrolments.append(_place(pupil, room, new_id(), today))
        if said != "stays" and pupil["membership_id"]:
            found.grades.setdefault(step.new_grade, []).append(pupil["membership_id"])
    for teacher in teachers:
        step = by_id.get(teacher["class_id"])
        if step is None or step.action == "keep":
            continue
        found.ended.append(teacher["id"])
        if step.action == "raise":
            found.enrolments.append(_place(teacher, fresh[step.class_id], new_id(), today))
    return found


def _repeaters(rooms: Sequence[Mapping[str, Any]]) -> Any:
    """Where a pupil who repeats the grade goes: the coming class of that grade, the one of the same title first."""
    by_grade: dict[str, list[Mapping[str, Any]]] = {}
    for room in rooms:
        by_grade.setdefault(room["grade"], []).append(room)

    def choose(step: Step) -> Mapping[str, Any] | None:
        rooms = by_grade.get(step.grade, [])
        return next((room for room in rooms if room["title"] == step.title), rooms[0] if rooms else None)

    return choose


def _place(was: Mapping[str, Any], room: Mapping[str, Any], row_id: str, today: date) -> dict[str, Any]:
    return {
        "id": row_id, "school_id": room["school_id"], "class_id": room["id"], "person_id": was["person_id"],
        "role": was["role"], "is_primary": bool(was["is_primary"]), "begin": today, "end": None,
    }  # fmt: skip
