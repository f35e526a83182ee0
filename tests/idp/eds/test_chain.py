"""Only pinned authorities vouch, and each for what its certificate says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.cli.dev.nca import Key, MiniNca
from idp.eds.certificate import Certificate
from idp.eds.chain import TrustStore, is_test
from idp.eds.errors import AlgorithmRefused, Expired, Malformed, NotYetValid, Untrusted
from tests.factories.eds_ground import HEAD, MOMENT, PERSON, Ground, nca_of


@pytest.fixture(params=["gost2015", "rsa"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(nca_of(request.param))


def certificate_of(key: Key) -> Certificate:
    return Certificate.parse(key.certificate)


def test_a_signer_leads_to_the_pinned_root(ground: Ground) -> None:
    chain = ground.trust.chain_of(certificate_of(ground.key()), MOMENT)
    assert (chain.root.der, chain.issuer.der) == ground.nca.anchors
    assert not chain.is_production


def test_the_pinned_authorities_are_verified_once() -> None:
    """And a signer costs one verification, the first time."""
    ground = Ground(nca_of("gost2015"))
    assert ground.backend.verifications == 2
    for number in range(1, 4):
        signer = certificate_of(ground.key())
        for _ in range(3):
            ground.trust.chain_of(signer, MOMENT)
            assert ground.backend.verifications == 2 + number
    with pytest.raises(Expired):
        ground.trust.chain_of(signer, signer.not_after + timedelta(seconds=1))


def test_a_refusal_is_not_remembered_as_anything_else(ground: Ground) -> None:
    stranger = certificate_of(ground.key(signed_by="same_name"))
    for _ in range(2):
        with pytest.raises(Untrusted):
            ground.trust.authorities_of(stranger)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.eds.chain._MOST_KNOWN", 2)
    ground = Ground(nca_of("gost2015"))
    signers = [certificate_of(ground.key()) for _ in range(3)]
    for signer in (*signers, signers[1], signers[0]):
        ground.trust.authorities_of(signer)
    assert ground.backend.verifications == 2 + 4


def test_without_anchors_nobody_is_trusted(ground: Ground) -> None:
    empty = TrustStore([], ground.backend)
    assert empty.is_empty
    assert not ground.trust.is_empty
    with pytest.raises(Untrusted):
        empty.chain_of(certificate_of(ground.key()), MOMENT)


def test_the_authority_without_its_root_and_the_root_alone_vouch_for_nobody(ground: Ground) -> None:
    for anchor in ground.nca.anchors:
        store = TrustStore([anchor], ground.backend)
        assert store.is_empty
        with pytest.raises(Untrusted):
            store.chain_of(certificate_of(ground.key()), MOMENT)


def test_an_anchor_says_what_it_is_and_what_is_wrong_with_it(ground: Ground) -> None:
    root, ca = ground.nca.anchors
    person = ground.key().certificate
    anchors = {
        anchor.certificate.der: anchor for anchor in TrustStore([ca, root, root, person], ground.backend).anchors()
    }
    assert (anchors[root].is_root, anchors[root].problem) == (True, "")
    assert (anchors[ca].is_root, anchors[ca].problem) == (False, "")
    assert anchors[person].problem == "not a certificate of an authority"
    alone = TrustStore([ca], ground.backend).anchors()
    assert [anchor.problem for anchor in alone] == ["its root is not pinned"]


def test_a_pinned_certificate_that_may_not_issue_vouches_for_nobody(ground: Ground) -> None:
    """Without keyCertSign, and without CA in its basic constraints (RFC 5280 §4.2.1.9)."""
    for is_ca, usage in ((True, b"\x07\x80"), (False, b"\x01\x06")):
        issuer = ground.nca.issue(HEAD, signed_by=ground.nca.root, is_ca=is_ca, key_usage=usage)
        store = TrustStore([*ground.nca.anchors, issuer.certificate], ground.backend)
        with pytest.raises(Untrusted):
            store.chain_of(certificate_of(ground.key(signed_by=issuer)), MOMENT)


def test_a_pinned_authority_counts_only_when_its_root_signed_it(ground: Ground) -> None:
    stranger = ground.nca.issue(HEAD, signed_by=ground.nca.root, is_ca=True, key_usage=b"\x01\x06", signature="flipped")
    store = TrustStore([*ground.nca.anchors, stranger.certificate], ground.backend)
    assert [anchor.problem for anchor in store.anchors()] == ["", "", "signature does not verify"]
    with pytest.raises(Untrusted):
        store.chain_of(certificate_of(ground.key(signed_by=stranger)), MOMENT)


def root_of(ground: Ground, **departures: Any) -> Key:
    """Self-signed, an authority, its key identifier its own."""
    own: dict[str, Any] = {"private_key": ground.nca.ca.private_key, "is_ca": True, "key_usage": b"\x01\x06"}
    return ground.nca.issue(HEAD, signed_by="self", **own, **departures)


def test_a_root_that_did_not_sign_itself_is_no_root(ground: Ground) -> None:
    root = root_of(ground, signature="flipped")
    assert TrustStore([root.certificate], ground.backend).anchors()[0].problem == "signature does not verify"


def test_a_root_may_forbid_authorities_below_it(ground: Ground) -> None:
    for root, is_empty in ((root_of(ground), False), (root_of(ground, path_length=0), True)):
        below = ground.nca.issue(PERSON, signed_by=root, is_ca=True, key_usage=b"\x01\x06")
        store = TrustStore([root.certificate, below.certificate], ground.backend)
        assert store.is_empty is is_empty


def test_of_two_authorities_of_one_name_the_key_identifier_tells_which(ground: Ground) -> None:
    other = MiniNca.make(MOMENT, ground.nca.suite.name)
    store = TrustStore([*other.anchors, *ground.nca.anchors], ground.backend)
    before = ground.backend.verifications
    assert store.chain_of(certificate_of(ground.key()), MOMENT).issuer.der == ground.nca.ca.certificate
    assert store.chain_of(certificate_of(other.issue(HEAD)), MOMENT).issuer.der == other.ca.certificate
    assert ground.backend.verifications - before == (2 if ground.nca.suite.name == "gost2015" else 0)


def test_the_key_identifier_must_be_the_issuers_even_when_the_signature_is(ground: Ground) -> None:
    certificate = certificate_of(ground.key())
    with pytest.raises(Untrusted):
        ground.trust.chain_of(replace(certificate, authority_key_id=bytes(20)), MOMENT)
    ground.trust.chain_of(replace(certificate, authority_key_id=b""), MOMENT)


def test_a_certificate_that_names_another_authority_than_the_one_that_signed_it_is_refused(ground: Ground) -> None:
    certificate = certificate_of(ground.key())
    with pytest.raises(Untrusted):
        ground.trust.chain_of(replace(certificate, issuer=ground.nca.root.subject), MOMENT)


def test_an_authority_stands_directly_below_a_root(ground: Ground) -> None:
    below = ground.nca.issue(HEAD, signed_by=ground.nca.ca, is_ca=True, key_usage=b"\x01\x06")
    store = TrustStore([*ground.nca.anchors, below.certificate], ground.backend)
    assert [anchor.problem for anchor in store.anchors()] == ["", "", "its root is not pinned"]
    with pytest.raises(Untrusted):
        store.chain_of(certificate_of(ground.key(signed_by=below)), MOMENT)


def test_dates_of_all_three_count(ground: Ground) -> None:
    forever = certificate_of(ground.key(not_before=MOMENT - timedelta(days=9), not_after=MOMENT + timedelta(days=9999)))
    ground.trust.chain_of(forever, MOMENT)
    with pytest.raises(NotYetValid):
        ground.trust.chain_of(forever, MOMENT - timedelta(days=2))
    with pytest.raises(Expired):
        ground.trust.chain_of(forever, MOMENT + timedelta(days=3700))
    short = certificate_of(ground.key(not_after=MOMENT))
    ground.trust.chain_of(short, MOMENT)
    with pytest.raises(Expired):
        ground.trust.chain_of(short, MOMENT + timedelta(seconds=1))


def test_an_rsa_signature_below_a_gost_authority_is_refused() -> None:
    gost, rsa = Ground(nca_of("gost2015")), Ground(nca_of("rsa"))
    mixed = replace(certificate_of(rsa.key()), issuer=gost.nca.ca.subject, authority_key_id=b"")
    with pytest.raises(AlgorithmRefused):
        gost.trust.chain_of(mixed, MOMENT)


def test_an_anchor_that_is_no_certificate_is_refused(ground: Ground) -> None:
    with pytest.raises(Malformed):
        TrustStore([b"0\x03\x02\x01\x01"], ground.backend)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST) 2022", False),
        ("ҰКО 3.0 (RSA TEST)", True),
        ("ОРТАЛЫҚ TEST2022", True),
        ("ОРТАЛЫҚ_dev", True),
        ("Тест", True),
        ("АТТЕСТАЦИЯ ОРТАЛЫҒЫ", False),
        ("ЦЕНТР АТТЕСТАЦИИ", False),
        ("CONTEST DEVICE", False),
    ],
)
def test_names_of_test_authorities_are_known_as_whole_words(ground: Ground, name: str, expected: bool) -> None:
    person = ground.nca.issue(HEAD, common_name=name)
    assert is_test(certificate_of(person)) is expected
    organised = ground.nca.issue(replace(HEAD, organisation=name), common_name="CA")
    assert is_test(certificate_of(organised)) is expected


def test_a_test_authority_below_any_root_is_no_production(ground: Ground) -> None:
    real = Ground(nca_of("gost2015", is_test=False))
    below = real.nca.issue(HEAD, signed_by=real.nca.root, is_ca=True, key_usage=b"\x01\x06", common_name="BRANCH TEST")
    store = TrustStore([*real.nca.anchors, below.certificate], real.backend)
    assert store.chain_of(certificate_of(real.key()), MOMENT).is_production
    assert not store.chain_of(certificate_of(real.key(signed_by=below)), MOMENT).is_production


@pytest.mark.external
def test_the_published_test_authorities_are_known_whatever_they_are_called(test_data: Path) -> None:
    files = [test_data / "nca-test" / name for name in ("root_test_gost_2022.cer", "nca_gost2022_test.cer")]
    store = TrustStore([file.read_bytes() for file in files], Ground(nca_of("rsa")).backend)
    assert [(anchor.problem, anchor.is_test) for anchor in store.anchors()] == [("", True), ("", True)]
    for anchor in store.anchors():
        unnamed = replace(anchor.certificate.holder, names=replace(anchor.certificate.subject_names, common_name="CA"))
        assert is_test(replace(anchor.certificate, holder=unnamed))


@pytest.mark.external
def test_every_real_certificate_of_2026_leads_to_the_pinned_test_root(test_data: Path) -> None:
    folder = test_data / "nca-test"
    anchors = [(folder / name).read_bytes() for name in ("root_test_gost_2022.cer", "nca_gost2022_test.cer")]
    backend = Ground(nca_of("rsa")).backend
    store = TrustStore(anchors, backend)
    files = [*folder.glob("individual/*/*.cer"), *folder.glob("legal/*/*.cer")]
    assert len(files) == 12
    for file in files:
        certificate = Certificate.parse(file.read_bytes())
        chain = store.chain_of(certificate, certificate.not_before)
        assert (chain.root.der, chain.issuer.der) == tuple(anchors)
