"""oidc/claims: shapes of what clients receive."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from idp.oidc.claims import release
from idp.oidc.client import Client
from idp.oidc.scopes import ALL_CLAIMS
from tests.factories.oidc import PERSON, Provider, client_row

PERSON_ROW: dict[str, Any] = {
    "username": "aigerim",
    "family_name": "Оспанова",
    "given_name": "Айгерім",
    "middle_name": "",
    "birth_date": date(2013, 5, 9),
    "sex": "female",
    "language": "kk",
    "email": "aigerim@school.example",
    "email_verified": False,
    "phone": "",
    "phone_verified": False,
    "iin_sealed": b"130509600018",
    "restricted_at": None,
    "claims": {"website": "https://aigerim.example", "address": {"locality": "Алматы"}, "iin": "000", "sub": "x"},
    "updated_at": datetime(2026, 9, 1, tzinfo=UTC),
}
_SCHOOL = {"school_id": "school-1", "school_name": "№ 12", "region": "Алматы"}
_MEMBERSHIP = {"id": "membership-1", "role": "pupil", "grade": "7", "begin": date(2020, 9, 1), "end": None, **_SCHOOL}
_OTHER = {**_MEMBERSHIP, "id": "membership-2", "role": "guardian", "school_id": "school-2", "begin": None}


def _release(
    provider: Provider, *names: str, membership_id: str | None = "membership-1", iin_basis: str = "Закон, ст. 1"
) -> dict[str, Any]:
    client = Client(client_row(bilim_iin_basis=iin_basis))
    with provider.unit.read() as stores:
        return release(provider.server, stores.claims, client, PERSON, membership_id, names)


def test_a_person_in_standard_claims(provider: Provider) -> None:
    provider.world.facts["person"] = PERSON_ROW
    assert _release(provider, *ALL_CLAIMS) == {
        "name": "Оспанова Айгерім",
        "family_name": "Оспанова",
        "given_name": "Айгерім",
        "preferred_username": "aigerim",
        "website": "https://aigerim.example",
        "gender": "female",
        "birthdate": "2013-05-09",
        "locale": "kk",
        "updated_at": 1788220800,
        "email": "aigerim@school.example",
        "email_verified": False,
        "address": {"locality": "Алматы"},
        "iin": "130509600018",
    }


def test_only_named_claims_are_read_and_given(provider: Provider) -> None:
    assert _release(provider) == {}
    provider.world.facts["person"] = PERSON_ROW
    assert _release(provider, "name") == {"name": "Оспанова Айгерім"}


def test_school_is_the_active_one_and_roles_are_all(provider: Provider) -> None:
    provider.world.facts["memberships"] = [_OTHER, _MEMBERSHIP]
    found = _release(provider, "school", "roles", "grade")
    assert found["school"] == {"id": "school-1", "name": "№ 12", "region": "Алматы"}
    assert found["grade"] == "7"
    assert found["roles"] == [
        {"role": "guardian", "school_id": "school-2", "begin": None, "end": None, "active": False},
        {"role": "pupil", "school_id": "school-1", "begin": "2020-09-01", "end": None, "active": True},
    ]


def test_without_a_membership_there_is_neither_school_nor_class_nor_licence(provider: Provider) -> None:
    provider.world.facts |= {"classes": [{"id": "c"}], "licences": [{"client_id": "x"}]}
    assert _release(provider, "school", "classes", "licences", membership_id=None) == {}


def test_classes_carry_what_a_vendor_needs_and_no_more(provider: Provider) -> None:
    row = {"id": "c", "title": "7 «Ә»", "grade": "7", "subject": "", "role": "pupil", "person_id": PERSON}
    provider.world.facts["classes"] = [row]
    assert _release(provider, "classes") == {"classes": [{k: v for k, v in row.items() if k != "person_id"}]}


def test_children_and_guardians_are_pairwise_too(provider: Provider) -> None:
    child = {
        "person_id": "child",
        "family_name": "Оспанов",
        "given_name": "Нұрлан",
        "middle_name": "",
        "relation": "parent",
        "classes": [{"id": "c", "title": "1 «А»", "grade": "1"}],
        **_SCHOOL,
    }
    provider.world.facts |= {"children": [child, {**child, "school_id": None, "classes": []}], "guardians": [child]}
    found = _release(provider, "children", "guardians")
    sub = provider.server.subjects.sub("textbooks.example", "child")
    assert found["children"][0] == {
        "sub": sub,
        "name": "Оспанов Нұрлан",
        "given_name": "Нұрлан",
        "relation": "parent",
        "school": {"id": "school-1", "name": "№ 12", "region": "Алматы"},
        "classes": [{"id": "c", "title": "1 «А»"}],
    }
    assert found["children"][1]["school"] is None
    assert found["guardians"] == [{"sub": sub, "name": "Оспанов Нұрлан", "relation": "parent"}]


def test_a_teacher_acting_as_teacher_brings_no_children_along(provider: Provider) -> None:
    child = {"person_id": "child", "family_name": "", "given_name": "Нұрлан", "middle_name": "", "relation": "parent"}
    provider.world.facts["children"] = [child | {"school_id": None, "classes": []}]
    provider.world.facts["memberships"] = [{**_MEMBERSHIP, "role": "teacher"}]
    assert _release(provider, "children") == {}
    provider.world.facts["memberships"] = [{**_MEMBERSHIP, "role": "guardian"}]
    assert [one["name"] for one in _release(provider, "children")["children"]] == ["Нұрлан"]


@pytest.mark.parametrize(
    ("metadata", "start"),
    [
        ({"client_uri": "https://a.example"}, {"client_uri": "https://a.example"}),
        (
            {"client_uri": "https://a.example", "initiate_login_uri": "https://a.example/go"},
            {"initiate_login_uri": "https://a.example/go"},
        ),
    ],
)
def test_a_licence_has_a_name_in_each_language_and_a_start(
    provider: Provider, metadata: dict[str, str], start: dict[str, str]
) -> None:
    names = {"client_name": "Оқулықтар", "client_name#ru": "Учебники"}
    provider.world.facts["licences"] = [{"client_id": "textbooks", "metadata": names | metadata}]
    assert _release(provider, "licences")["licences"] == [
        {
            "client_id": "textbooks",
            "name": {"kk": "Оқулықтар", "ru": "Учебники", "en": "Оқулықтар"},
            "logo_uri": "",
            **start,
        }
    ]


def test_an_unknown_person_has_no_claims(provider: Provider) -> None:
    assert _release(provider, "name", "iin") == {}


def test_a_guardian_whom_no_school_knows_yet_has_a_role_without_school(provider: Provider) -> None:
    nowhere = {"role": "guardian", "grade": "", "school_id": None, "school_name": None, "region": None}
    provider.world.facts["memberships"] = [{**_MEMBERSHIP, **nowhere}]
    found = _release(provider, "school", "roles", "grade")
    assert found == {"roles": [{"role": "guardian", "begin": "2020-09-01", "end": None, "active": True}]}


def test_iin_needs_a_basis_that_the_operator_recorded(provider: Provider) -> None:
    provider.world.facts["person"] = PERSON_ROW
    assert set(_release(provider, "name", "iin")) == {"name", "iin"}
    assert set(_release(provider, "name", "iin", iin_basis="")) == {"name"}


def test_nothing_is_released_about_whose_data_are_blocked(provider: Provider) -> None:
    provider.world.facts["person"] = PERSON_ROW | {"restricted_at": datetime(2026, 9, 1, tzinfo=UTC)}
    provider.world.facts["memberships"] = [_MEMBERSHIP]
    assert _release(provider, *ALL_CLAIMS) == {}
