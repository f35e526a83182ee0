"""What each attribute says about a pupil, a teacher, a guardian, and about nobody."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from idp.core.clock import local_date
from idp.saml import names
from idp.saml.attribute_values import AFFILIATIONS, About, as_text
from idp.saml.attributes import CATALOGUE
from idp.saml.identifiers import NameId
from idp.services.role_words import ROLE_WORDS
from tests.factories.saml_answers import (
    ENTITY_ID,
    MEMBERSHIP,
    NOW,
    SP,
    PeopleFacts,
    Record,
    Session,
    membership_row,
    person_row,
    server,
)


def _about(role: str = "pupil", session: Session | None = None, **person: Any) -> About:
    facts = PeopleFacts(row=person_row(**person), held=[membership_row(role)])
    return About(server(), facts, Record(), session or Session(role=role), local_date(NOW))


def _values(name: str, about: About | None = None) -> list[Any]:
    return list(CATALOGUE[name].values(about or _about()))


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("pupil", ["student", "member"]),
        ("teacher", ["faculty", "employee", "member"]),
        ("secretary", ["staff", "employee", "member"]),
        ("guardian", ["affiliate"]),
        ("a role of tomorrow", []),
    ],
)
def test_roles_become_the_words_of_edu_person(role: str, words: list[str]) -> None:
    about = _about(role)
    assert _values("eduPersonAffiliation", about) == words
    assert _values("eduPersonPrimaryAffiliation", about) == words[:1]
    assert _values("eduPersonScopedAffiliation", about) == [f"{word}@school.example" for word in words]


def test_every_role_of_ours_has_words() -> None:
    assert set(AFFILIATIONS) == set(ROLE_WORDS)


def test_only_the_membership_of_the_session_counts() -> None:
    facts = PeopleFacts(held=[membership_row("guardian", id="another"), membership_row("teacher")])
    about = About(server(), facts, Record(), Session(role="teacher"), local_date(NOW))
    assert _values("eduPersonAffiliation", about) == ["faculty", "employee", "member"]
    assert _values("eduPersonEntitlement", about) == ["urn:bilim:entitlement:role:teacher"]
    assert [json.loads(one)["active"] for one in _values("bilimRoles", about)] == [False, True]


def test_who_has_no_membership_yet_has_no_role_school_and_class() -> None:
    about = _about(session=Session(membership_id=None, school_id=None, role=""))
    for name in ("eduPersonAffiliation", "eduPersonEntitlement", "isMemberOf", "bilimSchool", "bilimGrade"):
        assert _values(name, about) == []


def test_identifiers_are_pairwise_or_public_and_fit_their_grammar() -> None:
    grammar = re.compile(r"[a-z0-9]{1,127}@[a-z0-9.-]{1,127}")
    pairwise, subject = _values("pairwise-id")[0], _values("subject-id")[0]
    assert grammar.fullmatch(pairwise)
    assert grammar.fullmatch(subject)
    assert pairwise != subject
    other = About(server(), PeopleFacts(), Record(sector="other.example"), Session(), local_date(NOW))
    assert _values("pairwise-id", other) != [pairwise]
    assert _values("subject-id", other) == [subject] == _values("eduPersonUniqueId")
    assert _values("eduPersonTargetedID") == [NameId(pairwise.split("@")[0], names.PERSISTENT, ENTITY_ID, SP)]
    assert _values("eduPersonPrincipalName") == ["aigerim.serikova@school.example"]


def test_an_unconfirmed_address_is_none() -> None:
    assert _values("mail") == ["aigerim@school.example"]
    assert _values("mail", _about(email_verified=False)) == []
    assert _values("mail", _about(email=None)) == []


def test_names_and_dates_are_written_as_they_are_defined() -> None:
    assert _values("cn") == ["Серікова Әйгерім Болатқызы"] == _values("displayName")
    assert _values("schacDateOfBirth") == ["20120517"]
    assert _values("schacDateOfBirth", _about(birth_date=None)) == []
    assert _values("preferredLanguage") == ["kk"]


def test_only_what_can_be_vouched_for_is_said_of_assurance() -> None:
    """Usernames of erased people are free again, and nobody here has seen anybody's papers."""
    said = _values("eduPersonAssurance")
    assert said == ["https://refeds.org/assurance", "https://refeds.org/assurance/ID/unique"]


def test_our_own_values_are_shaped_as_the_claims() -> None:
    assert json.loads(_values("bilimSchool")[0]) == {
        "id": membership_row()["school_id"],
        "name": "№ 1 мектеп",
        "region": "Алматы",
    }
    assert json.loads(_values("bilimClasses")[0]).keys() == {"id", "title", "grade", "subject", "role"}
    assert json.loads(_values("bilimRoles")[0])["begin"] == "2019-09-01"
    assert _values("bilimGrade") == ["7"]
    assert _values("isMemberOf") == ["urn:bilim:class:0199class"]


def test_facts_are_read_once_and_only_when_needed() -> None:
    facts = PeopleFacts()
    about = About(server(), facts, Record(), Session(), local_date(NOW))
    _values("schacHomeOrganization", about)
    assert facts.asked == []
    for name in ("cn", "sn", "bilimRoles", "bilimSchool"):
        _values(name, about)
    assert facts.asked == ["person", "memberships"]
    assert about.membership is not None
    assert about.membership["id"] == MEMBERSHIP


def test_no_text_holds_what_no_xml_can_carry() -> None:
    assert as_text("Әй\x00ге\x0bрі\ufffeм\n😀") == "Әйгерім\n😀"
