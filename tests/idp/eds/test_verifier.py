"""The engine as a whole: what holds, in which order rules come, what evidence still proves, what it all costs."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.cli.dev.nca.holder import Role
from idp.eds.chain import TrustStore
from idp.eds.cms import parse
from idp.eds.errors import (
    AlgorithmRefused,
    BadSignature,
    EdsOff,
    Expired,
    Malformed,
    NotYetValid,
    OtherDocument,
    StatusUnknown,
    Untrusted,
    WrongHolder,
)
from idp.eds.ports import ListState, Revocation
from idp.eds.revocation import RevocationCheck
from idp.eds.signed_by import Timestamp
from idp.eds.verifier import Verifier
from tests.factories.eds_ground import CONTENT, HEAD, MOMENT, PERSON, Ground, nca_of, refusal

LEGACY = "gost2004"


@pytest.fixture(params=["gost2015", "rsa"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(nca_of(request.param))


def test_a_person_is_recognised(ground: Ground) -> None:
    """Else every refusal below would prove nothing."""
    signed_by = ground.verifier.verify(ground.cms(), CONTENT)
    assert (signed_by.iin, signed_by.bin, signed_by.names.family_name) == (PERSON.iin, "", "ТЕСТОВА")
    assert signed_by.key_storage == "file"
    assert not signed_by.is_production
    assert signed_by.algorithm == ground.nca.suite.name
    assert signed_by.evidence.chain[1:] == ground.nca.anchors[::-1]
    assert (signed_by.evidence.status.source, signed_by.evidence.timestamp) == ("ocsp", None)


@pytest.mark.parametrize("role", ["head", "signs", "finance", "personnel", "employee"])
def test_one_who_speaks_for_an_organisation_is_recognised(ground: Ground, role: Role) -> None:
    signed_by = ground.verifier.verify(ground.cms(ground.key(replace(HEAD, role=role))), CONTENT)
    assert (signed_by.iin, signed_by.bin, signed_by.organisation) == (HEAD.iin, HEAD.bin, HEAD.organisation)
    assert signed_by.is_organisation
    assert signed_by.is_employee
    assert signed_by.is_head == (role == "head")


def test_content_inside_base64_and_the_whole_chain_may_come_along(ground: Ground) -> None:
    key = ground.key()
    cms = ground.cms(key, encapsulate=True, certificates=(key.certificate, *key.chain))
    assert ground.verifier.verify(base64.encodebytes(cms).decode(), CONTENT).iin == PERSON.iin


def test_legacy_keys_hold_only_where_they_are_allowed() -> None:
    allowed, usual = Ground(nca_of(LEGACY), allow_legacy=True), Ground(nca_of(LEGACY))
    cms = allowed.cms(timestamp=True)
    assert allowed.verifier.verify(cms, CONTENT).algorithm == LEGACY
    refusal(usual, cms, Untrusted)
    usual.verifier = usual.verifier_of(allowed.trust)
    refusal(usual, cms, AlgorithmRefused)
    refusal(usual, allowed.cms(), AlgorithmRefused)


# Order and cost


def test_junk_costs_neither_a_signature_nor_a_question_to_the_authority() -> None:
    ground = Ground(nca_of("gost2015"))
    before = ground.backend.verifications
    person, system = ground.key(), ground.key(replace(HEAD, role="infosystem"))
    for cms, error in (
        (b"0" + bytes(40), Malformed),
        (ground.cms(person, content=b"other"), OtherDocument),
        (ground.cms(system), WrongHolder),
        (ground.cms(ground.key(signed_by="foreign")), Untrusted),
    ):
        refusal(ground, cms, error)
    assert ground.backend.verifications == before


def test_one_sign_in_costs_three_verifications_and_four_with_a_timestamp() -> None:
    """Certificate, message and OCSP answer, then the token; authorities, responder and time-stamping are known."""
    ground = Ground(nca_of("gost2015"))
    ground.verifier.verify(ground.cms(timestamp=True), CONTENT)
    for timestamp, expected in ((False, 3), (True, 4)):
        before, cms = ground.backend.verifications, ground.cms(timestamp=timestamp)
        ground.verifier.verify(cms, CONTENT)
        assert ground.backend.verifications - before == expected


def test_a_document_longer_than_the_library_bears_is_refused_at_once(ground: Ground) -> None:
    ground.backend.max_bytes = len(CONTENT) - 1
    cms, hashed = ground.cms(), ground.backend.hashed
    refusal(ground, cms, EdsOff)
    assert ground.backend.hashed == hashed


# Evidence


def test_evidence_holds_after_every_certificate_has_expired(ground: Ground) -> None:
    for timestamp in (False, True):
        signed_by = ground.verifier.verify(ground.cms(timestamp=timestamp), CONTENT)
        asked, later = ground.asked, Ground(ground.nca)
        later.clock.advance(days=9999)
        assert later.verifier.again(signed_by.evidence, CONTENT) == signed_by
        assert (ground.asked, later.asked) == (asked, 0)


def test_evidence_proves_nothing_about_another_document(ground: Ground) -> None:
    evidence = ground.verifier.verify(ground.cms(), CONTENT).evidence
    with pytest.raises(OtherDocument):
        ground.verifier.again(evidence, CONTENT + b"!")


def test_changed_evidence_is_refused(ground: Ground) -> None:
    stamped = ground.verifier.verify(ground.cms(timestamp=True), CONTENT).evidence
    other = ground.verifier.verify(ground.cms(timestamp=True), CONTENT).evidence
    status = stamped.status
    changes: list[tuple[type[Exception], dict[str, Any]]] = [
        (Malformed, {"timestamp": None}),
        (Malformed, {"timestamp": other.timestamp}),
        (Untrusted, {"chain": other.chain}),
        (Untrusted, {"chain": stamped.chain[:2]}),
        (StatusUnknown, {"status": other.status}),
        (StatusUnknown, {"status": replace(status, der=b"")}),
        (StatusUnknown, {"status": replace(status, source="none")}),
        (StatusUnknown, {"status": replace(status, this_update=status.this_update + timedelta(hours=1))}),
        (StatusUnknown, {"verified_at": stamped.verified_at + timedelta(days=2)}),
        (NotYetValid, {"verified_at": stamped.verified_at - timedelta(days=2)}),
        (Untrusted, {"cms": other.cms, "timestamp": other.timestamp}),
    ]
    for error, change in changes:
        with pytest.raises(error):
            ground.verifier.again(replace(stamped, **change), CONTENT)


def test_evidence_without_a_timestamp_is_judged_at_the_moment_it_was_checked(ground: Ground) -> None:
    """A later moment of checking cannot be claimed for a certificate that had expired by then."""
    key = ground.key(not_after=MOMENT + timedelta(hours=1))
    evidence = ground.verifier.verify(ground.cms(key), CONTENT).evidence
    with pytest.raises(Expired):
        ground.verifier.again(replace(evidence, verified_at=MOMENT + timedelta(hours=2)), CONTENT)


def test_a_timestamp_obtained_afterwards_may_stand_beside_the_message(ground: Ground) -> None:
    cms = ground.cms()
    evidence = ground.verifier.verify(cms, CONTENT).evidence
    signature = parse(cms).signer.signature
    token = ground.nca.timestamp(ground.nca.suite.digest(signature), MOMENT)
    stamp = Timestamp(MOMENT, "TIME-STAMPING AUTHORITY", token)
    assert ground.verifier.again(replace(evidence, timestamp=stamp), CONTENT).evidence.timestamp == stamp
    wrong = replace(stamp, der=ground.nca.timestamp(ground.nca.suite.digest(b"other"), MOMENT))
    with pytest.raises(BadSignature):
        ground.verifier.again(replace(evidence, timestamp=wrong), CONTENT)


def test_evidence_of_authorities_that_are_no_longer_pinned_is_refused(ground: Ground) -> None:
    evidence = ground.verifier.verify(ground.cms(), CONTENT).evidence
    with pytest.raises(Untrusted):
        ground.verifier_of(TrustStore([], ground.backend)).again(evidence, CONTENT)


def test_a_certificate_younger_than_its_timestamp_is_refused(ground: Ground) -> None:
    """The signature would have existed before its key was certified."""
    key = ground.key(not_before=MOMENT - timedelta(hours=1))
    cms = ground.nca.cms(key, CONTENT, at=MOMENT - timedelta(hours=2), timestamp=True)
    with pytest.raises(NotYetValid):
        ground.verifier.verify(cms, CONTENT)


# Examination by a stranger


def test_a_good_signature_is_good_then_and_now(ground: Ground) -> None:
    found = ground.verifier.examine(ground.cms(timestamp=True), CONTENT)
    assert (found.proven_at, found.then, found.now) == (MOMENT, "", "")
    assert found.signed_by.iin == PERSON.iin
    found = ground.verifier.examine(ground.cms(), CONTENT)
    assert (found.proven_at, found.then, found.now) == (None, "", "")


def test_after_the_certificate_expired_only_a_timestamp_shows_that_it_was_good_then(ground: Ground) -> None:
    stamped, bare = ground.cms(timestamp=True), ground.cms()
    ground.clock.advance(days=500)
    found = ground.verifier.examine(stamped, CONTENT)
    assert (found.proven_at, found.then, found.now) == (MOMENT, "", "eds_expired")
    asked = ground.asked
    found = ground.verifier.examine(bare, CONTENT)
    assert (found.proven_at, found.then, found.now) == (None, "eds_expired", "eds_expired")
    assert found.signed_by.evidence.status.source == "none"
    assert ground.asked == asked


@pytest.mark.parametrize(("minutes", "then"), [(-30, "eds_revoked"), (30, "")])
def test_a_revocation_counts_from_its_moment_on(ground: Ground, minutes: int, then: str) -> None:
    key = ground.key()
    stamped, bare = ground.cms(key, timestamp=True), ground.cms(key)
    ground.nca.revoke(key, MOMENT + timedelta(minutes=minutes))
    ground.clock.advance(hours=1)
    found = ground.verifier.examine(stamped, CONTENT)
    assert (found.then, found.now) == (then, "eds_revoked")
    found = ground.verifier.examine(bare, CONTENT)
    assert (found.then, found.now) == ("eds_revoked", "eds_revoked")


def test_when_the_authority_does_not_say_nothing_is_called_good(ground: Ground) -> None:
    cms = ground.cms(timestamp=True)
    ground.is_silent = True
    found = ground.verifier.examine(cms, CONTENT)
    assert (found.then, found.now) == ("nca_unavailable", "nca_unavailable")
    ground.is_silent, ground.ocsp = False, {"status": "unknown"}
    found = ground.verifier.examine(cms, CONTENT)
    assert (found.then, found.now) == ("eds_status_unknown", "eds_status_unknown")


class _EmptyList:
    """An imported list, always fresh, that names nobody."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def look_up(self, issuer_key_id: bytes, serial: int) -> tuple[ListState, Revocation | None]:
        now = self.ground.clock.now()
        return ListState(7, now - timedelta(hours=1), now + timedelta(hours=1)), None


def test_a_list_does_not_vouch_for_a_stamped_signature_once_the_certificate_has_expired(ground: Ground) -> None:
    """It may have been revoked before it was used, and have left the list since."""
    stamped = ground.cms(timestamp=True)
    revocation = RevocationCheck(None, _EmptyList(ground), ground.clock, ground.backend)
    verifier = Verifier(ground.trust, ground.backend, revocation, ground.clock)
    found = verifier.examine(stamped, CONTENT)
    assert (found.then, found.now) == ("", "")
    ground.clock.advance(days=500)
    found = verifier.examine(stamped, CONTENT)
    assert (found.proven_at, found.then, found.now) == (MOMENT, "nca_unavailable", "eds_expired")
    assert found.signed_by.evidence.status.source == "none"


def test_what_is_no_signature_is_refused_and_not_examined(ground: Ground) -> None:
    for cms, error in (
        (ground.cms(), OtherDocument),
        (ground.cms(content=b"x", signature="flipped"), BadSignature),
        (ground.cms(ground.key(signed_by="foreign"), content=b"x"), Untrusted),
        (ground.cms(ground.key(replace(HEAD, role="infosystem")), content=b"x"), WrongHolder),
        (ground.cms(content=b"x", timestamp_token=b"\x05\x00"), Malformed),
    ):
        with pytest.raises(error):
            ground.verifier.examine(cms, b"x")
    assert ground.asked == 0
