"""Attributes become claims; what has a wrong shape is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clients.kit.person import Person
from clients.lms.saml.attributes import WIRE, claims_of
from idp.core.errors import Denied

ID = {WIRE["pairwise-id"]: ["ABC=1@Bilim.Example"]}


def person_of(**values: list[Any]) -> Person:
    wire = {WIRE[name]: [one if isinstance(one, str) else json.dumps(one) for one in v] for name, v in values.items()}
    sub, claims = claims_of(ID | wire, {}, ["bilim.example"])
    return Person(sub, "", claims)


def test_of_two_schools_the_active_role_s_counts() -> None:
    roles = [{"role": "guardian", "school_id": "s5"}, {"role": "teacher", "school_id": "s12", "active": True}]
    schools = [{"id": "s5", "name": "№ 5"}, {"id": "s12", "name": "№ 12"}]
    classes = [
        {"id": "c7", "title": "7 «Ә»", "subject": None, "role": "class_teacher"},
        {"id": "c7", "title": "7 «Ә»", "subject": "математика", "role": "teacher"},
    ]
    person = person_of(roles=roles, school=schools, classes=classes)
    assert person.sub == "abc=1@bilim.example"
    assert person.school_name == "№ 12"
    assert person.roles == ("teacher",)
    assert [entry.id for entry in person.taught_classes] == ["c7"]


def test_a_role_that_nobody_knows_opens_nothing() -> None:
    classes = [{"id": "c7", "title": "7 «Ә»", "role": "librarian"}]
    person = person_of(roles=[{"role": "librarian", "school_id": "s12", "active": True}], classes=classes)
    assert person.roles == ("librarian",)
    assert person.own_classes == person.taught_classes == ()


def test_without_roles_eduperson_says_who_teaches() -> None:
    classes = [{"id": "c7", "title": "7 «Ә»", "role": "teacher"}]
    affiliations = ["member@bilim.example", "faculty@bilim.example", "student@other.example"]
    person = person_of(
        eduPersonScopedAffiliation=affiliations, classes=classes, school=[{"id": "s12", "name": "№ 12"}]
    )  # fmt: skip
    assert person.roles == ("teacher",)
    assert len(person.taught_classes) == 1


def test_what_has_a_wrong_shape_is_left_out() -> None:
    wrong: list[Any] = ["", "no json", "[" * 5000, [1], {"id": 7, "title": "x", "role": 7}, {"id": "c7"}, "null"]
    wrong.append({"id": "c\0", "name": "x", "title": "x", "role": "pupil"})
    person = person_of(roles=wrong, school=wrong, classes=wrong, displayName=["A", "B"], preferredLanguage=["kk-KZ"])
    assert (person.roles, person.school_id, person.classes) == ((), "", ())
    assert (person.name, person.locale) == ("A", "kk")


@pytest.mark.parametrize("ids", [[], ["a@bilim.example", "b@bilim.example"], ["a"], ["-a@bilim.example"], ["a@b.c"]])
def test_without_one_usable_pairwise_id_there_is_no_sign_in(ids: list[str]) -> None:
    with pytest.raises(Denied) as caught:
        claims_of({WIRE["pairwise-id"]: ids}, {}, ["bilim.example"])
    assert caught.value.code == ("login_failed" if ids else "data_withheld")
