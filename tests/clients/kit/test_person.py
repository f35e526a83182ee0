"""Claims are read with suspicion: wrong shapes are left out."""

from __future__ import annotations

from typing import Any

import pytest

from clients.kit.person import Person

SCHOOL = {"id": "s12", "name": "№ 12 мектеп-гимназия"}


def person(**claims: Any) -> Person:
    return Person("sub", "session", claims)


def test_roles_are_those_of_the_active_school() -> None:
    roles = [{"role": "teacher", "school_id": "s12"}, {"role": "guardian", "school_id": "s5"}, {"role": "teacher"}]
    found = person(school=SCHOOL, roles=roles)
    assert found.roles == ("teacher",)
    assert found.all_roles == ("teacher", "guardian")
    assert found.memberships == 3
    assert person(roles=roles).roles == ("teacher", "guardian")
    marked = [{"role": "teacher", "school_id": "s12", "active": True}, {"role": "guardian", "school_id": "s12"}]
    assert person(school=SCHOOL, roles=marked).roles == ("teacher",)


def test_a_class_is_taught_only_by_a_teacher_of_the_active_school() -> None:
    classes = [
        {"id": "c7", "title": "7 «Ә»", "role": "class_teacher"},
        {"id": "c8", "title": "8 «Б»", "role": "teacher", "subject": "Физика"},
        {"id": "c9", "title": "9", "role": "pupil"},
    ]
    teaching = person(school=SCHOOL, roles=[{"role": "teacher", "school_id": "s12"}], classes=classes)
    assert [entry.id for entry in teaching.taught_classes] == ["c7", "c8"]
    assert [entry.id for entry in teaching.own_classes] == ["c9"]
    elsewhere = person(school=SCHOOL, roles=[{"role": "teacher", "school_id": "s5"}], classes=classes)
    assert elsewhere.taught_classes == ()
    assert person(classes=classes).taught_classes == ()


@pytest.mark.parametrize("wrong", [None, "x", 5, [], {}, [None], ["a"], [{"id": 5}], [[]], True])
def test_wrong_shapes_are_left_out(wrong: Any) -> None:
    odd = person(name=wrong, given_name=wrong, locale=wrong, school=wrong, roles=wrong, classes=wrong, children=wrong)
    assert odd.taught_classes == ()
    assert odd.own_classes == ()
    assert odd.school_id == ""
    assert odd.locale == ""
    assert isinstance(odd.name, str)
    assert isinstance(odd.records("children"), list)


def test_names_and_languages() -> None:
    assert person(name="Оспанова Айгерім", given_name="Айгерім").initial == "А"
    assert person(given_name="Айгерім", family_name="Оспанова").name == "Айгерім Оспанова"
    assert person(locale="ru-KZ").locale == "ru"
    assert person(locale="de").locale == ""
    assert person(grade=7).grade == "7"
    assert person(grade=True).grade == ""
