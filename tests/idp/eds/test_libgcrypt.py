"""eds/libgcrypt: the C library is loaded, driven and let go without leaving anything behind."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from idp.eds.errors import EdsOff
from idp.eds.libgcrypt import LibGcrypt
from idp.eds.self_test_vectors import GOST94, M1, SIGNATURES, STREEBOG512


def test_a_missing_library_turns_signatures_off_with_its_name() -> None:
    with pytest.raises(EdsOff, match="libnothing"):
        LibGcrypt("libnothing.so.20")


def test_another_library_turns_signatures_off() -> None:
    with pytest.raises(EdsOff, match="cannot be loaded"):
        LibGcrypt("libc.so.6")


def test_an_old_version_turns_signatures_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.eds.libgcrypt.OLDEST", "99.0.0")
    with pytest.raises(EdsOff, match=r"older than 99\.0\.0"):
        LibGcrypt()


class _Slow:
    """Stands in for the library while it is initialised: says whether two threads were in there at once."""

    def __init__(self) -> None:
        self.met = False
        self._meeting = threading.Barrier(2)

    def __getattr__(self, name: str) -> Any:
        def called(*_: object) -> Any:
            if name == "gcry_check_version":
                with suppress(threading.BrokenBarrierError):
                    self._meeting.wait(0.1)
                    self.met = True
                return b"1.11.0"
            return 0

        return called


def test_one_thread_alone_initialises_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two first sign-ins at once would else end the whole process: «MPI subsystem not initialized»."""
    library = _Slow()
    monkeypatch.setattr("idp.eds.libgcrypt.ctypes.CDLL", lambda _: library)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: LibGcrypt(), range(2)))
    assert not library.met


def test_a_digest_may_come_in_pieces_and_be_read_twice() -> None:
    running = LibGcrypt().streebog512()
    for place in range(0, len(M1), 7):
        running.update(M1[place : place + 7])
    assert running.digest() == running.digest() == STREEBOG512[0][2]
    with pytest.raises(ValueError, match="finished"):
        running.update(b"more")


def test_the_legacy_digest_has_the_s_box_of_rfc_5831() -> None:
    running = LibGcrypt().gost94()
    running.update(GOST94[1])
    assert running.digest() == GOST94[2]


def test_octets_with_zeros_are_hashed_to_their_end() -> None:
    with_zeros, without = LibGcrypt().streebog512(), LibGcrypt().streebog512()
    with_zeros.update(b"a\0b")
    without.update(b"a")
    assert with_zeros.digest() != without.digest()


def test_threads_do_not_disturb_each_other() -> None:
    backend, vector = LibGcrypt(), SIGNATURES[1]
    right = vector.e.to_bytes(64, "little")
    wrong = (vector.e ^ 1).to_bytes(64, "little")

    def ask(number: int) -> bool:
        running = backend.streebog512()
        running.update(M1)
        assert running.digest() == STREEBOG512[0][2]
        digest = right if number % 2 else wrong
        return backend.holds(vector.curve, vector.public_key, digest, vector.r, vector.s) == bool(number % 2)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(64)))


class _Counting:
    """Passes every call on to the library and counts it."""

    def __init__(self, library: Any) -> None:
        self._library, self.calls = library, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._library, name)


def test_everything_taken_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    backend, vector = LibGcrypt(), SIGNATURES[1]
    counting = _Counting(backend._library)
    monkeypatch.setattr(backend, "_library", counting)
    digest = vector.e.to_bytes(64, "little")
    assert backend.holds(vector.curve, vector.public_key, digest, vector.r, vector.s)
    assert not backend.holds(vector.curve, vector.public_key, digest, vector.s, vector.r)
    with pytest.raises(EdsOff):
        backend.holds(replace(vector.curve, name="(("), vector.public_key, digest, vector.r, vector.s)
    running = backend.streebog512()
    running.update(b"a")
    del running
    gc.collect()
    assert counting.calls["gcry_sexp_new"] == counting.calls["gcry_sexp_release"] + 1 == 9  # one was never made
    assert counting.calls["gcry_md_open"] == counting.calls["gcry_md_close"] == 1


def test_the_library_is_shared_but_its_declared_types_are_ours() -> None:
    """Whoever else loads it with ctypes is not changed by us, nor we by them."""
    LibGcrypt()
    assert ctypes.CDLL("libgcrypt.so.20").gcry_md_read.restype is ctypes.c_int
