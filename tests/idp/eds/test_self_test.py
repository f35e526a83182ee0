"""eds/self_test: a library is believed after it has shown that it calculates rightly, not because it loads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from idp.eds import self_test
from idp.eds import self_test_vectors as vectors
from idp.eds.ecdsa_backend import EcdsaBackend
from idp.eds.errors import EdsOff
from idp.eds.libgcrypt import LibGcrypt
from idp.eds.ports import Backend, Curve, Digest

_LIBRARIES = pytest.mark.parametrize("make", [LibGcrypt, EcdsaBackend])


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    self_test.choose.cache_clear()
    yield
    self_test.choose.cache_clear()


class _Broken(LibGcrypt):
    """libgcrypt with one fault."""

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.fault = fault

    def streebog512(self) -> Digest:
        return _Constant() if self.fault == "digest" else super().streebog512()

    def gost94(self) -> Digest:
        return _Constant() if self.fault == "legacy digest" else super().gost94()

    def holds(self, curve: Curve, public_key: tuple[int, int], digest: bytes, r: int, s: int) -> bool:
        right = super().holds(curve, public_key, digest, r, s)
        return {"says yes": True, "says no": False, "other curve": right and "tc26" not in curve.name}.get(
            self.fault, right
        )


@dataclass
class _Constant:
    def update(self, data: bytes, /) -> None:
        pass

    def digest(self) -> bytes:
        return bytes(64)


def _broken(fault: str) -> Callable[[], Backend]:
    return lambda: _Broken(fault)


def _absent() -> Backend:
    raise EdsOff("not installed")


@_LIBRARIES
def test_both_libraries_pass(make: Callable[[], Backend]) -> None:
    self_test.check(make())


def test_libgcrypt_is_preferred_and_the_choice_is_kept() -> None:
    chosen = self_test.choose()
    assert chosen.name == "libgcrypt"
    assert self_test.choose() is chosen
    assert self_test.choose("ecdsa").name == "ecdsa"


@pytest.mark.parametrize("fault", ["digest", "legacy digest", "says yes", "says no", "other curve"])
def test_a_library_with_a_fault_is_skipped_for_the_next(fault: str) -> None:
    candidates = {"broken": _broken(fault), "ecdsa": EcdsaBackend}
    assert self_test.choose_from(candidates).name == "ecdsa"
    with pytest.raises(EdsOff, match="broken: self-test failed: "):
        self_test.choose_from(candidates, "broken")


def test_without_a_library_the_reason_names_each() -> None:
    with pytest.raises(EdsOff) as refused:
        self_test.choose_from({"one": _absent, "two": _broken("says yes")})
    assert refused.value.description.startswith("one: not installed; two: self-test failed: ")


def test_an_unknown_preference_is_no_library() -> None:
    with pytest.raises(EdsOff, match="no library openssl"):
        self_test.choose("openssl")


def test_a_failure_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_test, "CANDIDATES", {"ecdsa": _absent})
    with pytest.raises(EdsOff):
        self_test.choose()
    monkeypatch.setattr(self_test, "CANDIDATES", {"ecdsa": EcdsaBackend})
    assert self_test.choose().name == "ecdsa"


@_LIBRARIES
@pytest.mark.parametrize("vector", vectors.SIGNATURES, ids=lambda vector: vector.name)
def test_no_vector_passes_with_one_bit_changed(make: Callable[[], Backend], vector: vectors.SignatureVector) -> None:
    backend = make()
    for changed in (
        replace(vector, e=vector.e ^ 1),
        replace(vector, r=vector.r ^ 1),
        replace(vector, s=vector.s ^ (1 << 500)),
    ):
        digest = changed.e.to_bytes(64, "little")
        assert not backend.holds(changed.curve, changed.public_key, digest, changed.r, changed.s)
