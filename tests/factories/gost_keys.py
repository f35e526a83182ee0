"""GOST signatures for tests of the arithmetic itself; keys with certificates come from `tests.factories.nca`."""

from __future__ import annotations

from ecdsa.ellipticcurve import CurveFp, PointJacobi

from idp.eds.ports import Curve


def times_base(curve: Curve, factor: int) -> tuple[int, int]:
    """factor·P, a public key when `factor` is a private one."""
    point = PointJacobi(CurveFp(curve.p, curve.a, curve.b, 1), curve.x, curve.y, 1, curve.q) * factor
    return int(point.x()), int(point.y())


def signed(curve: Curve, private: int, e: int, k: int) -> tuple[int, int]:
    """r and s of RFC 7091 §6.1 for the number `e` and the secret `k`."""
    r = times_base(curve, k)[0] % curve.q
    return r, (r * private + k * e) % curve.q
