"""eds/curves: the constants are those of the standards, checked by arithmetic rather than by reading."""

from __future__ import annotations

import pytest
from ecdsa.ellipticcurve import CurveFp, PointJacobi
from ecdsa.numbertheory import is_prime

from idp.eds.curves import CRYPTOPRO_A, RFC7091_512, TC26_512_A, is_on
from idp.eds.ports import Curve

_ALL = pytest.mark.parametrize("curve", [TC26_512_A, CRYPTOPRO_A, RFC7091_512], ids=lambda curve: curve.name)


@_ALL
def test_the_base_point_is_on_the_curve_and_has_the_prime_order(curve: Curve) -> None:
    assert is_prime(curve.p)
    assert is_prime(curve.q)
    assert is_on(curve, curve.x, curve.y)
    group = CurveFp(curve.p, curve.a, curve.b, 1)
    base = PointJacobi(group, curve.x, curve.y, 1)
    last = base * (curve.q - 1)
    assert (last.x(), last.y()) == (curve.x, curve.p - curve.y)


@_ALL
def test_the_order_is_that_of_the_whole_curve_so_every_point_is_in_the_group(curve: Curve) -> None:
    """By Hasse's bound |#E − p − 1| ≤ 2√p and q divides #E: with q above half of p there is no room for a cofactor."""
    assert abs(curve.q - curve.p - 1) ** 2 <= 4 * curve.p
    assert curve.q != curve.p
    assert curve.p.bit_length() <= 8 * curve.size
    assert (4 * curve.a**3 + 27 * curve.b**2) % curve.p != 0


@_ALL
def test_points_beside_the_curve_or_not_reduced_are_not_on_it(curve: Curve) -> None:
    for x, y in (
        (curve.x, curve.y + 1),
        (curve.x + 1, curve.y),
        (curve.x + curve.p, curve.y),
        (curve.x, curve.y - curve.p),
        (0, 0),
    ):
        assert not is_on(curve, x, y)
