"""eds/ocsp: an answer counts only when everything about it is right (rules of verification, row 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from idp.cli.dev.nca import Holder, Key, MiniNca
from idp.cli.dev.nca.ocsp import asked
from idp.core.ids import random_bytes
from idp.eds import ocsp, ocsp_answer
from idp.eds.certificate import Certificate
from idp.eds.errors import NcaUnavailable, Revoked, StatusUnknown
from idp.eds.ocsp import Responders
from idp.eds.ocsp_answer import Answer
from idp.eds.ports import Backend, Curve, Digest
from idp.eds.self_test import choose
from tests.factories.nca import NOW, fresh_nca, holder, person_key, shared_nca

_NONCE = b"0123456789abcdef"


def _certificate(key: Key) -> Certificate:
    return Certificate.parse(key.certificate)


def _asked(nca: MiniNca, key: Key | None = None, nonce: bytes = _NONCE) -> bytes:
    return ocsp.request(_certificate(key or person_key()), _certificate(nca.ca), nonce)


def _verify(
    der: bytes, *, key: Key | None = None, at: datetime = NOW, nonce: bytes | None = _NONCE, nca: MiniNca | None = None,
    responders: Responders | None = None, backend: Backend | None = None,
) -> Answer:  # fmt: skip
    return ocsp.verify(
        der,
        _certificate(key or person_key()),
        _certificate((nca or shared_nca()).ca),
        at=at,
        nonce=nonce,
        backend=backend or choose(),
        responders=responders or Responders(),
    )


def _answer(**departures: object) -> bytes:
    nca = fresh_nca()
    return nca.ocsp(_asked(nca), NOW, **departures)  # type: ignore[arg-type]


def _refused(der: bytes, why: str, **conditions: object) -> None:
    with pytest.raises(NcaUnavailable) as caught:
        _verify(der, **conditions)  # type: ignore[arg-type]
    assert why in caught.value.detail


def test_the_request_names_our_certificate_and_carries_the_nonce() -> None:
    nca = shared_nca()
    about = asked(_asked(nca, nonce=b"n" * 32))
    assert (about.serial, about.digest, about.nonce) == (person_key().serial, "sha256", b"n" * 32)
    assert nca.is_asked(about)


def test_a_good_answer_counts() -> None:
    assert _verify(_answer()).single.status == "good"


@pytest.mark.parametrize("algorithm", ["gost2015", "rsa"])
def test_both_kinds_of_authority_are_heard(algorithm: str) -> None:
    nca = fresh_nca(algorithm)
    key = nca.issue(holder())
    assert _verify(nca.ocsp(_asked(nca, key), NOW), key=key, nca=nca).single.status == "good"


def test_an_answer_may_name_the_responders_key_and_hash_with_sha1() -> None:
    assert _verify(_answer(by_key_id=True, cert_digest="sha1")).single.cert_id.hash_name == "sha1"


def test_the_issuer_may_answer_itself() -> None:
    assert _verify(_answer(responder=shared_nca().ca, certificates=())).single.status == "good"


def test_a_wrong_nonce_is_refused() -> None:
    _refused(_answer(nonce=b"another nonce..."), "nonce")


def test_a_missing_nonce_is_refused() -> None:
    _refused(_answer(nonce=None), "nonce")


def test_a_stored_answer_is_read_without_its_nonce() -> None:
    assert _verify(_answer(), nonce=None).nonce == _NONCE


@pytest.mark.parametrize("apart", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_stale_answer_and_one_from_the_future_are_refused(apart: timedelta) -> None:
    _refused(_answer(), "stale", at=NOW + apart)


def test_an_old_update_in_a_new_answer_is_stale() -> None:
    _refused(_answer(this_update=NOW - timedelta(minutes=6)), "stale")


def test_an_answer_made_in_the_future_is_refused_whatever_its_update_says() -> None:
    nca = fresh_nca()
    _refused(nca.ocsp(_asked(nca), NOW + timedelta(hours=1), this_update=NOW), "future")


def test_with_a_next_update_an_answer_may_be_hours_old_but_not_days() -> None:
    hours = _answer(this_update=NOW - timedelta(hours=20), next_update=NOW + timedelta(hours=4))
    assert _verify(hours).single.next_update == NOW + timedelta(hours=4)
    _refused(_answer(this_update=NOW - timedelta(hours=25), next_update=NOW + timedelta(days=9)), "stale")
    _refused(_answer(this_update=NOW - timedelta(hours=2), next_update=NOW - timedelta(hours=1)), "next update")


def test_an_answer_about_another_serial_number_is_refused() -> None:
    _refused(_answer(cert_serial=person_key().serial + 1), "another certificate")


def test_an_answer_about_another_issuers_certificate_is_refused() -> None:
    _refused(_answer(cert_issuer_key=b"another key"), "another certificate")


def test_an_answer_about_two_certificates_is_refused() -> None:
    _refused(_answer(twice=True), "malformed")


def test_a_bad_signature_is_refused() -> None:
    _refused(_answer(signature="flipped"), "bad_signature")


@pytest.mark.parametrize("mangle", ["zero_r", "zero_s", "r_is_q", "rfc9215", "short"])
def test_a_spoilt_signature_is_refused(mangle: str) -> None:
    _refused(_answer(signature=mangle), "OCSP")


def test_another_signature_algorithm_is_refused() -> None:
    _refused(_answer(signature_oid="1.2.840.113549.1.1.11"), "algorithm")


def _responder(nca: MiniNca, **departures: object) -> Key:
    return nca.issue(Holder("", "", "", organisation="ҰКО", role="ocsp"), **departures)  # type: ignore[arg-type]


def _by(key: Key) -> bytes:
    return _answer(responder=key, certificates=(key.certificate,))


def test_a_person_cannot_answer() -> None:
    _refused(_by(person_key()), "not for OCSP")


def test_a_responder_of_another_authority_is_refused() -> None:
    _refused(_by(_responder(shared_nca(), signed_by="foreign")), "another authority")


def test_a_responder_of_an_authority_with_the_same_name_is_refused() -> None:
    _refused(_by(_responder(shared_nca(), signed_by="same_name")), "bad_signature")


def test_a_responder_without_the_key_usage_is_refused() -> None:
    _refused(_by(_responder(shared_nca(), key_usage=bytes.fromhex("0106"))), "not for OCSP")


def test_an_authority_below_cannot_answer_for_the_one_above() -> None:
    _refused(_by(_responder(shared_nca(), is_ca=True)), "not for OCSP")


def test_a_responder_that_would_have_to_be_asked_about_is_refused() -> None:
    """Only nocheck (RFC 6960 §4.2.2.2.1) says that its own status is no question."""
    without = shared_nca().issue(holder(), extended_key_usage=[ocsp.OCSP_SIGNING])
    _refused(_by(without), "asked about")


def test_a_responder_past_its_date_is_refused() -> None:
    old = _responder(shared_nca(), not_before=NOW - timedelta(days=400), not_after=NOW - timedelta(days=1))
    _refused(_by(old), "out of date")


def test_a_responder_that_is_not_there_is_refused() -> None:
    _refused(_answer(certificates=()), "did not come along")
    _refused(_answer(certificates=(shared_nca().tsa.certificate,)), "did not come along")


def test_two_responders_of_one_name_are_refused() -> None:
    responder = shared_nca().responder.certificate
    _refused(_answer(certificates=(responder, responder)), "did not come along")


def test_a_time_stamping_authority_cannot_answer() -> None:
    _refused(_by(shared_nca().tsa), "not for OCSP")


def test_nothing_at_all_is_refused() -> None:
    for octets in (b"", b"\x30\x00", b"<html>", bytes(70_000), random_bytes(500)):
        with pytest.raises(NcaUnavailable):
            _verify(octets)


def test_revoked_says_since_when() -> None:
    nca = fresh_nca()
    nca.revoke(person_key(), NOW - timedelta(days=3))
    with pytest.raises(Revoked) as caught:
        _verify(nca.ocsp(_asked(nca), NOW))
    assert caught.value.at == NOW - timedelta(days=3)


def test_on_hold_is_revoked() -> None:
    nca = fresh_nca()
    nca.revoke(person_key(), NOW - timedelta(days=3), reason=6)
    with pytest.raises(Revoked):
        _verify(nca.ocsp(_asked(nca), NOW))


@pytest.mark.parametrize("status", ["unknown", "not_known"])
def test_unknown_and_never_issued_are_not_good(status: str) -> None:
    with pytest.raises(StatusUnknown):
        _verify(_answer(status=status))


def test_a_status_is_not_believed_before_the_signature() -> None:
    _refused(_answer(status="revoked", signature="flipped"), "bad_signature")


class _Counting:
    """A backend that counts verifications."""

    def __init__(self) -> None:
        self._real = choose()
        self.name, self.max_bytes, self.times = self._real.name, self._real.max_bytes, 0

    def streebog512(self) -> Digest:
        return self._real.streebog512()

    def gost94(self) -> Digest:
        return self._real.gost94()

    def holds(self, curve: Curve, public_key: tuple[int, int], digest: bytes, r: int, s: int) -> bool:
        self.times += 1
        return self._real.holds(curve, public_key, digest, r, s)


def test_a_responder_is_verified_once() -> None:
    backend, responders = _Counting(), Responders()
    for _ in range(3):
        _verify(_answer(), responders=responders, backend=backend)
    assert backend.times == 1 + 3


def test_a_known_responder_still_runs_out() -> None:
    responders = Responders()
    key = _responder(shared_nca(), not_after=NOW + timedelta(minutes=2))
    _verify(_by(key), responders=responders)
    _refused(_by(key), "out of date", responders=responders, at=NOW + timedelta(minutes=3))


def test_responders_known_of_one_issuer_do_not_answer_for_another() -> None:
    responders = Responders()
    _verify(_answer(), responders=responders)
    other = MiniNca.make(NOW, label="ӨЗГЕ")
    key = other.issue(holder())
    der = other.ocsp(
        _asked(other, key), NOW, responder=shared_nca().responder, certificates=(shared_nca().responder.certificate,)
    )
    _refused(der, "another authority", responders=responders, key=key, nca=other)


@pytest.mark.external
@pytest.mark.parametrize(("name", "error"), [("ceo_2015_revoked", Revoked), ("individual_2015", StatusUnknown)])
def test_the_real_answers_of_the_nca_are_believed(test_data: Path, name: str, error: type[Exception]) -> None:
    """One is on hold; the other is of a certificate that its responder never heard of (on hold since 1970)."""
    folder = test_data / "nca-test" / "responses"
    der = (folder / f"ocsp_response_{name}.bin").read_bytes()
    said = ocsp_answer.parse(der)
    issuer = Certificate.parse((folder / "nca_gost2015_test.cer").read_bytes())
    # The certificates asked about were not published; of them only the serial number matters here.
    about = replace(issuer, serial=said.single.cert_id.serial)
    conditions = {"at": said.produced_at, "nonce": None, "backend": choose(), "responders": Responders()}
    with pytest.raises(error):
        ocsp.verify(der, about, issuer, **conditions)  # type: ignore[arg-type]
    place = der.index(said.signature)
    spoilt = der[:place] + bytes((der[place] ^ 1,)) + der[place + 1 :]
    with pytest.raises(NcaUnavailable):
        ocsp.verify(spoilt, about, issuer, **conditions)  # type: ignore[arg-type]
    assert said.produced_at > datetime(2022, 9, 1, tzinfo=UTC)
