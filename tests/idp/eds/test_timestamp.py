"""A token proves a time only when everything about it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.cli.dev.nca import der as written
from idp.cli.dev.nca.cms import content_info, signing_certificate
from idp.eds import cms, timestamp
from idp.eds.errors import (
    AlgorithmRefused,
    BadSignature,
    Expired,
    Malformed,
    NotYetValid,
    OtherDocument,
    Untrusted,
    WrongUse,
)
from idp.eds.signed_by import Timestamp
from tests.factories.eds_ground import HEAD, MOMENT, Ground, nca_of

SIGNATURE = bytes(range(128))
TSA = replace(HEAD, role="tsa", iin="")
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"


@pytest.fixture(params=["gost2015", "rsa"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(nca_of(request.param))


def stamped(ground: Ground, at: datetime = MOMENT, *, over: bytes = SIGNATURE, **departures: Any) -> bytes:
    return ground.nca.timestamp(ground.nca.suite.digest(over), at, **departures)


def checked(ground: Ground, token: bytes) -> Timestamp:
    return timestamp.check(token, SIGNATURE, ground.trust, ground.backend, MOMENT)


def test_a_token_over_the_signature_proves_its_time(ground: Ground) -> None:
    token = stamped(ground, MOMENT - timedelta(hours=2))
    assert checked(ground, token) == Timestamp(MOMENT - timedelta(hours=2), "TIME-STAMPING AUTHORITY", token)


def test_accuracy_nonce_and_the_pinned_chain_may_come_along(ground: Ground) -> None:
    certificates = (ground.nca.tsa.certificate, *ground.nca.anchors)
    checked(ground, stamped(ground, nonce=5, accuracy_seconds=1, certificates=certificates))


@pytest.mark.parametrize("policy", ["1.2.398.3.3.2.6.2", "1.2.398.3.3.2.6.3", "1.2.398.3.3.2.6.4"])
def test_policies_of_the_authority_are_taken(ground: Ground, policy: str) -> None:
    checked(ground, stamped(ground, policy=policy))


@pytest.mark.parametrize("policy", ["1.2.398.3.3.2.6.1", "1.2.398.3.3.2.6", "1.2.398.3.3.2.6.4.1", "1.2.3.4.1"])
def test_other_policies_are_refused(ground: Ground, policy: str) -> None:
    with pytest.raises(WrongUse):
        checked(ground, stamped(ground, policy=policy))


@pytest.mark.parametrize(
    ("departures", "error"),
    [
        ({"over": SIGNATURE[:-1]}, BadSignature),
        ({"over": SIGNATURE[::-1]}, BadSignature),
        ({"imprint_oid": "1.3.14.3.2.26"}, AlgorithmRefused),
        ({"imprint_oid": "1.2.840.113549.2.5"}, AlgorithmRefused),
        ({"signature": "flipped"}, BadSignature),
        ({"at": MOMENT + timedelta(minutes=6)}, NotYetValid),
        ({"certificates": ()}, Malformed),
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_is_refused(ground: Ground, departures: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        checked(ground, stamped(ground, **departures))


def test_a_clock_a_little_ahead_of_ours_is_no_lie(ground: Ground) -> None:
    assert checked(ground, stamped(ground, MOMENT + timedelta(minutes=4))).at > MOMENT


def test_only_an_authority_for_time_stamping_stamps(ground: Ground) -> None:
    """Not a person, not the OCSP responder, not one that does other things too."""
    both = ground.key(TSA, extended_key_usage=["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.4"])
    person = ground.key(HEAD, extended_key_usage=["1.3.6.1.5.5.7.3.8", "1.2.398.3.3.4.1.2.1"])
    authority = ground.key(TSA, is_ca=True)
    other_use = ground.key(TSA, key_usage=b"\x03\x08")
    for key in (ground.key(), ground.nca.responder, both, person, authority, other_use):
        with pytest.raises(WrongUse):
            checked(ground, stamped(ground, authority=key))
    for usage in (None, b"\x07\x80", b"\x06\x40"):
        checked(ground, stamped(ground, authority=ground.key(TSA, key_usage=usage)))


def test_the_authority_leads_to_a_pinned_root(ground: Ground) -> None:
    strange: list[Any] = ["self", "foreign", "same_name", ground.key()]
    for issuer in strange:
        key = ground.key(TSA, signed_by=issuer)
        with pytest.raises(Untrusted):
            checked(ground, stamped(ground, authority=key))


def test_certificates_that_nobody_pinned_may_not_come_along(ground: Ground) -> None:
    certificates = (ground.nca.tsa.certificate, ground.key().certificate)
    with pytest.raises(Untrusted):
        checked(ground, stamped(ground, certificates=certificates))


def test_the_authority_is_judged_at_the_moment_it_names(ground: Ground) -> None:
    tsa = ground.key(TSA, not_before=MOMENT - timedelta(hours=3), not_after=MOMENT - timedelta(hours=1))
    checked(ground, stamped(ground, MOMENT - timedelta(hours=2), authority=tsa))
    with pytest.raises(Expired):
        checked(ground, stamped(ground, MOMENT, authority=tsa))
    with pytest.raises(NotYetValid):
        checked(ground, stamped(ground, MOMENT - timedelta(hours=4), authority=tsa))


def test_a_token_names_the_certificate_it_was_made_with(ground: Ground) -> None:
    with pytest.raises(BadSignature):
        checked(ground, stamped(ground, signing_certificate_of=ground.key().certificate))
    checked(ground, token_of(ground, info(ground)))
    with pytest.raises(Malformed, match="does not name its certificate"):
        checked(ground, token_of(ground, info(ground), without=_SIGNING_CERTIFICATE))


def test_the_stated_content_is_the_signed_one(ground: Ground) -> None:
    with pytest.raises(OtherDocument):
        checked(ground, token_of(ground, info(ground), digested=info(ground, at=MOMENT - timedelta(days=1))))
    with pytest.raises(Malformed):
        checked(ground, token_of(ground, info(ground), is_detached=True))


@pytest.mark.parametrize(
    "changed",
    [
        {"version": written.integer(2)},
        {"genTime": b"\x17\x0d260901030000Z"},
        {"rest": written.explicit(1, written.sequence())},
        {"rest": written.integer(1) + written.integer(2)},
        {"rest": written.octets(b"more")},
    ],
    ids=str,
)
def test_what_is_no_tst_info_is_refused(ground: Ground, changed: Any) -> None:
    with pytest.raises(Malformed):
        checked(ground, token_of(ground, info(ground, **changed)))


def test_the_name_of_the_authority_may_be_stated(ground: Ground) -> None:
    checked(
        ground, token_of(ground, info(ground, rest=written.explicit(0, written.explicit(4, ground.nca.tsa.subject))))
    )


def test_junk_is_refused(ground: Ground) -> None:
    for junk in (b"", b"0\x00", ground.cms(), stamped(ground)[:-1], stamped(ground) + b"\0"):
        with pytest.raises(Malformed):
            checked(ground, junk)


def test_a_signature_with_a_broken_token_is_refused_and_not_taken_as_unstamped(ground: Ground) -> None:
    content = b"document"
    with pytest.raises(BadSignature):
        ground.verifier.verify(ground.cms(content=content, timestamp_token=stamped(ground)), content)
    with pytest.raises(Malformed):
        ground.verifier.verify(ground.cms(content=content, timestamp_token=written.null()), content)
    assert ground.asked == 0


def info(ground: Ground, at: datetime = MOMENT, **changed: bytes) -> bytes:
    """TSTInfo by hand; `changed` puts other octets in place of a field."""
    suite = ground.nca.suite
    fields: Mapping[str, bytes] = {
        "version": written.integer(1),
        "policy": written.oid("1.2.398.3.3.2.6.4"),
        "imprint": written.sequence(written.algorithm(suite.digest_oid), written.octets(suite.digest(SIGNATURE))),
        "serial": written.integer(7),
        "genTime": written.generalized(at),
        "rest": b"",
    } | changed
    return written.sequence(*fields.values())


def token_of(
    ground: Ground, content: bytes, *, digested: bytes | None = None, without: str = "", is_detached: bool = False
) -> bytes:
    tsa, suite = ground.nca.tsa, ground.nca.suite
    values = {
        _CONTENT_TYPE: written.oid(cms.TIMESTAMP_INFO),
        _SIGNING_CERTIFICATE: signing_certificate(tsa.certificate),
        _MESSAGE_DIGEST: written.octets(suite.digest(digested or content)),
    }
    attributes = sorted(
        written.sequence(written.oid(kind), written.set_of([value]))
        for kind, value in values.items()
        if kind != without
    )
    signer = written.sequence(
        written.integer(1),
        written.sequence(tsa.issuer, written.integer(tsa.serial)),
        written.algorithm(suite.digest_oid),
        written.explicit(0, *attributes),
        written.algorithm(suite.signature_oid),
        written.octets(tsa.sign(written.set_of(attributes))),
    )
    shown = b"" if is_detached else written.explicit(0, written.octets(content))
    return content_info(
        written.integer(3),
        written.set_of([written.algorithm(suite.digest_oid)]),
        written.sequence(written.oid(cms.TIMESTAMP_INFO), shown),
        written.explicit(0, tsa.certificate),
        written.set_of([signer]),
    )


@pytest.mark.external
def test_a_real_token_of_2022_is_signed_well_and_refused_for_its_sha1_imprint(test_data: Path) -> None:
    ground = Ground(nca_of("gost2004"), allow_legacy=True)
    token = (test_data / "nca-test/responses/tsp_token.bin").read_bytes()
    signed = cms.parse(token, cms.TIMESTAMP_INFO)
    authority = cms.certificate_of(signed)
    assert authority.eku == {"1.3.6.1.5.5.7.3.8"}
    assert signed.content is not None
    cms.check_content(signed, signed.content, ground.backend)
    assert cms.check_signing_certificate(signed, authority, ground.backend)
    cms.check_signature(signed, authority, ground.backend, allow_legacy=True)
    with pytest.raises(AlgorithmRefused):
        cms.check_signature(signed, authority, ground.backend)
    with pytest.raises(AlgorithmRefused, match="digest not accepted"):
        timestamp.check(token, b"", ground.trust, ground.backend, MOMENT, allow_legacy=True)
