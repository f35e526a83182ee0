"""What a message must be: rows 1 to 3, 7 to 9 and 11 of nca reference §8. Each falls with its check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from idp.eds.chain import TrustStore
from idp.eds.errors import AlgorithmRefused, BadSignature, EdsRefused, Expired, Malformed, OtherDocument, Untrusted
from tests.factories.der_mutations import Node, tree
from tests.factories.eds_ground import CONTENT, MOMENT, PERSON, Ground, nca_of, refusal

SHA1_OID, RSA_SHA1, RSA_MD5 = "1.3.14.3.2.26", "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.4"
GOST2015_OID, RSA_OID = "1.2.398.3.10.1.1.2.3.2", "1.2.840.113549.1.1.11"


@pytest.fixture(params=["gost2015", "rsa"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(nca_of(request.param))


@pytest.fixture
def gost() -> Ground:
    return Ground(nca_of("gost2015"))


@pytest.fixture
def rsa() -> Ground:
    return Ground(nca_of("rsa"))


# Row 1: another challenge; row 2: content and attributes


def test_a_signature_over_another_challenge_is_refused(ground: Ground) -> None:
    refusal(ground, ground.cms(), OtherDocument, content=CONTENT + b" ")


@pytest.mark.parametrize(
    ("departures", "error"),
    [
        ({"e_content": CONTENT + b"!"}, OtherDocument),
        ({"e_content": b""}, OtherDocument),
        ({"message_digest": bytes(64)}, OtherDocument),
        ({"without_signed_attributes": True}, Malformed),
        ({"drop": ["message_digest"]}, Malformed),
        ({"drop": ["content_type"]}, Malformed),
        ({"duplicate": ["message_digest"]}, Malformed),
        ({"duplicate": ["content_type"]}, Malformed),
        ({"duplicate": ["signing_certificate"]}, Malformed),
        ({"two_values": ["message_digest"]}, Malformed),
        ({"two_values": ["content_type"]}, Malformed),
        ({"content_type": "1.2.840.113549.1.7.2"}, Malformed),
        ({"encapsulated_type": "1.2.840.113549.1.7.2"}, Malformed),
    ],
    ids=str,
)
def test_content_and_signed_attributes_are_what_they_must_be(
    ground: Ground, departures: Any, error: type[Exception]
) -> None:
    refusal(ground, ground.cms(**departures), error)


def test_a_shown_document_is_not_believed_over_the_signed_one(ground: Ground) -> None:
    """The digest is right, but the message shows something else."""
    refusal(ground, ground.cms(e_content=b"I agree to everything"), OtherDocument)


# Row 3: signers


def test_two_signers_and_none_are_refused(ground: Ground) -> None:
    refusal(ground, ground.cms(second_signer=ground.key()), Malformed)
    refusal(ground, ground.cms(no_signer=True), Malformed)


def test_a_signer_named_by_key_is_refused(ground: Ground) -> None:
    refusal(ground, ground.cms(by_key_id=True), Malformed)


def test_two_certificates_for_one_signer_are_refused(ground: Ground) -> None:
    key = ground.key()
    twin = ground.key(serial=key.serial)
    refusal(ground, ground.cms(key, extra_certificates=[twin.certificate]), Malformed)
    refusal(ground, ground.cms(key, extra_certificates=[key.certificate]), Malformed)
    refusal(ground, ground.cms(key, extra_certificates=[*key.chain, *key.chain]), Malformed)


def test_a_message_without_the_signers_certificate_is_refused(ground: Ground) -> None:
    refusal(ground, ground.cms(certificates=[ground.key().certificate]), Malformed)
    refusal(ground, ground.cms(certificates=[]), Malformed)


def test_a_signing_certificate_attribute_of_another_is_refused(ground: Ground) -> None:
    refusal(ground, ground.cms(signing_certificate_of=ground.key().certificate), BadSignature)


def test_another_persons_certificate_cannot_be_put_in_place_of_the_signers(ground: Ground) -> None:
    refusal(ground, ground.cms(signed_with=ground.key()), BadSignature)


# Row 7: algorithms


@pytest.mark.parametrize(
    "departures",
    [
        {"digest": "sha1"},
        {"digest": "md5"},
        {"digest": "sha512"},
        {"digest_oid": SHA1_OID},
        {"signature_oid": RSA_SHA1},
        {"signature_oid": RSA_MD5},
    ],
    ids=str,
)
def test_weak_and_foreign_algorithms_are_refused(ground: Ground, departures: Any) -> None:
    refusal(ground, ground.cms(**departures), AlgorithmRefused)


def test_a_gost_key_does_not_go_with_sha_nor_rsa_with_streebog(gost: Ground, rsa: Ground) -> None:
    refusal(gost, gost.cms(digest="sha256"), AlgorithmRefused)
    refusal(gost, gost.cms(signature_oid=RSA_OID), AlgorithmRefused)
    refusal(rsa, rsa.cms(digest="streebog512"), AlgorithmRefused)
    refusal(rsa, rsa.cms(signature_oid=GOST2015_OID), AlgorithmRefused)


def test_a_certificates_algorithms_are_one_and_allowed(gost: Ground, rsa: Ground) -> None:
    refusal(rsa, rsa.cms(rsa.key(sha1=True)), AlgorithmRefused)
    refusal(gost, gost.cms(gost.key(outer_oid=RSA_OID)), AlgorithmRefused)
    refusal(gost, gost.cms(gost.key(signature_oid=RSA_OID)), AlgorithmRefused)


def test_null_and_absent_parameters_mean_the_same(ground: Ground) -> None:
    assert ground.verifier.verify(ground.cms(ground.key(inner_null=False)), CONTENT).iin == PERSON.iin


# Row 8: octets and points


@pytest.mark.parametrize("signature", ["zero_r", "zero_s", "r_is_q", "r_too_big", "s_too_big", "halves_swapped"])
def test_numbers_out_of_range_or_place_are_refused(gost: Ground, signature: Any) -> None:
    refusal(gost, gost.cms(signature=signature), BadSignature)
    refusal(gost, gost.cms(gost.key(signature=signature)), Untrusted)


def test_the_octet_order_of_the_rfc_is_refused(gost: Ground) -> None:
    refusal(gost, gost.cms(signature="rfc9215"), BadSignature)


@pytest.mark.parametrize(("signature", "error"), [("short", Malformed), ("long", Malformed), ("flipped", BadSignature)])
def test_a_signature_of_another_length_is_refused(gost: Ground, signature: Any, error: type[Exception]) -> None:
    refusal(gost, gost.cms(signature=signature), error)


@pytest.mark.parametrize("signature", ["short", "long", "flipped"])
def test_a_spoiled_rsa_signature_is_refused(rsa: Ground, signature: Any) -> None:
    refusal(rsa, rsa.cms(signature=signature), BadSignature)


@pytest.mark.parametrize("point", ["off_curve", "zero", "x_too_big", "bare", "short", "long", "big_endian"])
def test_a_key_that_is_no_point_of_its_curve_is_refused(gost: Ground, point: Any) -> None:
    with pytest.raises((AlgorithmRefused, Malformed)):
        gost.verifier.verify(gost.cms(gost.key(point=point)), CONTENT)


# Row 9: what is not signed


@pytest.mark.parametrize(
    "attributes",
    [
        [("1.2.398.3.3.99.1", [b"\x05\x00"])],
        [("1.2.840.113549.1.9.5", [b"\x17\x0d260901030000Z"])],
        [("1.2.840.113549.1.9.16.2.14", [b"\x05\x00", b"\x30\x00"])],
        [("1.2.840.113549.1.9.6", [b"\x30\x00"])],
    ],
    ids=["private", "signingTime", "two tokens", "countersignature"],
)
def test_unsigned_attributes_other_than_one_timestamp_are_refused(ground: Ground, attributes: Any) -> None:
    refusal(ground, ground.cms(unsigned_attributes=attributes), Malformed)


def test_the_signers_own_word_for_the_time_proves_nothing(ground: Ground) -> None:
    """An expired certificate does not come back to life by a signingTime of last year; nor does a time get proven."""
    expired = ground.key(not_before=MOMENT - timedelta(days=400), not_after=MOMENT - timedelta(days=30))
    refusal(ground, ground.cms(expired, signing_time=MOMENT - timedelta(days=60)), Expired)
    signed_by = ground.verifier.verify(ground.cms(signing_time=MOMENT - timedelta(days=9999)), CONTENT)
    assert signed_by.evidence.timestamp is None
    assert signed_by.evidence.verified_at == MOMENT


def test_attributes_are_signed_as_a_set(ground: Ground) -> None:
    """RFC 5652 §5.4; and not the content itself, which could then pass for attributes."""
    refusal(ground, ground.cms(sign_untagged=True), BadSignature)


# Row 11: encoding


@pytest.mark.parametrize(
    "departures",
    [
        {"indefinite": True},
        {"trailing": b"\0"},
        {"nested": 40},
        {"padding": 65_536},
        {"unsorted": True},
        {"version": 3},
    ],
    ids=str,
)
def test_what_is_not_der_of_bearable_size_and_depth_is_refused(ground: Ground, departures: Any) -> None:
    refusal(ground, ground.cms(**departures), Malformed)


def test_size_is_bounded_before_anything_is_read(ground: Ground) -> None:
    refusal(ground, b"\x30" * 10_000_000, Malformed)
    refusal(ground, "MIIB" * 10_000_000, Malformed)
    refusal(ground, " " * 10_000_000, Malformed)


@pytest.mark.parametrize("added", [b"\x05\x00", b"\xa0\x00", b"\xa1\x00"], ids=bytes.hex)
def test_nothing_can_be_added_anywhere(ground: Ground, added: bytes) -> None:
    """Into every constructed element of a stamped message, at its end: all of it is read, so all of it refuses."""
    good = tree(ground.cms(timestamp=True, encapsulate=True))
    extra = Node(added[0], added[2:])
    places = [node for node in good.walk() if node.children is not None]
    assert len(places) > 60
    for place in places:
        children = place.children
        place.children = [*(children or ()), extra]
        with pytest.raises(EdsRefused):
            ground.verifier.verify(good.encoded(), CONTENT)
        place.children = children
    assert ground.asked == 0
    ground.verifier.verify(good.encoded(), CONTENT)


def test_a_message_holds_few_certificates(ground: Ground) -> None:
    """Each would have to be parsed (nine pinned ones are nobody's)."""
    key = ground.key()
    store = [ground.nca.issue(PERSON, signed_by=ground.nca.root, is_ca=True, key_usage=b"\x01\x06") for _ in range(8)]
    brought = [one.certificate for one in store]
    verifier = ground.verifier_of(TrustStore([*ground.nca.anchors, *brought], ground.backend))
    verifier.verify(ground.cms(key, extra_certificates=brought[:7]), CONTENT)
    with pytest.raises(Malformed):
        verifier.verify(ground.cms(key, extra_certificates=brought), CONTENT)
