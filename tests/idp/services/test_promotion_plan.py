"""What becomes of classes and pupils when a year ends: the rules alone."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

import pytest

from idp.services.promotion_plan import moves, next_title, propose, steps, year_of

TODAY = date(2027, 6, 1)


@pytest.mark.parametrize(
    ("title", "grade", "then"),
    [
        ("7 «Ә»", "7", "8 «Ә»"), ("9А", "9", "10А"), ("10 «Б»", "10", "11 «Б»"), ("0 «А»", "0", "1 «А»"),
        ("Хор", "7", "Хор"), ("7 «Ә»", "", "7 «Ә»"), ("11 «А»", "1", "11 «А»"), (" 7-ә", "7", " 8-ә"),
    ],
)  # fmt: skip
def test_a_title_moves_on_with_its_grade(title: str, grade: str, then: str) -> None:
    assert next_title(title, grade) == then


@pytest.mark.parametrize(
    ("grade", "kind", "action"),
    [
        ("9", "secondary", "raise"), ("11", "secondary", "leave"), ("12", "secondary", "leave"),
        ("9", "basic", "leave"), ("4", "primary", "leave"), ("3", "primary", "raise"), ("", "secondary", "keep"),
        ("0", "preschool", "leave"), ("0", "secondary", "raise"),
    ],
)  # fmt: skip
def test_the_last_grade_of_a_school_leaves(grade: str, kind: str, action: str) -> None:
    assert propose(grade, kind) == action


def test_a_year_ends_in_summer_and_late_schools_have_until_september() -> None:
    days = [date(2027, 5, 26), date(2027, 9, 30), date(2027, 10, 1)]
    assert [year_of(day) for day in days] == [2027, 2027, 2028]


def _room(class_id: str, title: str, grade: str) -> dict[str, Any]:
    return {"id": class_id, "school_id": "s", "title": title, "grade": grade, "language": "kk", "shift": "1"}


def _pupil(name: str, class_id: str, role: str = "pupil") -> dict[str, Any]:
    membership = f"m-{name}" if role == "pupil" else None
    return {
        "id": f"e-{name}", "class_id": class_id, "person_id": name, "role": role, "is_primary": role != "pupil",
        "membership_id": membership,
    }  # fmt: skip


def test_everybody_lands_where_the_plan_says() -> None:
    rooms = [_room("c6", "6 «Ә»", "6"), _room("c7", "7 «Ә»", "7"), _room("c11", "11 «А»", "11"), _room("c0", "Хор", "")]
    pupils = [_pupil(name, room) for name, room in (
        ("goes", "c7"), ("repeats", "c7"), ("moves_away", "c7"), ("young", "c6"), ("graduates", "c11"),
        ("once_more", "c11"), ("sings", "c0"), ("stops_singing", "c0"),
    )]  # fmt: skip
    teachers = [_pupil("marat", "c7", "class_teacher"), _pupil("old", "c11", "class_teacher")]
    said = {"repeats": "stays", "moves_away": "leaves", "once_more": "stays", "stops_singing": "leaves"}
    planned = steps(rooms, pupils, {"pupils": said}, "secondary")
    assert [(step.title, step.action) for step in planned] == [
        ("6 «Ә»", "raise"), ("7 «Ә»", "raise"), ("11 «А»", "leave"), ("Хор", "keep"),
    ]  # fmt: skip
    numbers = count()
    found = moves(
        planned, {room["id"]: room for room in rooms}, pupils, teachers, said,
        new_id=lambda: f"new{next(numbers)}", today=TODAY,
    )  # fmt: skip
    title = {room["id"]: room["title"] for room in found.classes}
    there = {row["person_id"]: title[row["class_id"]] for row in found.enrolments}
    assert there == {"goes": "8 «Ә»", "repeats": "7 «Ә»", "young": "7 «Ә»", "marat": "8 «Ә»"}
    assert found.leavers == {name: f"m-{name}" for name in ("moves_away", "graduates", "stops_singing")}
    assert found.grades == {"8": ["m-goes"], "7": ["m-young"]}
    assert (found.homeless, sorted(found.closed)) == (1, ["c11", "c6", "c7"])
    assert {f"e-{name}" for name in ("sings",)} & set(found.ended) == set()
    assert "e-old" in found.ended
    assert found.numbers == {"classes": 2, "closed": 3, "raised": 2, "left": 3, "homeless": 1}


def test_a_decision_of_the_school_beats_the_proposal() -> None:
    rooms = [_room("c9", "9 «А»", "9"), _room("c0", "Хор", "")]
    planned = steps(rooms, [], {"classes": {"c9": "leave", "c0": "raise"}}, "secondary")
    assert [(step.action, step.proposed) for step in planned] == [("leave", "raise"), ("keep", "keep")]
