"""What a service provider asks for, may have, and gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from idp.core.clock import local_date
from idp.saml import names as n
from idp.saml import release
from idp.saml.attributes import CATALOGUE
from idp.saml.entity import AttributeService, RequestedAttribute, ServiceProvider, Settings
from tests.factories.saml_answers import EVERYTHING, NOW, PeopleFacts, Record, Session, person_row, server

MAIL = RequestedAttribute(CATALOGUE["mail"].uri, n.NAME_URI, is_required=True)
NAME = RequestedAttribute("displayName", n.NAME_BASIC)
FOREIGN = RequestedAttribute("urn:oid:1.2.3.4", is_required=True)


def _provider(*asked: RequestedAttribute, **changes: Any) -> ServiceProvider:
    services = (AttributeService(index=1, attributes=asked),) if asked else ()
    return replace(Record().provider, attribute_services=services, **changes)


def _released(record: Record, names: Sequence[str], **person: Any) -> tuple[release.Released, ...]:
    facts = PeopleFacts(row=person_row(**person))
    return release.released(server(), facts, record, Session(), names, today=local_date(NOW))


@pytest.mark.parametrize(
    ("category", "names"),
    [
        (n.CATEGORY_ANONYMOUS, {"eduPersonScopedAffiliation", "schacHomeOrganization"}),
        (
            n.CATEGORY_PSEUDONYMOUS,
            {"eduPersonScopedAffiliation", "schacHomeOrganization", "pairwise-id", "eduPersonAssurance"},
        ),
        (
            n.CATEGORY_PERSONALIZED,
            {
                "eduPersonScopedAffiliation",
                "schacHomeOrganization",
                "subject-id",
                "eduPersonAssurance",
                "displayName",
                "givenName",
                "sn",
                "mail",
            },
        ),
    ],
)
def test_an_entity_category_proposes_its_bundle(category: str, names: set[str]) -> None:
    assert set(release.proposed(_provider(entity_categories=(category,)))) == names


def test_requested_attributes_are_proposed_as_far_as_we_have_them() -> None:
    assert release.proposed(_provider(MAIL, NAME, FOREIGN)) == ("displayName", "mail")
    assert release.proposed(_provider()) == ()


@pytest.mark.parametrize("category", [n.CATEGORY_COCO_1, n.CATEGORY_COCO_2])
def test_under_a_code_of_conduct_only_the_required_ones_are_proposed(category: str) -> None:
    assert release.proposed(_provider(MAIL, NAME, entity_categories=(category,))) == ("mail",)


@pytest.mark.parametrize(
    ("asked", "names"),
    [("any", ("pairwise-id",)), ("pairwise-id", ("pairwise-id",)), ("subject-id", ("subject-id",)), ("none", ())],
)
def test_the_subject_identifier_it_requires_is_proposed(asked: str, names: tuple[str, ...]) -> None:
    by_bundle = _provider(entity_categories=(n.CATEGORY_PSEUDONYMOUS,), subject_id_req=asked)
    assert tuple(one for one in release.proposed(by_bundle) if one.endswith("-id")) == names


def test_it_may_have_what_is_approved_less_what_the_school_withholds() -> None:
    record = Record(approved_attributes=("mail", "uid", "cn", "a name of yesterday"))
    assert release.names(record) == ("cn", "mail", "uid")
    assert release.names(record, withheld=("mail",)) == ("cn", "uid")


def test_a_named_attribute_service_narrows_and_never_widens() -> None:
    record = Record(_provider(MAIL, NAME), approved_attributes=("mail", "uid"))
    assert release.names(record, 1) == ("mail",)
    assert release.names(record, 7) == ("mail", "uid")
    assert release.names(record, None) == ("mail", "uid")


def test_a_service_may_ask_by_the_name_that_the_operator_gave() -> None:
    asked = RequestedAttribute("IDPEmail")
    record = Record(_provider(asked), Settings(renamed={"mail": "IDPEmail"}), ("mail", "uid"))
    assert release.names(record, 1) == ("mail",)


def test_what_is_released_has_its_names_on_the_wire() -> None:
    names = ("mail", "pairwise-id", "bilimGrade")
    uri = _released(Record(), names)
    assert [(one.wire_name, one.name_format, one.friendly_name) for one in uri] == [
        (CATALOGUE[name].uri, n.NAME_URI, name) for name in names
    ]
    basic = _released(Record(settings=Settings(attribute_names="basic")), names)
    assert [(one.wire_name, one.name_format, one.friendly_name) for one in basic] == [
        ("mail", n.NAME_BASIC, ""),
        (n.PAIRWISE_ID, n.NAME_URI, ""),
        ("bilimGrade", n.NAME_BASIC, ""),
    ]
    friendly = _released(Record(settings=Settings(attribute_names="friendly", renamed={"mail": "Email"})), names)
    assert (friendly[0].wire_name, friendly[0].name_format) == ("Email", n.NAME_UNSPECIFIED)
    assert friendly[0].name == "mail"


def test_attributes_without_a_value_are_left_out() -> None:
    assert _released(Record(), ("mail", "sn"), email=None, family_name="") == ()


def test_nothing_is_told_about_whose_data_are_blocked_or_who_is_gone() -> None:
    assert _released(Record(), EVERYTHING, restricted_at=NOW) == ()
    gone = release.released(server(), PeopleFacts(row=None), Record(), Session(), EVERYTHING, today=local_date(NOW))
    assert gone == ()
    assert len(_released(Record(), EVERYTHING)) == len(CATALOGUE)


def test_only_the_wanted_values_leave_when_the_metadata_names_them() -> None:
    asked = RequestedAttribute(CATALOGUE["eduPersonAffiliation"].uri, values=("member", "alum"))
    limited = _released(Record(_provider(asked)), ("eduPersonAffiliation", "mail"))
    assert [one.values for one in limited] == [("member",), ("aigerim@school.example",)]
    also_any = Record(_provider(asked, RequestedAttribute("eduPersonAffiliation")))
    assert _released(also_any, ("eduPersonAffiliation",))[0].values == ("student", "member")


def test_a_name_cannot_break_an_assertion() -> None:
    assert _released(Record(), ("sn",), family_name="Сері\x00кова")[0].values == ("Серікова",)
