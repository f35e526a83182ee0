"""GOST in pure Python where libgcrypt is missing: the arithmetic of `ecdsa`, the Streebog of `gostcrypto`.

Streebog costs about five milliseconds a kilobyte here, so documents are bounded and revocation lists out of reach.
Both libraries are imported on construction: an installation with libgcrypt does not load them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from idp.eds import gost
from idp.eds.errors import AlgorithmRefused, EdsOff
from idp.eds.ports import Curve, Digest

_MAX_BYTES = 65_536


class EcdsaBackend:
    """The Backend of last resort. Raises EdsOff when one of the two libraries cannot be imported."""

    name = "ecdsa"
    max_bytes = _MAX_BYTES

    def __init__(self) -> None:
        try:
            from ecdsa import ellipticcurve
            from gostcrypto import gosthash
        except ImportError as error:
            raise EdsOff(f"ecdsa and gostcrypto cannot be imported: {error}") from error
        self._gosthash = gosthash
        self._group = lru_cache(maxsize=8)(lambda curve: ellipticcurve.CurveFp(curve.p, curve.a, curve.b, 1))
        self._point = ellipticcurve.PointJacobi

    def streebog512(self) -> Digest:
        return _Streebog(self._gosthash)

    def gost94(self) -> Digest:
        raise AlgorithmRefused("the legacy digest needs libgcrypt")

    def holds(self, curve: Curve, public_key: tuple[int, int], digest: bytes, r: int, s: int) -> bool:
        """The equation is `gost.holds`; only the sum of points is calculated here."""
        if not gost.is_sane(curve, public_key, r, s):
            return False
        group = self._group(curve)
        base, key = self._point(group, curve.x, curve.y, 1, curve.q), self._point(group, *public_key, 1, curve.q)

        def x_of_sum(z1: int, z2: int) -> int | None:
            x = base.mul_add(z1, key, z2).x()
            return None if x is None else int(x)

        return gost.holds(curve, digest, r, s, x_of_sum)


class _Streebog:
    """gostcrypto mistreats pieces that are no multiple of 64 octets in some versions: it is given the whole at once."""

    def __init__(self, gosthash: Any) -> None:
        self._gosthash = gosthash
        self._pieces: list[bytes] = []

    def update(self, data: bytes, /) -> None:
        self._pieces.append(bytes(data))

    def digest(self) -> bytes:
        return bytes(self._gosthash.new("streebog512", data=bytearray(b"".join(self._pieces))).digest())
