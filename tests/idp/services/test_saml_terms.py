"""services/saml_terms: every mistake at once; a row of `clients` from metadata and terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from idp.core import levels
from idp.saml.attributes import CATALOGUE
from idp.saml.entity import AttributeService as Service
from idp.saml.entity import Endpoint, RequestedAttribute, ServiceProvider, Settings
from idp.services.saml_terms import Terms, client_id_of, client_row, mistakes, shown

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SP = ServiceProvider(
    entity_id="https://lms.example/sp",
    acs=(Endpoint(POST, "https://lms.example/acs"),),
    signing_certificates=(b"s",),
    encryption_certificates=(b"e",),
    names={"ru": "Курсы", "en": "Courses", "de": "Kurse"},
    descriptions={"de": "Lernen", "en": "To learn"},
    organization={"kk": "Мектеп"},
    privacy_urls={"en": "https://lms.example/privacy"},
)


def test_a_client_id_is_made_of_the_entity_id_alone() -> None:
    assert client_id_of("https://lms.example/sp") == client_id_of("https://lms.example/sp")
    assert len(client_id_of("https://lms.example/sp")) == len("saml.") + 26
    assert client_id_of("https://lms.example/sp") != client_id_of("https://lms.example/SP")


def test_the_row_speaks_of_the_metadata_unless_the_operator_does() -> None:
    row = client_row(SP, Terms(), "x")
    assert (row["owner"], row["purpose"], row["sector"]) == ("Мектеп", "To learn", SP.entity_id)
    assert row["metadata"] == {
        "client_name": "Курсы", "client_name#ru": "Курсы", "client_name#en": "Courses",
        "policy_uri": "https://lms.example/privacy", "policy_uri#en": "https://lms.example/privacy",
    }  # fmt: skip
    assert (row["protocol"], row["profile"], row["all_schools"], row["approved_claims"]) == ("saml", "saml", False, [])
    told = Terms(owner="Білім", purpose="Сабақ", attributes=("mail",), schools="all", end_date=date(2027, 8, 31))
    row = client_row(SP, told, "x")
    assert (row["owner"], row["purpose"], row["approved_claims"]) == ("Білім", "Сабақ", ["mail"])
    assert (row["all_schools"], row["end_date"]) == (True, date(2027, 8, 31))


def test_without_a_word_the_metadata_s_wishes_are_approved() -> None:
    wishes = Service(attributes=(RequestedAttribute(CATALOGUE["mail"].uri), RequestedAttribute("urn:oid:1.2.3")))
    assert client_row(replace(SP, attribute_services=(wishes,)), Terms(), "x")["approved_claims"] == ["mail"]


def test_a_service_without_a_name_is_shown_by_its_host() -> None:
    nameless = replace(SP, names={})
    assert shown(nameless)["client_name"] == "lms.example"
    for name in ("google.com", "https://[::1", "https://\u2100.example/"):
        assert shown(replace(nameless, entity_id=name))["client_name"] == name
    assert shown(SP, "https://lms.example/start")["initiate_login_uri"] == "https://lms.example/start"


def test_what_is_right_has_no_mistakes() -> None:
    settings = Settings(
        name_id="email", name_id_source="mail", attribute_names="friendly", renamed={"mail": "e-mail"}, sign="both",
        algorithm="ecdsa-sha256", encrypt="always", encrypt_name_id=True, idp_initiated=True,
        relay_states=("https://lms.example/course/7",), acr=levels.MFA, must_sign_requests=True,
    )  # fmt: skip
    terms = Terms(
        "o", "p", ("mail", "sn"), ("s1",), None, "implicit", "https://lms.example/", "lms", "data:image/png;base64,AAAA"
    )
    assert mistakes(SP, terms, settings) == []


def test_every_mistake_is_named_at_once() -> None:
    settings = Settings(
        name_id="kerberos", name_id_source="iin", attribute_names="latin", renamed={"ЖСН": "iin", "mail": "a b"},
        sign="none", algorithm="rsa-sha1", encrypt="sometimes", relay_states=("x" * 81,), acr="urn:strong",
    )  # fmt: skip
    terms = Terms("\n", "", ("iin",), "some", None, "maybe", "http://lms.example/", "no spaces", "data:,x")
    found = mistakes(SP, terms, settings)
    assert [line.partition(":")[0] for line in found] == [
        "owner", "attributes", "consent", "start_url", "logo_uri", "client_id", "schools", "name_id", "attribute_names",
        "sign", "algorithm", "encrypt", "name_id_source", "renamed", "renamed", "acr", "relay_states", "relay_states",
    ]  # fmt: skip


def test_what_the_metadata_cannot_bear_is_a_mistake() -> None:
    bare = replace(SP, signing_certificates=(), encryption_certificates=(), acs=())
    asked = Settings(encrypt="always", encrypt_name_id=True, idp_initiated=True, must_sign_requests=True)
    assert [line.partition(":")[0] for line in mistakes(bare, Terms(), asked)] == [
        "encrypt", "encrypt_name_id", "must_sign_requests", "idp_initiated",
    ]  # fmt: skip
