"""A service provider of another make, strict, takes every answer that we issue, and reads out of it what we put in."""

from __future__ import annotations

from itertools import product

import pytest

from idp.saml import names
from idp.saml.entity import Endpoint, ServiceProvider, Settings
from idp.saml.errors import InvalidNameIdPolicy, NoPassive, RequestInvalid, SamlError
from idp.saml.identifiers import NameId
from idp.saml.presets import PRESETS
from idp.saml.response import refusal
from tests.conformance.counterpart import OWNER, Counterpart, Heard, hold_clock
from tests.factories.saml_answers import ACS, EVERYTHING, NOW, REQUEST_ID, SP, Answering, Record, credential

GCM, CBC = "http://www.w3.org/2009/xmlenc11#aes128-gcm", "http://www.w3.org/2001/04/xmlenc#aes256-cbc"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_clock(monkeypatch)


def _provider(*, has_key: bool = False, methods: tuple[str, ...] = ()) -> ServiceProvider:
    keys = (credential("rsa-sha256", OWNER).certificate,) if has_key else ()
    return ServiceProvider(SP, (Endpoint(names.POST, ACS),), encryption_certificates=keys, encryption_methods=methods)


def _as_read(answering: Answering, *, by_friendly_name: bool = False) -> dict[str, list[object]]:
    """What we released, the way python3-saml writes it down."""
    return {
        (one.friendly_name if by_friendly_name else one.wire_name): [
            {"NameID": {"Format": value.format, "NameQualifier": value.name_qualifier, "value": value.value}}
            if isinstance(value, NameId)
            else value
            for value in one.values
        ]
        for one in answering.released()
    }


def _heard(answering: Answering, algorithm: str = "") -> Heard:
    record = answering.record
    counterpart = Counterpart(
        record,
        algorithm=algorithm or record.settings.algorithm or "rsa-sha256",
        has_attributes=bool(record.approved_attributes),
    )
    heard = counterpart.hears(answering.success(), request_id=answering.in_response_to or None)
    assert heard.is_accepted, heard.why
    return heard


@pytest.mark.parametrize(
    ("sign", "algorithm", "has_key"),
    list(product(("assertion", "response", "both"), ("rsa-sha256", "ecdsa-sha256"), (False, True))),
)
def test_whatever_is_signed_and_encrypted(sign: str, algorithm: str, has_key: bool) -> None:
    settings = Settings(sign=sign, algorithm=algorithm)
    answering = Answering(Record(_provider(has_key=has_key), settings, EVERYTHING))
    heard = _heard(answering)
    assert heard.attributes == _as_read(answering)
    assert heard.friendly == _as_read(answering, by_friendly_name=True)
    name_id = answering.name_id()
    assert name_id is not None
    assert heard.name_id == name_id.as_json()
    assert heard.session_index == "_session-1"
    assert answering.session.expires_at is not None
    assert heard.session_until == int(answering.session.expires_at.timestamp())
    assert heard.contexts == (names.CONTEXT_PPT,)


@pytest.mark.parametrize("methods", [(GCM,), (CBC,)], ids=["AES-128-GCM", "AES-256-CBC"])
def test_whatever_its_metadata_lets_us_encrypt_with(methods: tuple[str, ...]) -> None:
    answering = Answering(Record(_provider(has_key=True, methods=methods), approved_attributes=("mail",)))
    assert methods[0].encode() in answering.success()
    assert _heard(answering).attributes == _as_read(answering)


@pytest.mark.parametrize("has_key", [True])
def test_an_encrypted_name_identifier(has_key: bool) -> None:
    provider = _provider(has_key=has_key)
    answering = Answering(Record(provider, Settings(encrypt_name_id=True), ("mail",)))
    heard = _heard(answering)
    assert heard.name_id is not None
    assert heard.name_id["format"] == names.PERSISTENT
    assert b"EncryptedAssertion" in answering.success()


@pytest.mark.parametrize("chosen", ["persistent", "transient", "email", "unspecified", "none"])
def test_every_format_of_name_identifiers_and_none(chosen: str) -> None:
    answering = Answering(Record(settings=Settings(name_id=chosen), approved_attributes=("mail",)))
    heard = _heard(answering)
    assert heard.name_id is not None
    known = {
        "persistent": (names.PERSISTENT, answering.server.pairwise("lms.example", answering.session.person_id)),
        "transient": (names.TRANSIENT, heard.name_id["value"]),
        "email": (names.EMAIL, "aigerim@school.example"),
        "unspecified": (names.UNSPECIFIED, "aigerim.serikova"),
        "none": (None, None),
    }
    assert (heard.name_id["format"], heard.name_id["value"]) == known[chosen]


@pytest.mark.parametrize("style", ["uri", "basic", "friendly"])
def test_every_naming_of_attributes(style: str) -> None:
    settings = Settings(attribute_names=style, renamed={"mail": "Email"})
    answering = Answering(Record(settings=settings, approved_attributes=EVERYTHING))
    heard = _heard(answering)
    assert heard.attributes == _as_read(answering)
    assert "Email" in heard.attributes
    assert ("urn:oid:2.5.4.3" if style == "uri" else "cn") in heard.attributes


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset(name: str) -> None:
    preset = PRESETS[name]
    answering = Answering(Record(settings=preset.settings, approved_attributes=preset.attributes))
    assert _heard(answering).attributes == _as_read(answering)


def test_an_answer_that_nobody_asked_for() -> None:
    answering = Answering(Record(approved_attributes=("mail",)), in_response_to="")
    assert b"InResponseTo" not in answering.success()
    _heard(answering)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NoPassive("asking is not allowed"), "NoPassive"),
        (InvalidNameIdPolicy("no such format"), "InvalidNameIDPolicy"),
        (RequestInvalid("no"), "Requester"),
    ],
)
def test_a_refusal_is_read_as_a_refusal(error: SamlError, words: str) -> None:
    answering = Answering()
    xml = refusal(
        answering.server,
        error,
        consumer=answering.consumer,
        in_response_to=REQUEST_ID,
        now=NOW,
        provider=answering.record.provider,
    )
    heard = Counterpart(answering.record).hears(xml)
    assert not heard.is_accepted
    assert error.description in heard.why
    assert words.encode() in xml
