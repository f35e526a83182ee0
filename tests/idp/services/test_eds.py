"""services/eds: one verifier while it can be had, else the reason; evidence that opens only where it was sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from idp.eds.errors import EdsOff, NcaUnavailable, Revoked, Untrusted
from idp.eds.ports import ListState, RevokedLists
from idp.eds.signed_by import Evidence, StatusProof, Timestamp
from idp.services import eds as eds_service
from idp.services.eds import Eds, StoredLists
from idp.services.trust import Trust
from idp.store import revocation
from idp.store.revocation import NewList, Packed
from idp.store.session import UnitOfWork
from tests.factories.nca import NOW, fresh_nca, holder, person_key, shared_nca
from tests.factories.trusting import made_eds, trusting, way_to
from tests.fakes.http_site import Page, http_site

_NOWHERE = "https://127.0.0.1:1/"


@pytest.fixture
def now() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def eds(uow: UnitOfWork, now: FixedClock, tmp_path: Path) -> Eds:
    return made_eds(uow, now, trusting(tmp_path, now, shared_nca()), way_to(_NOWHERE))


def _import(uow: UnitOfWork, *serials: int) -> None:
    issuer = shared_nca().ca.key_id.hex()
    new = NewList(issuer, "base", 7, 7, NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    packed = Packed().add_all((serial, int(NOW.timestamp()) - 60, 4) for serial in serials)
    with uow.write() as tx:
        revocation.replace_list(tx, new, packed.shards(), entries=packed.entries, now=NOW)


def test_a_signature_is_verified_over_the_wire(uow: UnitOfWork, now: FixedClock, tmp_path: Path) -> None:
    nca = fresh_nca()
    cms = nca.cms(person_key(), b"what is signed", at=NOW)
    with http_site({"/ocsp": lambda request: Page(nca.ocsp(request, NOW))}) as site:
        eds = made_eds(uow, now, trusting(tmp_path, now, nca), way_to(f"{site.url}/ocsp"))
        signed_by = eds.verify(cms, b"what is signed")
        # A second sign-in within five minutes asks nobody.
        eds.verify(cms, b"what is signed")
    assert signed_by.evidence.status.source == "ocsp"
    assert len(site.asked) == 1
    assert eds.open(eds.seal(signed_by.evidence, "a row"), "a row") == signed_by.evidence


def test_a_silent_nca_fails_closed_unless_a_list_was_imported(eds: Eds, uow: UnitOfWork) -> None:
    cms = shared_nca().cms(person_key(), b"text", at=NOW)
    with pytest.raises(NcaUnavailable):
        eds.verify(cms, b"text")
    _import(uow, 5)
    assert eds.verify(cms, b"text").evidence.status == StatusProof(
        "crl", NOW - timedelta(hours=1), NOW + timedelta(hours=1), crl_number=7
    )


def test_an_imported_list_revokes(eds: Eds, uow: UnitOfWork) -> None:
    _import(uow, person_key().serial)
    with pytest.raises(Revoked) as caught:
        eds.verify(shared_nca().cms(person_key(), b"text", at=NOW), b"text")
    assert caught.value.at == NOW - timedelta(minutes=1)


def test_stored_lists_are_what_the_engine_asks_for(uow: UnitOfWork) -> None:
    lists: RevokedLists = StoredLists(uow)
    assert lists.look_up(shared_nca().ca.key_id, 5) is None
    _import(uow, 5)
    found = lists.look_up(shared_nca().ca.key_id, 6)
    assert found == (ListState(7, NOW - timedelta(hours=1), NOW + timedelta(hours=1)), None)


def test_an_empty_folder_is_a_reason(uow: UnitOfWork, now: FixedClock, tmp_path: Path) -> None:
    eds = made_eds(uow, now, Trust(tmp_path / "trust", True, now), way_to(_NOWHERE))
    assert eds.why_off() == "no_anchors"
    with pytest.raises(EdsOff) as caught:
        eds.verifier()
    assert caught.value.detail == "no_anchors"
    assert eds.status()["eds"].startswith("off: no issuing certificate")


def test_a_test_authority_in_production_is_no_anchor(uow: UnitOfWork, now: FixedClock, tmp_path: Path) -> None:
    trusting(tmp_path, now, shared_nca())
    eds = made_eds(uow, now, Trust(tmp_path / "trust", True, now), way_to(_NOWHERE))
    assert eds.why_off() == "no_anchors"


def test_a_broken_index_is_a_reason(eds: Eds, tmp_path: Path) -> None:
    (tmp_path / "trust" / "anchors.json").write_text("{")
    assert eds.why_off() == "bad_anchors"


def test_a_missing_library_is_a_reason(eds: Eds, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise EdsOff("libgcrypt: cannot be loaded; ecdsa: cannot be imported")

    assert eds.why_off() == ""
    monkeypatch.setattr(eds_service, "choose", none)
    assert eds.why_off() == "no_backend"
    assert "libgcrypt" in eds.status()["eds"]
    with pytest.raises(EdsOff):
        _ = eds.max_bytes


def test_what_is_on_says_with_what(eds: Eds) -> None:
    assert eds.status() == {"eds": "on", "eds_library": eds.backend().name, "eds_trusted": "2"}
    assert eds.max_bytes == eds.backend().max_bytes


def test_a_verifier_is_built_once_and_again_when_the_folder_changes(eds: Eds, now: FixedClock, tmp_path: Path) -> None:
    first = eds.verifier()
    assert eds.verifier() is first
    other = fresh_nca("rsa")
    cms = other.cms(other.issue(holder()), b"text", at=NOW)
    with pytest.raises(Untrusted):
        eds.verify(cms, b"text")
    trusting(tmp_path, now, other)
    with pytest.raises(NcaUnavailable):
        eds.verify(cms, b"text")
    assert eds.verifier() is not first


_EVIDENCE = Evidence(
    cms=b"\x30\x00",
    chain=(b"signer", b"issuer", b"root"),
    status=StatusProof("ocsp", NOW, NOW + timedelta(hours=1), b"answer"),
    timestamp=Timestamp(NOW - timedelta(seconds=5), "ҰКО TSA", b"token"),
    verified_at=NOW,
)


@pytest.mark.parametrize(
    "evidence",
    [
        _EVIDENCE,
        replace(_EVIDENCE, timestamp=None, status=StatusProof("crl", NOW, NOW, crl_number=7)),
        replace(_EVIDENCE, status=StatusProof("ocsp", NOW, None, b"\x00\xff")),
    ],
)
def test_evidence_comes_out_as_it_went_in(eds: Eds, evidence: Evidence) -> None:
    sealed = eds.seal(evidence, "row")
    assert eds.open(sealed, "row") == evidence
    assert eds.seal(evidence, "row") != sealed
    assert b"ocsp" not in sealed


def test_evidence_opens_for_its_own_row_only(eds: Eds) -> None:
    sealed = eds.seal(_EVIDENCE, "row")
    for broken, row in ((sealed, "another row"), (sealed[:-1] + bytes((sealed[-1] ^ 1,)), "row"), (b"", "row")):
        with pytest.raises(Unavailable):
            eds.open(broken, row)
