"""methods/eds_egov_mobile: the text a phone signs, and what it brings back."""

from __future__ import annotations

import base64

import pytest

from idp.eds.errors import OtherDocument
from idp.eds.signed_by import SignedBy
from idp.methods.eds_challenge import read
from idp.methods.eds_egov_mobile import EgovMobile
from idp.methods.method import Attempt, Challenging, Method, OutOfBand
from tests.factories.eds_ground import MOMENT, Ground, nca_of


class Signatures:
    """The real engine behind the port."""

    def __init__(self, off: str = "") -> None:
        self.ground = Ground(nca_of("gost2015"))
        self.off = off

    def why_off(self) -> str:
        return self.off

    def verify(self, cms: bytes | str, content: bytes) -> SignedBy:
        return self.ground.verifier.verify(cms, content)


def _attempt(**kept: str) -> Attempt:
    return Attempt(MOMENT, "ru", site="localhost:8000", kept=kept)


def test_it_is_a_method_out_of_band() -> None:
    method: Method = EgovMobile(Signatures(), is_reachable=True)
    assert isinstance(method, OutOfBand)
    assert isinstance(method, Challenging)


def test_it_is_off_without_an_operator_or_without_an_engine() -> None:
    assert EgovMobile(Signatures(), is_reachable=True).why_off() == ""
    assert EgovMobile(Signatures(), is_reachable=False).why_off() == "operator"
    assert EgovMobile(Signatures("no_anchors"), is_reachable=False).why_off() == "no_anchors"


def test_the_code_of_the_screen_stands_in_the_text() -> None:
    method = EgovMobile(Signatures(), is_reachable=True)
    challenge = method.begin(_attempt(code="K7M 4Q2"))
    assert challenge.shown == {"text": challenge.kept["text"], "code": "K7M 4Q2"}
    parts = read(method.document(_attempt(**challenge.kept)))
    assert parts is not None
    assert parts.code == "K7M 4Q2"


def test_what_the_phone_brings_proves_a_citizen() -> None:
    signatures = Signatures()
    method = EgovMobile(signatures, is_reachable=True)
    attempt = _attempt(**method.begin(_attempt(code="K7M 4Q2")).kept)
    cms = base64.b64encode(signatures.ground.cms(content=method.document(attempt), timestamp=True)).decode()
    assert method.deliver(attempt, cms) == method.finish(attempt, {"signature": cms})


def test_a_signature_over_a_document_is_no_sign_in() -> None:
    signatures = Signatures()
    method = EgovMobile(signatures, is_reachable=True)
    cms = base64.b64encode(signatures.ground.cms(content=b"a report")).decode()
    with pytest.raises(OtherDocument):
        method.deliver(_attempt(text="a report"), cms)
    with pytest.raises(OtherDocument):
        method.deliver(_attempt(**method.begin(_attempt()).kept), cms)
