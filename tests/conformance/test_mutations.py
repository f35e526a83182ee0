"""Whatever is changed in a good answer, a service provider of another make does not take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from lxml import etree

from idp.saml import names
from idp.saml.entity import Endpoint, ServiceProvider, Settings
from idp.xml.build import element
from idp.xml.encryption import encrypt
from idp.xml.parser import parse
from tests.conformance.counterpart import OWNER, Counterpart, hold_clock
from tests.conformance.mutations import Mutator, meaning
from tests.conformance.wrapping import SHAPES, wrapped
from tests.factories.saml_answers import ACS, NOW, SP, Answering, Record, Session, credential, person_row

APPROVED = ("eduPersonScopedAffiliation", "pairwise-id", "displayName", "mail", "eduPersonTargetedID")
SIGNED = {
    "assertion": Settings(sign="assertion"),
    "response": Settings(sign="response"),
    "both": Settings(sign="both"),
    "assertion by ECDSA": Settings(sign="assertion", algorithm="ecdsa-sha256"),
}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_clock(monkeypatch)


def _somebody_else(answering: Answering) -> bytes:
    other = replace(answering, session=Session(person_id="0199000000007000bbbbbbbbbbbbbbbb"))
    other.facts.row = person_row(username="other", family_name="Басқа", email="other@school.example")
    return other.success()


@pytest.mark.parametrize("signed", SIGNED)
def test_no_changed_answer_is_accepted(
    signed: str, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    settings = SIGNED[signed]
    answering = Answering(Record(settings=settings, approved_attributes=APPROVED))
    counterpart = Counterpart(answering.record, algorithm=settings.algorithm or "rsa-sha256")
    good = answering.success()
    heard, said = counterpart.hears(good), meaning(good)
    assert heard.is_accepted, heard.why
    covered = "assertion" if settings.sign == "assertion" else "response"
    times = effort(100, 500)
    seed = 5 if times == 100 else None
    foreign = credential("rsa-sha256", "evil.example")
    mutator = Mutator(good, covered, _somebody_else(answering), foreign, Random(seed))
    refused: Counter[str] = Counter()
    harmless = readable = 0
    for mutation in mutator.mutations():
        answer, meant = counterpart.hears(mutation.xml), meaning(mutation.xml)
        if answer.is_accepted:
            assert meant == said, f"{mutation.kind}: {mutation.xml!r}"
            assert answer == heard
            harmless += 1
        else:
            refused[mutation.kind] += 1
            readable += meant is not None
        if refused.total() == times:
            break
    counted("SAML responses spoiled and refused", refused.total())
    counted("SAML responses spoiled and refused: well-formed ones", readable)
    counted("SAML responses written otherwise, same meaning", harmless)
    assert harmless < times / 5
    assert len([kind for kind in refused if not kind.startswith("wrapped")]) == 14


@pytest.mark.parametrize("shape", SHAPES)
def test_every_classic_wrapping_is_refused(shape: str) -> None:
    covered, _ = SHAPES[shape]
    answering = Answering(Record(settings=Settings(sign=covered), approved_attributes=APPROVED))
    counterpart = Counterpart(answering.record)
    good = answering.success()
    assert counterpart.hears(good).is_accepted
    assert not counterpart.hears(wrapped(good, shape, "evil")).is_accepted


def _encrypted(answering: Answering, key: bytes) -> etree._Element:
    return element(names.q(names.SAML, "EncryptedAssertion"), None, encrypt(answering.assertion(), key))


def test_a_changed_ciphertext_and_an_assertion_that_anybody_encrypted_are_refused(
    effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    """The key to encrypt to is public: only the signature inside says whose words they are (CVE-2026-2092)."""
    key = credential("rsa-sha256", OWNER).certificate
    provider = ServiceProvider(SP, (Endpoint(names.POST, ACS),), encryption_certificates=(key,))
    answering = Answering(Record(provider, approved_attributes=APPROVED))
    counterpart = Counterpart(answering.record)
    good = answering.success()
    assert counterpart.hears(good).is_accepted
    rng, times = Random(5), effort(8, 200)
    start, end = good.rindex(b"<xenc:CipherValue>") + 18, good.rindex(b"</xenc:CipherValue>") - 4
    for _ in range(times):
        data = bytearray(good)
        at = rng.randrange(start, end)
        data[at] = rng.choice([letter for letter in b"ABab01" if letter != data[at]])
        assert not counterpart.hears(bytes(data)).is_accepted
    counted("SAML responses spoiled and refused: in the ciphertext", times)
    root = parse(good)
    root.replace(root[-1], _encrypted(answering, key))
    forged = counterpart.hears(etree.tostring(root))
    assert not forged.is_accepted
    assert "signed" in forged.why.lower() or "signature" in forged.why.lower()


def test_a_comment_alone_neither_spoils_nor_shortens_what_is_read() -> None:
    """CVE-2017-11427: canonicalization leaves comments out, so the signature holds; the text must be whole."""
    answering = Answering(Record(approved_attributes=APPROVED))
    counterpart = Counterpart(answering.record)
    good = answering.success()
    heard = counterpart.hears(good)
    commented = good.replace(b"aigerim@school", b"aigerim@<!-- x -->school")
    assert commented != good
    assert counterpart.hears(commented) == heard
    assert heard.is_accepted


def test_an_answer_to_somebody_else_elsewhere_or_too_late_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answering = Answering(Record(approved_attributes=APPROVED))
    counterpart = Counterpart(answering.record)
    good = answering.success()
    assert not counterpart.hears(good, request_id="_another").is_accepted
    to_another = replace(answering.record.provider, entity_id="https://other.example/saml")
    assert not counterpart.hears(
        replace(answering, record=replace(answering.record, provider=to_another)).success()
    ).is_accepted
    at_another = ServiceProvider(SP, (Endpoint(names.POST, "https://other.example/acs"),))
    assert not counterpart.hears(
        replace(answering, record=replace(answering.record, provider=at_another)).success()
    ).is_accepted
    hold_clock(monkeypatch, NOW + timedelta(minutes=6))
    assert not counterpart.hears(good).is_accepted
    hold_clock(monkeypatch, NOW - timedelta(minutes=2))
    assert counterpart.hears(good).is_accepted
