"""Which library calculates, and the proof that it does so rightly before anything is believed.

Every library must reproduce, once a process:
  - RFC 6986 §10.1, §10.2: Streebog-512 of messages M1 and M2; and of one message that carries between all octets and
    blocks, on which libgcrypt and gostcrypto agree;
  - RFC 7091 §7.2: the 512-bit example signature on the example curve;
  - a signature on the curve of the real certificates. No RFC prints one, so it is made with the private key of
    RFC 7836 appendix B over M1 with the k of RFC 7091 §7.2; libgcrypt, ecdsa and gostcrypto accept it;
  - the refusal of both signatures with another digest, with r and s exchanged, with r = 0 and for a point off the
    curve;
  - RFC 5831 §7.1 for the legacy digest, where the library offers it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from idp.eds import gost
from idp.eds import self_test_vectors as vectors
from idp.eds.ecdsa_backend import EcdsaBackend
from idp.eds.errors import AlgorithmRefused, EdsOff
from idp.eds.libgcrypt import LibGcrypt
from idp.eds.ports import Backend

CANDIDATES: Mapping[str, Callable[[], Backend]] = {"libgcrypt": LibGcrypt, "ecdsa": EcdsaBackend}
"""In order of preference."""


@lru_cache(maxsize=4)
def choose(prefer: str | None = None) -> Backend:
    """The first library that passes; with `prefer` that one or none. The answer holds for the process.

    Raises EdsOff whose `description` names each library and what is wrong with it; that is asked again next time.
    """
    return choose_from(CANDIDATES, prefer)


def choose_from(candidates: Mapping[str, Callable[[], Backend]], prefer: str | None = None) -> Backend:
    """`choose` among given makers of backends."""
    wanted = {name: make for name, make in candidates.items() if prefer in (None, name)}
    if not wanted:
        raise EdsOff(f"no library {prefer} is known: {', '.join(candidates)}")
    reasons = []
    for name, make in wanted.items():
        try:
            backend = make()
            check(backend)
        except EdsOff as error:
            reasons.append(f"{name}: {error.description}")
        else:
            return backend
    raise EdsOff("; ".join(reasons))


def check(backend: Backend) -> None:
    """Raises EdsOff with the first vector that this library gets wrong."""
    for name, message, digest in vectors.STREEBOG512:
        running = backend.streebog512()
        running.update(message)
        _demand(running.digest() == digest, name)
    _check_gost94(backend)
    for vector in vectors.SIGNATURES:
        _check_signature(backend, vector)


def _check_gost94(backend: Backend) -> None:
    try:
        running = backend.gost94()
    except AlgorithmRefused:
        return
    name, message, digest = vectors.GOST94
    running.update(message)
    _demand(running.digest() == digest, name)


def _check_signature(backend: Backend, vector: vectors.SignatureVector) -> None:
    curve, key, r, s = vector.curve, vector.public_key, vector.r, vector.s
    digest = vector.e.to_bytes(curve.size, "little")
    _demand(gost.number_of(curve, digest) == vector.e, f"{vector.name}, number of the digest")
    _demand(backend.holds(curve, key, digest, r, s), vector.name)
    other = bytes([digest[0] ^ 1]) + digest[1:]
    off_curve = (key[0], key[1] ^ 1)
    _demand(not backend.holds(curve, key, other, r, s), f"{vector.name}, another digest")
    _demand(not backend.holds(curve, key, digest, s, r), f"{vector.name}, r and s exchanged")
    _demand(not backend.holds(curve, key, digest, 0, s), f"{vector.name}, r = 0")
    _demand(not backend.holds(curve, off_curve, digest, r, s), f"{vector.name}, a point off the curve")


def _demand(is_right: bool, name: str) -> None:
    if not is_right:
        raise EdsOff(f"self-test failed: {name}")
