"""services/sealed_signers: a verified signature between two steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.core.errors import Unavailable
from idp.eds.signed_by import SignedBy, Timestamp
from idp.services.sealed_signers import SealedSigners
from tests.factories.eds_ground import CONTENT, HEAD, MOMENT, Ground, nca_of


def _secret(_use: str) -> bytes:
    return b"k" * 32


def _signed() -> SignedBy:
    ground = Ground(nca_of("gost2015"))
    return ground.verifier.verify(ground.cms(ground.key(HEAD)), CONTENT)


def test_it_comes_out_as_it_went_in() -> None:
    sealed, signed = SealedSigners(_secret), _signed()
    stamped = replace(signed, evidence=replace(signed.evidence, timestamp=Timestamp(MOMENT, "TSA", b"\x00token")))
    for one in (signed, stamped):
        assert sealed.open(sealed.seal(one, step="a"), step="a") == one


def test_it_opens_in_its_own_step_only_and_shows_nothing() -> None:
    sealed = SealedSigners(_secret)
    box = sealed.seal(_signed(), step="welcome x")
    assert b"850101300005" not in box
    with pytest.raises(Unavailable):
        sealed.open(box, step="second x")
    with pytest.raises(Unavailable):
        SealedSigners(lambda _use: b"o" * 32).open(box, step="welcome x")
