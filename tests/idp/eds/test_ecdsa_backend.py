"""eds/ecdsa_backend: agrees with libgcrypt on everything, and says what it cannot do."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.eds import gost
from idp.eds.curves import CRYPTOPRO_A, RFC7091_512, TC26_512_A
from idp.eds.ecdsa_backend import EcdsaBackend
from idp.eds.errors import AlgorithmRefused, EdsOff
from idp.eds.libgcrypt import LibGcrypt
from idp.eds.ports import Curve
from idp.eds.self_test_vectors import M2, STREEBOG512
from tests.factories.gost_keys import signed, times_base

_CURVES = st.sampled_from([TC26_512_A, CRYPTOPRO_A, RFC7091_512])
_NUMBERS = st.integers(1, 2**520)


@settings(max_examples=25, deadline=None)
@given(_CURVES, _NUMBERS, _NUMBERS, st.binary(min_size=64, max_size=64), st.sampled_from(range(7)))
def test_both_libraries_agree_on_right_and_wrong_signatures(
    curve: Curve, private: int, k: int, digest: bytes, change: int
) -> None:
    private, k = private % (curve.q - 1) + 1, k % (curve.q - 1) + 1
    digest = digest[: curve.size]
    key, (r, s) = times_base(curve, private), signed(curve, private, gost.number_of(curve, digest), k)
    if change:
        digest, r, s = [
            (digest[::-1], r, s),
            (digest, s, r),
            (digest, r ^ 1, s),
            (digest, r, s ^ 1),
            (digest, r, curve.q - s),
            (digest, r + curve.q, s),
        ][change - 1]
    answers = {backend.holds(curve, key, digest, r, s) for backend in (LibGcrypt(), EcdsaBackend())}
    assert answers == {change == 0 or (digest == digest[::-1] and change == 1)}


@pytest.mark.parametrize("private", [1, 2, TC26_512_A.q - 1, TC26_512_A.q - 2])
def test_both_libraries_agree_on_keys_beside_the_base_point(private: int) -> None:
    """Sums of equal and opposite points take paths of their own in the arithmetic."""
    key = times_base(TC26_512_A, private)
    for e, k in ((1, 1), (1, 2), (3, TC26_512_A.q - 1)):
        r, s = signed(TC26_512_A, private, e, k)
        digest = e.to_bytes(64, "little")
        answers = {backend.holds(TC26_512_A, key, digest, r, s) for backend in (LibGcrypt(), EcdsaBackend())}
        assert answers == {s != 0}


def test_a_sum_at_infinity_is_no_signature() -> None:
    """With Q = P and s = r the two terms cancel for any digest."""
    key = times_base(TC26_512_A, 1)
    for backend in (LibGcrypt(), EcdsaBackend()):
        assert not backend.holds(TC26_512_A, key, b"\5" * 64, 12345, 12345)


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=300))
def test_both_libraries_hash_alike(data: bytes) -> None:
    digests = set()
    for backend in (LibGcrypt(), EcdsaBackend()):
        running = backend.streebog512()
        running.update(data)
        digests.add(running.digest())
    assert len(digests) == 1


def test_pieces_that_meet_at_a_block_are_hashed_as_the_whole() -> None:
    """gostcrypto 1.2.5 keeps the old rest when a piece ends on a block, and hashes it again."""
    running = EcdsaBackend().streebog512()
    for piece in (M2[:10], M2[10:64], M2[64:]):
        running.update(piece)
    assert running.digest() == running.digest() == STREEBOG512[1][2]


def test_the_legacy_digest_is_refused() -> None:
    with pytest.raises(AlgorithmRefused):
        EcdsaBackend().gost94()


def test_a_missing_package_turns_signatures_off(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_gostcrypto(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if name == "gostcrypto":
            raise ImportError("No module named 'gostcrypto'")
        return real(name, globals, locals, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without_gostcrypto)
    with pytest.raises(EdsOff, match="gostcrypto"):
        EcdsaBackend()
