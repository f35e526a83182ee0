"""The assertion, element by element."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.saml import assertion, names
from idp.saml.entity import Settings
from idp.saml.errors import RequestUnsupported
from idp.saml.names import q
from idp.xml.build import element
from idp.xml.encryption import decrypt
from idp.xml.parser import Element
from tests.factories.saml_answers import ACS, ENTITY_ID, EVERYTHING, REQUEST_ID, SP, Answering, Record, credential


def _one(root: Element, *path: str) -> Element:
    for local in path:
        found = root.find(q(names.SAML, local))
        assert found is not None, local
        root = found
    return root


def test_it_says_for_whom_and_until_when_it_holds() -> None:
    made = Answering().assertion()
    assert _one(made, "Issuer").text == ENTITY_ID
    assert _one(made, "Issuer").get("Format") == names.ENTITY
    assert _one(made, "Conditions", "AudienceRestriction", "Audience").text == SP
    confirmation = _one(made, "Subject", "SubjectConfirmation")
    assert confirmation.get("Method") == names.BEARER
    data = dict(_one(confirmation, "SubjectConfirmationData").attrib)
    assert data == {"InResponseTo": REQUEST_ID, "NotOnOrAfter": "2026-09-01T03:05:00Z", "Recipient": ACS}
    assert dict(_one(made, "Conditions").attrib) == {
        "NotBefore": "2026-09-01T02:57:00Z",
        "NotOnOrAfter": "2026-09-01T03:05:00Z",
    }


def test_it_says_how_and_when_the_person_signed_in() -> None:
    made = Answering().assertion()
    assert dict(_one(made, "AuthnStatement").attrib) == {
        "AuthnInstant": "2026-09-01T02:40:00Z",
        "SessionIndex": "_session-1",
        "SessionNotOnOrAfter": "2026-09-01T11:00:00Z",
    }
    assert _one(made, "AuthnStatement", "AuthnContext", "AuthnContextClassRef").text == names.CONTEXT_PPT


def test_children_stand_in_the_order_of_the_schema_and_ids_never_repeat() -> None:
    answering = Answering(Record(approved_attributes=EVERYTHING))
    first, second = answering.assertion(), answering.assertion()
    locals_ = [str(one.tag).split("}")[1] for one in first]
    assert locals_ == ["Issuer", "Subject", "Conditions", "AuthnStatement", "AttributeStatement"]
    assert first.get("ID") != second.get("ID")


def test_nobody_asked_so_it_answers_nothing() -> None:
    data = _one(Answering(in_response_to="").assertion(), "Subject", "SubjectConfirmation", "SubjectConfirmationData")
    assert data.get("InResponseTo") is None


def test_without_attributes_there_is_no_statement_and_without_name_no_name_id() -> None:
    made = Answering(Record(settings=Settings(name_id="none"))).assertion()
    assert made.find(q(names.SAML, "AttributeStatement")) is None
    assert [str(one.tag).split("}")[1] for one in _one(made, "Subject")] == ["SubjectConfirmation"]


def test_targeted_ids_are_elements_and_other_values_text() -> None:
    made = Answering(Record(approved_attributes=("eduPersonTargetedID", "mail"))).assertion()
    targeted, mail = _one(made, "AttributeStatement")
    assert targeted.get("FriendlyName") == "eduPersonTargetedID"
    assert _one(targeted, "AttributeValue", "NameID").get("Format") == names.PERSISTENT
    assert _one(mail, "AttributeValue").text == "aigerim@school.example"


def test_a_name_identifier_is_encrypted_for_the_service_alone_or_not_sent() -> None:
    key = credential("rsa-sha256", "lms.example")
    record = Record(settings=Settings(encrypt_name_id=True))
    with pytest.raises(RequestUnsupported):
        Answering(record).assertion()
    able = replace(record, provider=replace(record.provider, encryption_certificates=(key.certificate,)))
    subject = _one(Answering(able).assertion(), "Subject")
    assert subject.find(q(names.SAML, "NameID")) is None
    assert decrypt(_one(subject, "EncryptedID")[0], [key]).get("Format") == names.PERSISTENT


def test_who_reads_no_safe_encryption_is_refused() -> None:
    key = credential("rsa-sha256", "lms.example").certificate
    provider = replace(
        Record().provider,
        encryption_certificates=(key,),
        encryption_methods=("http://www.w3.org/2001/04/xmlenc#tripledes-cbc",),
    )
    with pytest.raises(RequestUnsupported):
        assertion.sealed("EncryptedID", element(q(names.SAML, "NameID"), None, "x"), provider)
