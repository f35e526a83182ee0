"""GOST by libgcrypt, through ctypes: a native hash for long documents and lists, and constant work for keys.

Only functions without variable arguments are called (bar `gcry_control`), and every object the library hands out is
released on all paths. The library is safe for threads since 1.6, once one thread alone has initialised it; a digest
belongs to the thread that made it.
"""

from __future__ import annotations

import ctypes
import threading
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from typing import Any
from weakref import finalize

from idp.eds import gost
from idp.eds.errors import EdsOff
from idp.eds.ports import Curve, Digest

LIBRARY = "libgcrypt.so.20"
OLDEST = "1.9.0"
"""The first version that knows the curves by these names."""

_GOSTR3411_94, _STRIBOG512 = 308, 310  # gcry_md_algos
_INITIALIZATION_FINISHED, _INITIALIZATION_FINISHED_P, _DISABLE_SECMEM = 38, 39, 37  # gcry_ctl_cmds
_MAX_BYTES = 64 * 2**20
_INITIALISING = threading.Lock()
"""A thread that came in meanwhile would find the library half initialised, and libgcrypt then ends the process."""


class LibGcrypt:
    """The Backend of choice. Raises EdsOff when the library is absent or too old."""

    name = "libgcrypt"
    max_bytes = _MAX_BYTES

    def __init__(self, library: str = LIBRARY) -> None:
        with _INITIALISING:
            self._library, self.version = _initialised(library)

    def streebog512(self) -> Digest:
        return _GcryptDigest(self._library, _STRIBOG512)

    def gost94(self) -> Digest:
        return _GcryptDigest(self._library, _GOSTR3411_94)

    def holds(self, curve: Curve, public_key: tuple[int, int], digest: bytes, r: int, s: int) -> bool:
        """libgcrypt takes e as a big-endian number, so its byte order is turned in `gost.number_of`."""
        if not gost.is_sane(curve, public_key, r, s):
            return False
        x, y = (_hex(coordinate, curve.size) for coordinate in public_key)
        key = f"(public-key (ecc (curve {curve.name}) (q #04{x}{y}#)))"
        signed = f"(data (flags gost) (value #{_hex(gost.number_of(curve, digest), curve.size)}#))"
        signature = f"(sig-val (gost (r #{_hex(r, curve.size)}#) (s #{_hex(s, curve.size)}#)))"
        with (
            _Expression(self._library, signature) as sig,
            _Expression(self._library, signed) as data,
            _Expression(self._library, key) as public,
        ):
            return bool(self._library.gcry_pk_verify(sig, data, public) == 0)


class _GcryptDigest:
    """A running hash. After `digest` nothing may be added."""

    def __init__(self, library: Any, algorithm: int) -> None:
        self._library, self._algorithm = library, algorithm
        handle = c_void_p()
        if library.gcry_md_open(byref(handle), algorithm, 0) or not handle:
            raise EdsOff("libgcrypt does not offer this digest")
        self._handle = handle
        self._size = library.gcry_md_get_algo_dlen(algorithm)
        self._value: bytes | None = None
        finalize(self, library.gcry_md_close, handle)

    def update(self, data: bytes, /) -> None:
        if self._value is not None:
            raise ValueError("the digest is finished")
        self._library.gcry_md_write(self._handle, data, len(data))

    def digest(self) -> bytes:
        if self._value is None:
            self._value = ctypes.string_at(self._library.gcry_md_read(self._handle, self._algorithm), self._size)
        return self._value


class _Expression:
    """An S-expression of the library, released on leaving."""

    def __init__(self, library: Any, text: str) -> None:
        self._library, self._text = library, text.encode("ascii")
        self._handle = c_void_p()

    def __enter__(self) -> c_void_p:
        if self._library.gcry_sexp_new(byref(self._handle), self._text, len(self._text), 1):
            raise EdsOff("libgcrypt does not read our S-expression")
        return self._handle

    def __exit__(self, *exc_info: object) -> None:
        self._library.gcry_sexp_release(self._handle)


def _initialised(name: str) -> tuple[Any, str]:
    """The library and its version, as its manual asks (§2.4: version check, then settings, then finished)."""
    try:
        library = _declared(ctypes.CDLL(name))
    except (OSError, AttributeError) as error:
        raise EdsOff(f"{name} cannot be loaded: {error}") from error
    found = (library.gcry_check_version(None) or b"?").decode("ascii", "replace")
    if not library.gcry_check_version(OLDEST.encode("ascii")):
        raise EdsOff(f"libgcrypt {found} is older than {OLDEST}")
    if not library.gcry_control(_INITIALIZATION_FINISHED_P, 0):
        # No secret key ever gets here, and locked memory would need a privilege.
        library.gcry_control(_DISABLE_SECMEM, 0)
        library.gcry_control(_INITIALIZATION_FINISHED, 0)
    return library, found


def _hex(number: int, size: int) -> str:
    return f"{number:0{2 * size}x}"


def _declared(library: Any) -> Any:
    """Types of the functions used; without them ctypes would cut pointers to 32 bits."""
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "gcry_check_version": (c_char_p, [c_char_p]),
        "gcry_control": (c_uint, [c_int]),
        "gcry_md_open": (c_uint, [POINTER(c_void_p), c_int, c_uint]),
        "gcry_md_write": (None, [c_void_p, c_char_p, c_size_t]),
        "gcry_md_read": (c_void_p, [c_void_p, c_int]),
        "gcry_md_get_algo_dlen": (c_uint, [c_int]),
        "gcry_md_close": (None, [c_void_p]),
        "gcry_sexp_new": (c_uint, [POINTER(c_void_p), c_char_p, c_size_t, c_int]),
        "gcry_sexp_release": (None, [c_void_p]),
        "gcry_pk_verify": (c_uint, [c_void_p, c_void_p, c_void_p]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
