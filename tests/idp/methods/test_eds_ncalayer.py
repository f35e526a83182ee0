"""methods/eds_ncalayer: what the page is given, and which answers prove something."""

from __future__ import annotations

import base64

import pytest

from idp.eds.errors import BadSignature, Malformed, OtherDocument
from idp.eds.signed_by import SignedBy
from idp.methods.eds_challenge import read
from idp.methods.eds_ncalayer import NcaLayer
from idp.methods.method import Attempt, Challenging, Method, OutOfBand, Switchable
from tests.factories.eds_ground import MOMENT, Ground, nca_of

ADDRESS = "wss://127.0.0.1:13579"


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
    return Attempt(MOMENT, "kk", site="localhost:8000", kept=kept)


def test_it_is_a_method_that_keeps_a_challenge() -> None:
    method: Method = NcaLayer(Signatures("no_anchors"), address=ADDRESS)
    assert isinstance(method, Challenging)
    assert isinstance(method, Switchable)
    assert not isinstance(method, OutOfBand)
    assert method.why_off() == "no_anchors"


def test_the_page_gets_the_very_octets_that_are_kept() -> None:
    challenge = NcaLayer(Signatures(), address=ADDRESS).begin(_attempt())
    assert challenge.shown["ncalayer_url"] == ADDRESS
    assert challenge.shown["oids"] == "1.3.6.1.5.5.7.3.4"
    assert base64.b64decode(challenge.shown["data_b64"]).decode() == challenge.kept["text"] == challenge.shown["text"]
    parts = read(challenge.kept["text"].encode())
    assert parts is not None
    assert (parts.site, parts.code) == ("localhost:8000", "")


def test_a_signature_over_the_kept_text_proves_a_citizen() -> None:
    signatures = Signatures()
    method = NcaLayer(signatures, address=ADDRESS)
    kept = method.begin(_attempt()).kept
    cms = base64.b64encode(signatures.ground.cms(content=kept["text"].encode())).decode()
    armoured = f"-----BEGIN CMS-----\r\n{cms}\r\n-----END CMS-----\r\n"
    for signature in (cms, armoured):
        citizen = method.finish(_attempt(**kept), {"signature": signature})
        assert citizen.signed_by.names.family_name == "ТЕСТОВА"


def test_any_other_text_proves_nothing() -> None:
    signatures = Signatures()
    method = NcaLayer(signatures, address=ADDRESS)
    cms = base64.b64encode(signatures.ground.cms(content=b"a report")).decode()
    with pytest.raises(OtherDocument):
        method.finish(_attempt(**method.begin(_attempt()).kept), {"signature": cms})
    for kept in (
        {},
        {"text": "a report"},
        {"text": method.begin(Attempt(MOMENT, "kk", site="elsewhere")).kept["text"]},
    ):
        with pytest.raises(OtherDocument):
            method.finish(_attempt(**kept), {"signature": cms})


def test_an_answer_without_a_signature_or_with_too_much_is_malformed() -> None:
    signatures = Signatures()
    method = NcaLayer(signatures, address=ADDRESS)
    kept = method.begin(_attempt()).kept
    for answer in ({}, {"signature": "  "}, {"signature": "A" * 200_000}, {"signature": "?"}):
        with pytest.raises(Malformed):
            method.finish(_attempt(**kept), answer)
    broken = bytearray(signatures.ground.cms(content=kept["text"].encode()))
    broken[-1] ^= 1
    with pytest.raises(BadSignature):
        method.finish(_attempt(**kept), {"signature": base64.b64encode(bytes(broken)).decode()})
