"""eds/ocsp_answer: only one shape is an answer, and what the responder says of itself is heard."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.cli.dev.nca.ocsp import request
from idp.eds import ocsp_answer
from idp.eds.errors import EdsRefused, Malformed, NcaUnavailable
from tests.factories.nca import NOW, fresh_nca, person_key, shared_nca

_NONCE = b"n" * 16


def _answer(**departures: object) -> bytes:
    nca = fresh_nca()
    return nca.ocsp(request(person_key().serial, nca.ca, _NONCE), NOW, **departures)  # type: ignore[arg-type]


def test_an_answer_is_read_whole() -> None:
    answer = ocsp_answer.parse(_answer())
    nca = shared_nca()
    assert (answer.single.status, answer.single.cert_id.serial) == ("good", person_key().serial)
    assert answer.single.cert_id.hash_name == "sha256"
    assert (answer.nonce, answer.single.this_update, answer.single.next_update) == (_NONCE, NOW, None)
    assert (answer.responder_name, answer.responder_key) == (nca.responder.subject, b"")
    assert answer.certificates == (nca.responder.certificate,)
    assert len(answer.signature) == 128


def test_a_responder_may_name_its_key() -> None:
    answer = ocsp_answer.parse(_answer(by_key_id=True))
    assert (answer.responder_name, answer.responder_key) == (b"", shared_nca().responder.key_id)


@pytest.mark.parametrize(("error", "word"), [(1, "malformedRequest"), (3, "tryLater"), (6, "unauthorized"), (9, "9")])
def test_a_responder_that_cannot_answer_is_no_answer(error: int, word: str) -> None:
    with pytest.raises(NcaUnavailable) as caught:
        ocsp_answer.parse(_answer(error=error))
    assert word in caught.value.detail


def test_an_answer_about_two_certificates_is_refused() -> None:
    with pytest.raises(Malformed):
        ocsp_answer.parse(_answer(twice=True))


def test_an_answer_of_another_type_is_refused() -> None:
    with pytest.raises(Malformed, match="basic"):
        ocsp_answer.parse(_answer(response_type="1.3.6.1.5.5.7.48.1.99"))


def test_octets_after_the_answer_are_refused() -> None:
    with pytest.raises(Malformed):
        ocsp_answer.parse(_answer(trailing=b"\0"))


def test_an_oversized_answer_is_refused() -> None:
    padding = b"\x30\x83\x01\x00\x00" + bytes(65_536)
    with pytest.raises(Malformed):
        ocsp_answer.parse(_answer(certificates=(padding,)))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_broken_answer_is_refused_and_never_crashes(data: st.DataObject) -> None:
    octets = bytearray(_GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.none(), st.integers(0, len(octets))))
    with suppress(EdsRefused, NcaUnavailable):
        ocsp_answer.parse(bytes(octets[:cut]))


_GOOD = _answer()
