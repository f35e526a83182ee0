"""eds/revocation: OCSP, else an imported list, else no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.cli.dev.nca import Key, MiniNca
from idp.core.clock import FixedClock
from idp.eds import ocsp_answer, revocation
from idp.eds.certificate import Certificate
from idp.eds.errors import NcaUnavailable, Revoked, StatusUnknown
from idp.eds.ports import Ask, ListState, Revocation
from idp.eds.revocation import RevocationCheck, check_stored
from idp.eds.self_test import choose
from idp.eds.signed_by import StatusProof
from tests.factories.nca import NOW, fresh_nca, holder, person_key, shared_nca


class _Responder:
    """Asks a miniature NCA without a network, and counts."""

    def __init__(self, nca: MiniNca, clock: FixedClock, **departures: Any) -> None:
        self.nca, self.clock, self.departures = nca, clock, departures
        self.asked: list[bytes] = []

    def __call__(self, request: bytes) -> bytes:
        self.asked.append(request)
        return self.nca.ocsp(request, self.clock.now(), **self.departures)


class _Lists:
    """One imported list of the shared NCA."""

    def __init__(
        self, *revoked: int, until: datetime = NOW + timedelta(hours=1), since: datetime = NOW - timedelta(hours=1)
    ) -> None:
        self.revoked, self.since, self.until, self.asked = revoked, since, until, 0

    def look_up(self, issuer_key_id: bytes, serial: int) -> tuple[ListState, Revocation | None] | None:
        self.asked += 1
        if issuer_key_id != shared_nca().ca.key_id:
            return None
        found = Revocation(NOW - timedelta(days=2), 4) if serial in self.revoked else None
        return ListState(7, self.since, self.until), found


def _silent(_request: bytes) -> bytes:
    raise NcaUnavailable("the authority does not answer", detail="timeout")


def _certificate(key: Key) -> Certificate:
    return Certificate.parse(key.certificate)


def _check(ask: Ask | None, lists: _Lists | None = None, clock: FixedClock | None = None) -> Callable[..., StatusProof]:
    clock = clock or FixedClock(NOW)
    checking = RevocationCheck(ask, lists, clock, choose())
    person, issuer = _certificate(person_key()), _certificate(shared_nca().ca)
    return lambda of=person, by=issuer: checking.check(of, by, clock.now())


def test_a_good_answer_is_kept_as_proof() -> None:
    clock = FixedClock(NOW)
    proof = _check(_Responder(fresh_nca(), clock), clock=clock)()
    assert (proof.source, proof.this_update, proof.next_update) == ("ocsp", NOW, None)
    check_stored(proof, _certificate(person_key()), _certificate(shared_nca().ca), choose())


def test_each_question_has_a_nonce_of_its_own() -> None:
    clock = FixedClock(NOW)
    responder = _Responder(fresh_nca(), clock)
    check = _check(responder, clock=clock)
    check()
    clock.advance(minutes=10)
    check()
    assert len(set(responder.asked)) == 2


def test_a_good_answer_is_kept_for_five_minutes_and_no_longer() -> None:
    clock = FixedClock(NOW)
    nca = fresh_nca()
    responder = _Responder(nca, clock)
    check = _check(responder, clock=clock)
    first = check()
    nca.revoke(person_key(), NOW)
    clock.advance(minutes=5)
    assert check() == first
    clock.advance(seconds=1)
    with pytest.raises(Revoked):
        check()
    assert len(responder.asked) == 2


def test_a_good_answer_is_kept_no_longer_than_it_says_itself() -> None:
    clock = FixedClock(NOW)
    responder = _Responder(fresh_nca(), clock, next_update=NOW + timedelta(minutes=1))
    check = _check(responder, clock=clock)
    check()
    clock.advance(minutes=1)
    check()
    assert len(responder.asked) == 1
    clock.advance(seconds=1)
    with pytest.raises(NcaUnavailable):
        check()
    assert len(responder.asked) == 2


def test_what_is_kept_of_one_issuer_says_nothing_of_anothers_certificate() -> None:
    clock = FixedClock(NOW)
    responder = _Responder(fresh_nca(), clock)
    check = _check(responder, clock=clock)
    check()
    other = MiniNca.make(NOW, label="ӨЗГЕ")
    key = other.issue(holder(), serial=person_key().serial)
    responder.nca = other
    check(_certificate(key), _certificate(other.ca))
    assert len(responder.asked) == 2


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation, "MAX_KEPT", 1)
    clock = FixedClock(NOW)
    responder = _Responder(fresh_nca(), clock)
    check = _check(responder, clock=clock)
    other = responder.nca.issue(holder())
    for key in (person_key(), other, person_key()):
        check(_certificate(key))
    assert len(responder.asked) == 3


@pytest.mark.parametrize(("status", "error"), [("revoked", Revoked), ("hold", Revoked), ("unknown", StatusUnknown)])
def test_a_refusal_is_final_whatever_the_lists_say(status: str, error: type[Exception]) -> None:
    clock, lists = FixedClock(NOW), _Lists()
    with pytest.raises(error):
        _check(_Responder(fresh_nca(), clock, status=status), lists, clock)()
    assert lists.asked == 0


def test_a_silent_authority_leaves_the_list_to_decide() -> None:
    proof = _check(_silent, _Lists())()
    assert (proof.source, proof.crl_number, proof.der) == ("crl", 7, b"")
    with pytest.raises(Revoked) as caught:
        _check(_silent, _Lists(person_key().serial))()
    assert caught.value.at == NOW - timedelta(days=2)


@pytest.mark.parametrize(
    "departures",
    [
        {"signature": "flipped"},
        {"nonce": b"another nonce..."},
        {"this_update": NOW - timedelta(hours=1)},
        {"cert_serial": 1},
        {"error": 3},
        {"certificates": ()},
    ],
    ids=["bad signature", "wrong nonce", "stale", "wrong certID", "try later", "no responder"],
)
def test_an_answer_that_cannot_be_trusted_is_as_good_as_none(departures: dict[str, Any]) -> None:
    clock = FixedClock(NOW)
    with pytest.raises(NcaUnavailable):
        _check(_Responder(fresh_nca(), clock, **departures), None, clock)()
    assert _check(_Responder(fresh_nca(), clock, **departures), _Lists(), clock)().source == "crl"
    with pytest.raises(Revoked):
        _check(_Responder(fresh_nca(), clock, **departures), _Lists(person_key().serial), clock)()


def test_an_unauthorised_responder_is_as_good_as_none() -> None:
    clock = FixedClock(NOW)
    responder = _Responder(fresh_nca(), clock, responder=person_key(), certificates=(person_key().certificate,))
    with pytest.raises(NcaUnavailable):
        _check(responder, None, clock)()


def test_a_list_out_of_date_vouches_for_nobody() -> None:
    stale = _Lists(person_key().serial, until=NOW - timedelta(seconds=1))
    with pytest.raises(Revoked):
        _check(_silent, stale)()
    with pytest.raises(NcaUnavailable, match="out of date"):
        _check(_silent, _Lists(until=NOW - timedelta(seconds=1)))()


def test_a_list_says_nothing_of_a_certificate_that_has_expired() -> None:
    """RFC 5280 §3.3: revoked certificates leave the list some time after they expire."""
    certificate, clock = _certificate(person_key()), FixedClock(NOW)
    clock.advance(seconds=(certificate.not_after - NOW).total_seconds())
    lists = {"since": clock.now() - timedelta(hours=1), "until": clock.now() + timedelta(hours=1)}
    assert _check(_silent, _Lists(**lists), clock)().source == "crl"
    clock.advance(seconds=1)
    with pytest.raises(NcaUnavailable, match="does not answer"):
        _check(_silent, _Lists(**lists), clock)()
    # Its presence there is a fact all the same.
    with pytest.raises(Revoked):
        _check(_silent, _Lists(person_key().serial, **lists), clock)()


def test_the_list_of_another_authority_vouches_for_nobody() -> None:
    other = MiniNca.make(NOW, label="ӨЗГЕ")
    with pytest.raises(NcaUnavailable):
        _check(_silent, _Lists())(_certificate(other.issue(holder())), _certificate(other.ca))


def test_without_any_source_nobody_is_vouched_for() -> None:
    for ask in (None, _silent):
        with pytest.raises(NcaUnavailable):
            _check(ask)()


def test_what_a_list_said_is_not_kept() -> None:
    lists = _Lists()
    check = _check(_silent, lists)
    check()
    check()
    assert lists.asked == 2


def _proof() -> StatusProof:
    clock = FixedClock(NOW)
    return _check(_Responder(fresh_nca(), clock), clock=clock)()


def _stored(proof: StatusProof, key: Key | None = None) -> None:
    check_stored(proof, _certificate(key or person_key()), _certificate(shared_nca().ca), choose())


def test_a_stored_answer_proves_itself_years_later_but_only_about_its_certificate() -> None:
    proof = _proof()
    _stored(proof)
    with pytest.raises(StatusUnknown):
        _stored(proof, shared_nca().issue(holder()))


def test_a_stored_answer_that_was_changed_proves_nothing() -> None:
    proof = _proof()
    for broken in (
        replace(proof, der=proof.der[:-300] + bytes((proof.der[-300] ^ 1,)) + proof.der[-299:]),
        replace(proof, this_update=NOW + timedelta(minutes=2)),
        replace(proof, der=b""),
        replace(proof, source="none", der=b""),
    ):
        with pytest.raises(StatusUnknown):
            _stored(broken)


def test_a_stored_refusal_stays_one() -> None:
    nca = fresh_nca()
    nca.revoke(person_key(), NOW - timedelta(days=1))
    asked: list[bytes] = []

    def ask(request: bytes) -> bytes:
        asked.append(nca.ocsp(request, NOW))
        return asked[0]

    with pytest.raises(Revoked):
        _check(ask)()
    with pytest.raises(Revoked):
        _stored(StatusProof("ocsp", NOW, None, asked[0]))


def test_a_list_leaves_no_proof_but_our_own_record() -> None:
    _stored(StatusProof("crl", NOW, NOW, crl_number=7))


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "error", "words"),
    [("ceo_2015_revoked", Revoked, "was revoked"), ("individual_2015", StatusUnknown, "never issued")],
)
def test_the_real_answers_of_the_nca_are_read_again(
    test_data: Path, name: str, error: type[Exception], words: str
) -> None:
    folder = test_data / "nca-test" / "responses"
    der = (folder / f"ocsp_response_{name}.bin").read_bytes()
    said = ocsp_answer.parse(der).single
    issuer = Certificate.parse((folder / "nca_gost2015_test.cer").read_bytes())
    about = replace(issuer, serial=said.cert_id.serial)
    with pytest.raises(error, match=words):
        check_stored(StatusProof("ocsp", said.this_update, None, der), about, issuer, choose())
    with pytest.raises(StatusUnknown, match="does not hold"):
        check_stored(StatusProof("ocsp", said.this_update, None, der[:-1] + b"\0"), about, issuer, choose())
