"""eds/gost: Kazakhstan's octet orders, and what is refused before arithmetic."""

from __future__ import annotations

import pytest

from idp.eds import gost
from idp.eds.curves import CRYPTOPRO_A, RFC7091_512, TC26_512_A
from idp.eds.errors import AlgorithmRefused, Malformed
from idp.eds.self_test_vectors import SIGNATURES
from tests.factories.gost_keys import signed, times_base
from tests.factories.nca import person_key

_RFC7091, _TC26 = SIGNATURES
_KZ_2015 = bytes.fromhex("302306092a830e030a010102023016060a2a830e030a010102020106082a830e030a010303")
_KZ_2004 = bytes.fromhex("302506092a830e030a010101013018060a2a830e030a0101010101060a2a830e030a0103010100")


def _spki(algorithm: bytes, point: bytes, unused: bytes = b"\0") -> bytes:
    octets = b"\x04" + (b"\x81\x80" if len(point) == 128 else bytes((len(point),))) + point
    content = unused + octets
    length = b"\x81" if len(content) > 127 else b""
    bits = b"\x03" + length + bytes((len(content),)) + content
    body = algorithm + bits
    return b"\x30" + (b"\x81" if len(body) > 127 else b"") + bytes((len(body),)) + body


def _point(x: int, y: int, size: int = 64) -> bytes:
    return x.to_bytes(size, "little") + y.to_bytes(size, "little")


def test_a_key_is_x_and_y_each_back_to_front() -> None:
    key = gost.public_key(_spki(_KZ_2015, _point(*_TC26.public_key)))
    assert (key.curve, key.x, key.y) == (TC26_512_A, *_TC26.public_key)
    legacy = times_base(CRYPTOPRO_A, 12345)
    assert gost.public_key(_spki(_KZ_2004, _point(*legacy, size=32))) == gost.GostKey(CRYPTOPRO_A, *legacy)


def test_the_hashed_bits_include_the_header_of_the_octet_string() -> None:
    assert gost.key_bits(person_key().private_key.spki()) == person_key().private_key.key_bits()
    assert gost.key_bits(_spki(_KZ_2015, b"\1" * 128)) == b"\x04\x81\x80" + b"\1" * 128


@pytest.mark.parametrize(
    "algorithm",
    [
        bytes.fromhex("301f06082a85030701010102301306072a85030202230106082a85030701010203"),
        bytes.fromhex("302306092a830e030a010102023016060a2a830e030a010102020106082a830e030a010302"),
        bytes.fromhex("302306092a830e030a010102023016060a2a830e030a010102010106082a830e030a010303"),
        bytes.fromhex("300b06092a830e030a01010202"),
        bytes.fromhex("300d06092a830e030a010102020500"),
    ],
    ids=["Russian OIDs", "another digest", "256-bit parameters", "no parameters", "NULL parameters"],
)
def test_other_algorithms_and_parameters_are_refused(algorithm: bytes) -> None:
    spki = _spki(algorithm, _point(*_TC26.public_key))
    assert not gost.is_gost(spki)
    with pytest.raises(AlgorithmRefused):
        gost.public_key(spki)


def test_a_point_off_the_curve_is_refused() -> None:
    x, y = _TC26.public_key
    for point in ((x, y ^ 1), (y, x), (0, 0), (x + TC26_512_A.p if x < 569 else x, y ^ 2)):
        with pytest.raises(AlgorithmRefused):
            gost.public_key(_spki(_KZ_2015, _point(*point)))


def test_a_key_in_the_octet_order_of_other_standards_is_refused() -> None:
    big_endian = b"".join(part.to_bytes(64, "big") for part in _TC26.public_key)
    with pytest.raises(AlgorithmRefused):
        gost.public_key(_spki(_KZ_2015, big_endian))


@pytest.mark.parametrize(
    "spki",
    [
        b"",
        b"\x30\x00",
        _spki(_KZ_2015, b"\1" * 127),
        _spki(_KZ_2015, b"\1" * 64),
        _spki(_KZ_2004, b"\1" * 128),
        _spki(_KZ_2015, _point(*_TC26.public_key), unused=b"\1"),
        _spki(_KZ_2015, _point(*_TC26.public_key)) + b"\0",
        b"\x30\x29" + _KZ_2015 + b"\x03\x02\x00\x04",
        b"\x30\x27" + _KZ_2015 + b"\x03\x00",
    ],
)
def test_keys_of_another_shape_are_malformed(spki: bytes) -> None:
    with pytest.raises(Malformed):
        gost.public_key(spki)


def test_a_signature_is_that_of_rfc_9215_back_to_front() -> None:
    """RFC 9215 §2.2 writes s and then r, big-endian; its numbers for RFC 7091's example turn into r and s here."""
    russian = _RFC7091.s.to_bytes(64, "big") + _RFC7091.r.to_bytes(64, "big")
    assert gost.split_signature(RFC7091_512, russian[::-1]) == (_RFC7091.r, _RFC7091.s)
    assert gost.split_signature(RFC7091_512, russian) != (_RFC7091.r, _RFC7091.s)


@pytest.mark.parametrize("length", [0, 64, 127, 129, 256])
def test_a_signature_has_exactly_its_length(length: int) -> None:
    with pytest.raises(Malformed):
        gost.split_signature(TC26_512_A, b"\1" * length)


def test_the_number_of_a_digest_is_little_endian_and_never_zero() -> None:
    assert gost.number_of(TC26_512_A, b"\2" + bytes(63)) == 2
    assert gost.number_of(TC26_512_A, bytes(64)) == 1
    assert gost.number_of(TC26_512_A, TC26_512_A.q.to_bytes(64, "little")) == 1
    assert gost.number_of(TC26_512_A, b"\xff" * 64) == (2**512 - 1) % TC26_512_A.q


def test_zero_and_numbers_from_q_on_are_not_sane() -> None:
    q, key = TC26_512_A.q, _TC26.public_key
    assert gost.is_sane(TC26_512_A, key, 1, q - 1)
    for r, s in ((0, 1), (1, 0), (q, 1), (1, q), (-1, 1), (q + 1, 1)):
        assert not gost.is_sane(TC26_512_A, key, r, s)
    assert not gost.is_sane(TC26_512_A, (key[0], key[1] ^ 1), 1, 1)


def test_the_equation_asks_for_the_sum_the_standard_says() -> None:
    private, k, e = 5, 7, 11
    r, s = signed(CRYPTOPRO_A, private, e, k)
    digest = e.to_bytes(32, "little")

    def x_of_sum(z1: int, z2: int) -> int:
        return times_base(CRYPTOPRO_A, (z1 + z2 * private) % CRYPTOPRO_A.q)[0]

    assert gost.holds(CRYPTOPRO_A, digest, r, s, x_of_sum)
    assert not gost.holds(CRYPTOPRO_A, digest, r, s + 1, x_of_sum)
    assert not gost.holds(CRYPTOPRO_A, digest, r, s, lambda z1, z2: None)
