"""Which name identifier is chosen, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from idp.saml import names
from idp.saml.entity import Settings
from idp.saml.errors import InvalidNameIdPolicy
from idp.saml.name_id import NameId, choose, make, source
from tests.factories.saml_answers import ENTITY_ID, NOW, SP, PeopleFacts, Record, Session, person_row, server


@dataclass(frozen=True)
class Policy:
    name_id_format: str = ""
    sp_name_qualifier: str = ""


def _record(*approved: str, settings: Settings | None = None, **provider: Any) -> Record:
    record = Record(settings=settings or Settings(), approved_attributes=approved)
    return replace(record, provider=replace(record.provider, **provider))


def _made(format_: str, record: Record | None = None, **person: Any) -> NameId | None:
    return make(server(), PeopleFacts(row=person_row(**person)), record or Record(), Session(), format_)


@pytest.mark.parametrize("asked", ["", names.UNSPECIFIED])
def test_who_wishes_nothing_gets_a_pairwise_identifier_and_never_a_username(asked: str) -> None:
    """SAML Core §3.4.1.1: with no format or `unspecified` the identity provider is free."""
    assert choose(Policy(asked), _record("uid")) == names.PERSISTENT
    assert choose(Policy(asked), _record("uid", name_id_formats=(names.UNSPECIFIED,))) == names.PERSISTENT
    assert choose(None, _record()) == names.PERSISTENT


def test_what_the_metadata_lists_decides_when_the_request_does_not() -> None:
    listed = (names.EMAIL, names.TRANSIENT, names.PERSISTENT)
    assert choose(None, _record(name_id_formats=listed)) == names.TRANSIENT
    assert choose(Policy(names.PERSISTENT), _record(name_id_formats=listed)) == names.PERSISTENT
    assert choose(None, _record("mail", name_id_formats=(names.EMAIL,))) == names.EMAIL
    assert choose(None, _record("mail", name_id_formats=(names.EMAIL, names.UNSPECIFIED))) == names.PERSISTENT


def test_an_address_needs_approval_or_the_operator() -> None:
    with pytest.raises(InvalidNameIdPolicy):
        choose(Policy(names.EMAIL), _record("uid"))
    with pytest.raises(InvalidNameIdPolicy):
        choose(None, _record(name_id_formats=(names.EMAIL,)))
    assert choose(Policy(names.EMAIL), _record("mail")) == names.EMAIL
    assert choose(Policy(names.EMAIL), _record(settings=Settings(name_id="email"))) == names.EMAIL


@pytest.mark.parametrize("word", ["persistent", "transient", "email", "unspecified", "none"])
def test_the_operator_decides_over_metadata_but_never_against_a_request(word: str) -> None:
    record = _record(settings=Settings(name_id=word), name_id_formats=(names.PERSISTENT,))
    ours = choose(None, record)
    assert ours == choose(Policy(names.UNSPECIFIED), record)
    for asked in {names.PERSISTENT, names.TRANSIENT, names.EMAIL} - {ours}:
        with pytest.raises(InvalidNameIdPolicy):
            choose(Policy(asked), record)


def test_who_must_stay_anonymous_gets_another_identifier_each_time() -> None:
    for provider in (
        _record(entity_categories=(names.CATEGORY_ANONYMOUS,), name_id_formats=(names.PERSISTENT,)),
        _record(subject_id_req="none"),
    ):
        assert choose(None, provider) == names.TRANSIENT
    first, second = _made(names.TRANSIENT), _made(names.TRANSIENT)
    assert first
    assert second
    assert first.value != second.value
    assert first == NameId(first.value, names.TRANSIENT)


@pytest.mark.parametrize(
    "policy",
    [
        Policy("urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos"),
        Policy("urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted"),
        Policy(names.ENTITY),
        Policy(names.PERSISTENT, "urn:an:affiliation"),
    ],
)
def test_formats_we_do_not_have_and_affiliations_are_refused(policy: Policy) -> None:
    with pytest.raises(InvalidNameIdPolicy):
        choose(policy, _record())


def test_an_encrypted_one_is_any_one_where_they_are_encrypted() -> None:
    policy = Policy("urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted", SP)
    assert choose(policy, _record(settings=Settings(encrypt_name_id=True))) == names.PERSISTENT


def test_a_persistent_one_is_pairwise_and_qualified_on_both_sides() -> None:
    name_id = _made(names.PERSISTENT)
    assert name_id == NameId(server().pairwise("lms.example", Session().person_id), names.PERSISTENT, ENTITY_ID, SP)
    assert len(name_id.value) <= 256


def test_address_and_username_come_from_their_attributes_or_the_operators_choice() -> None:
    assert _made(names.EMAIL) == NameId("aigerim@school.example", names.EMAIL)
    assert _made(names.UNSPECIFIED) == NameId("aigerim.serikova", names.UNSPECIFIED)
    named = _record(settings=Settings(name_id="email", name_id_source="eduPersonPrincipalName"))
    assert _made(names.EMAIL, named) == NameId("aigerim.serikova@school.example", names.EMAIL)
    assert source(named, names.EMAIL) == "eduPersonPrincipalName"
    assert source(Record(), names.EMAIL) == "mail"
    assert source(Record(), names.PERSISTENT) == ""


def test_who_has_no_such_value_or_whose_school_withholds_it_is_not_signed_in_by_it() -> None:
    with pytest.raises(InvalidNameIdPolicy):
        _made(names.EMAIL, email_verified=False)
    with pytest.raises(InvalidNameIdPolicy):
        make(server(), PeopleFacts(), Record(), Session(withheld=("mail",)), names.EMAIL)
    with pytest.raises(InvalidNameIdPolicy):
        _made(names.UNSPECIFIED, Record(settings=Settings(name_id_source="eduPersonTargetedID")))


def test_whose_data_are_blocked_is_nobody_known() -> None:
    for format_ in (names.PERSISTENT, names.EMAIL, names.UNSPECIFIED):
        name_id = _made(format_, restricted_at=NOW)
        assert name_id is not None
        assert name_id.format == names.TRANSIENT
    assert _made("none") is None
