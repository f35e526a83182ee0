"""What the cabinet shows to whom."""

from __future__ import annotations

from typing import Any

import pytest

from clients.cabinet.sections import child_page, children_of, resources_of, sections_for
from clients.kit.person import Person

ISSUER = "http://localhost:8000"


def person(*roles: str, **claims: Any) -> Person:
    return Person("sub", "session", {"roles": [{"role": role} for role in roles]} | claims)


@pytest.mark.parametrize(
    ("somebody", "expected"),
    [
        (person("pupil"), ("resources", "me")),
        (person("guardian"), ("children", "me")),
        (person("guardian", licences=[{"client_id": "a"}]), ("children", "resources", "me")),
        (person("teacher"), ("classes", "me")),
        (person("class_teacher", "guardian", licences=[{}]), ("children", "classes", "resources", "me")),
        (person("canteen"), ("resources", "me")),
        (person(), ("resources", "me")),
        (person(children=[{"name": "А"}]), ("children", "me")),
    ],
)
def test_the_main_page_is_the_one_of_the_role(somebody: Person, expected: tuple[str, ...]) -> None:
    assert sections_for(somebody) == expected


def test_a_tile_begins_a_login_at_the_service() -> None:
    licences = [
        {
            "client_id": "textbooks",
            "name": {"kk": "Оқулықтар", "ru": "Учебники"},
            "initiate_login_uri": "http://t/login",
        },
        {"client_id": "maps", "name": {"ru": "Карты"}, "client_uri": "https://maps.example/"},
        {"client_id": "query", "name": "Query", "initiate_login_uri": "https://q.example/l?a=1"},
    ]
    found = {entry.client_id: entry for entry in resources_of(person(licences=licences), "kk", ISSUER, "cabinet")}
    assert found["textbooks"].start == "http://t/login?iss=http%3A%2F%2Flocalhost%3A8000&lang=kk"
    assert found["textbooks"].name == "Оқулықтар"
    assert (found["maps"].name, found["maps"].start) == ("Карты", "https://maps.example/")
    assert found["query"].start == "https://q.example/l?a=1&iss=http%3A%2F%2Flocalhost%3A8000&lang=kk"


def test_the_cabinet_is_no_resource_of_its_own_and_a_logo_comes_as_a_picture() -> None:
    licences = [
        {"client_id": "cabinet", "name": "Кабинет", "client_uri": "https://cabinet.example/"},
        {"client_id": "a", "client_uri": "https://a.example/", "logo_uri": "data:image/svg+xml;base64,PHN2Zy8+"},
        {"client_id": "b", "client_uri": "https://b.example/", "logo_uri": "https://b.example/logo.svg"},
    ]
    found = resources_of(person(licences=licences), "kk", ISSUER, "cabinet")
    assert [(entry.client_id, entry.logo) for entry in found] == [
        ("a", "data:image/svg+xml;base64,PHN2Zy8+"),
        ("b", ""),
    ]


@pytest.mark.parametrize(
    "entry",
    [
        {"client_id": "a", "initiate_login_uri": "javascript:alert(1)"},
        {"client_id": "a", "client_uri": "data:text/html,x"},
        {"client_id": "a", "client_uri": "//evil.example"},
        {"client_id": "a", "client_uri": "http://[::1"},
        {"client_id": "a"},
        {"client_id": 5, "client_uri": "https://a.example"},
        {},
        "text",
    ],
)
def test_an_entry_without_a_web_address_is_no_tile(entry: Any) -> None:
    assert resources_of(person(licences=[entry]), "kk", ISSUER, "cabinet") == []


def test_children_are_read_with_suspicion() -> None:
    children = [
        {
            "name": "Оспанова Айгерім",
            "given_name": "Айгерім",
            "school": {"name": "№ 12"},
            "classes": [{"title": "7 «Ә»"}],
        },
        {"given_name": "Нұрлан", "school": None, "classes": "1"},
        "text",
    ]
    first, second = children_of(person(children=children))
    assert (first.name, first.initial, first.school, first.classes) == ("Оспанова Айгерім", "А", "№ 12", ("7 «Ә»",))
    assert (second.name, second.initial, second.school, second.classes) == ("Нұрлан", "Н", "", ())


def test_what_the_idp_tells_of_a_child_is_read_with_suspicion() -> None:
    strange = child_page({"name": 5, "class": [], "card": {"state": "<b>"}, "consents": {"waiting": True}})
    assert (strange.name, strange.initial, strange.class_title, strange.card, strange.waiting) == ("", "", "", "", 0)
    assert child_page({"name": "Нұрлан", "card": None, "consents": {"waiting": 3}}).waiting == 3
