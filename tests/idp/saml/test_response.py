"""The response around an assertion, and around a refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from idp.saml import names, response
from idp.saml.entity import Settings
from idp.saml.errors import InvalidNameIdPolicy, RequestInvalid, RequestUnsupported, SamlError
from idp.saml.names import q
from idp.xml.encryption import decrypt
from idp.xml.errors import BadSignature
from idp.xml.parser import Element, parse
from idp.xml.signature import has_signature, verify
from tests.factories.saml_answers import ACS, ENTITY_ID, NOW, REQUEST_ID, Answering, Record, credential

SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
OURS = [credential("rsa-sha256").certificate, credential("ecdsa-sha256").certificate]
KEY = credential("rsa-sha256", "lms.example")


def _assertion(root: Element) -> Element:
    found = root.find(q(names.SAML, "Assertion"))
    assert found is not None
    return parse(OneLogin_Saml2_XML._unparse_etree(found))


def _record(settings: Settings | None = None, *, has_key: bool = False, **provider: Any) -> Record:
    record = Record(settings=settings or Settings(), approved_attributes=("mail",))
    keys = (KEY.certificate,) if has_key else ()
    return replace(record, provider=replace(record.provider, encryption_certificates=keys, **provider))


def _is_valid(xml: bytes) -> bool:
    return not isinstance(OneLogin_Saml2_XML.validate_xml(parse(xml), "saml-schema-protocol-2.0.xsd"), str)


def test_it_goes_to_one_address_answers_one_request_and_names_its_sender() -> None:
    root = parse(Answering().success())
    assert root.get("Destination") == ACS
    assert root.get("InResponseTo") == REQUEST_ID
    assert (root.get("Version"), root.get("IssueInstant")) == ("2.0", "2026-09-01T03:00:00Z")
    assert [str(one.tag).split("}")[1] for one in root] == ["Issuer", "Status", "Assertion"]
    assert (root[0].text, root[0].get("Format")) == (ENTITY_ID, names.ENTITY)
    assert root[1][0].get("Value") == names.STATUS + "Success"


@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_one_signature_stands_where_the_operator_set_it(sign: str) -> None:
    root = parse(Answering(_record(Settings(sign=sign))).success())
    verify(root if sign == "response" else _assertion(root), OURS)
    other = _assertion(root) if sign == "response" else root
    with pytest.raises(BadSignature):
        verify(other, OURS)


def test_both_are_signed_and_the_metadata_may_want_the_assertion_signed_too() -> None:
    both = parse(Answering(_record(Settings(sign="both"))).success())
    wanted = parse(Answering(_record(Settings(sign="response"), wants_assertions_signed=True)).success())
    for root in (both, wanted):
        assert len(list(root.iter(q(names.DS, "Signature")))) == 2
        verify(_assertion(root), OURS)


def test_the_algorithm_is_one_that_the_service_reads() -> None:
    ecdsa = _record(signing_methods=("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",))
    xml = Answering(ecdsa).success()
    assert b"xmldsig-more#ecdsa-sha256" in xml
    verify(_assertion(parse(xml)), OURS)
    assert response.algorithm(ecdsa) == "ecdsa-sha256"
    with pytest.raises(RequestUnsupported):
        Answering(_record(signing_methods=(SHA1,))).success()


def test_an_encrypted_assertion_is_signed_inside_and_shows_nothing_outside() -> None:
    xml = Answering(_record(has_key=True)).success()
    assert b"aigerim" not in xml
    root = parse(xml)
    assert not has_signature(root)
    inside = decrypt(root[-1][0], [KEY])
    verify(inside, OURS)
    assert b"EncryptedAssertion" not in Answering(_record(Settings(encrypt="never"), has_key=True)).success()


def test_a_signed_response_is_signed_over_the_encrypted_assertion() -> None:
    root = parse(Answering(_record(Settings(sign="response"), has_key=True)).success())
    verify(root, OURS)
    assert not has_signature(decrypt(root[-1][0], [KEY]))


def test_what_must_be_encrypted_is_not_sent_in_clear() -> None:
    with pytest.raises(RequestUnsupported):
        Answering(_record(Settings(encrypt="always"))).success()


@pytest.mark.parametrize(
    ("error", "codes"),
    [
        (InvalidNameIdPolicy("no such <format>"), ["Requester", "InvalidNameIDPolicy"]),
        (RequestInvalid(), ["Requester"]),
    ],
)
def test_a_refusal_is_signed_and_says_why(error: SamlError, codes: list[str]) -> None:
    answering = Answering(_record(signing_methods=(SHA1,)))
    xml = response.refusal(
        answering.server, error, consumer=answering.consumer, in_response_to=REQUEST_ID, now=NOW,
        provider=answering.record.provider,
    )  # fmt: skip
    root = verify(parse(xml), OURS)
    assert _is_valid(xml)
    assert [one.get("Value") for one in root.iter(q(names.SAMLP, "StatusCode"))] == [
        names.STATUS + one for one in codes
    ]
    message = root.find(f"{q(names.SAMLP, 'Status')}/{q(names.SAMLP, 'StatusMessage')}")
    assert (message.text if message is not None else "") == error.description
    assert response.algorithm(answering.record) == "rsa-sha256"
