"""eds/der: one encoding for one value, and no input that costs more than reading it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from asn1crypto import core
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.cli.dev.nca import der as write
from idp.eds import der
from idp.eds.errors import Malformed

_PRIMITIVES = st.one_of(
    st.integers(-(2**80), 2**80).map(lambda value: bytes(core.Integer(value).dump())),
    st.booleans().map(write.boolean),
    st.binary(max_size=20).map(write.octets),
    st.binary(max_size=20).map(write.bits),
    st.text(max_size=10).map(write.text),
    st.sampled_from(["2.5.4.3", "1.2.398.3.10.1.1.2.2", "2.999.1"]).map(write.oid),
    st.just(write.null()),
)
_VALUES = st.recursive(
    _PRIMITIVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(lambda parts: write.sequence(*parts)),
        st.lists(inner, max_size=5).map(write.set_of),
        inner.map(lambda part: write.explicit(3, part)),
    ),
    max_leaves=20,
)


@settings(max_examples=200)
@given(_VALUES)
def test_what_is_der_passes_unchanged(data: bytes) -> None:
    assert der.check(data) == data


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_random_octets_are_refused_or_read_and_never_break_it(data: bytes) -> None:
    try:
        der.check(data)
    except Malformed:
        return
    assert _written_again(data) == data


@settings(max_examples=500)
@given(_VALUES, st.data())
def test_what_passes_after_a_change_is_still_the_only_encoding(data: bytes, draw: st.DataObject) -> None:
    changed = bytearray(data)
    place = draw.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= draw.draw(st.integers(1, 255))
    try:
        der.check(bytes(changed))
    except Malformed:
        return
    assert _written_again(bytes(changed)) == bytes(changed)


def _written_again(data: bytes) -> bytes:
    """The same value by an independent writer: every length as short as it can be, sets in order."""
    element = der.one(data, data[0])
    if not element.tag & 0x20:
        return write.tlv(element.tag, data[element.content :])
    parts = [_written_again(data[part.start : part.end]) for part in der.children(data, element)]
    return write.set_of(parts) if element.tag == der.SET else write.tlv(element.tag, *parts)


@pytest.mark.parametrize(
    ("what", "octets"),
    [
        ("nothing", ""),
        ("half a header", "30"),
        ("indefinite length", "3080 0201 01 0000"),
        ("indefinite length inside", "3006 3080 0500 0000"),
        ("a constructed string", "2403 0401 61"),
        ("a constructed bit string", "2304 0302 0001"),
        ("a primitive sequence", "1003 0201 01"),
        ("a primitive set", "1100"),
        ("a long length for a short one", "3081 03 0201 01"),
        ("a length with a leading zero", "3082 0003 0201 01"),
        ("a length of five octets", "0485 0000000001 61"),
        ("the reserved length", "04ff 61"),
        ("content cut off", "0405 6161"),
        ("a child longer than its parent", "3003 0402 61 61"),
        ("a parent longer than its children", "3004 0401 61"),
        ("octets after the end", "0500 00"),
        ("a second element", "0500 0500"),
        ("a tag number above 30", "1f1f00"),
        ("a padded tag number", "1f8000"),
        ("end of contents as an element", "3002 0000"),
        ("true as 01", "0101 01"),
        ("an empty boolean", "0100"),
        ("an integer padded with zeros", "0202 0001"),
        ("an integer padded with ones", "0202 ffff"),
        ("an empty integer", "0200"),
        ("a padded enumeration", "0a02 0001"),
        ("null with content", "0501 00"),
        ("a set out of order", "3106 020102 020101"),
        ("a set out of order inside", "3008 3106 020102 020101"),
    ],
)
def test_ber_and_broken_octets_are_refused(what: str, octets: str) -> None:
    with pytest.raises(Malformed):
        der.check(bytes.fromhex(octets.replace(" ", "")))


def test_equal_members_and_members_of_a_sequence_need_no_order() -> None:
    der.check(bytes.fromhex("3106020101020101"))
    der.check(bytes.fromhex("3006020102020101"))


def test_an_order_is_asked_of_each_set_for_itself() -> None:
    inner = [write.set_of([write.integer(5)]), write.set_of([write.integer(1), write.integer(9)])]
    der.check(write.set_of(inner))
    with pytest.raises(Malformed):
        der.check(write.tlv(0x31, *sorted(inner, reverse=True)))


@pytest.mark.parametrize(("levels", "passes"), [(31, True), (32, True), (33, False), (5000, False)])
def test_nesting_is_bounded(levels: int, passes: bool) -> None:
    data = b""
    for _ in range(levels):
        data = write.sequence(data)
    if passes:
        der.check(data)
        return
    with pytest.raises(Malformed):
        der.check(data)


def test_size_is_bounded_before_anything_is_read() -> None:
    data = write.octets(b"a" * 1000)
    der.check(data, max_bytes=len(data))
    with pytest.raises(Malformed):
        der.check(data, max_bytes=len(data) - 1)


def test_the_cost_grows_no_faster_than_the_size() -> None:
    """Deep sets of many members would be the place where comparing or slicing repeats itself."""

    def seconds(members: int) -> float:
        data = write.set_of([write.integer(1)] * members)
        for _ in range(25):
            data = write.set_of([data])
        best = 9.0
        for _ in range(3):
            start = time.perf_counter()
            der.check(data, max_bytes=10**7)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(20_000) < 40 * seconds(2_000)


def test_elements_are_listed_side_by_side_from_any_buffer() -> None:
    data = b"xx" + write.integer(1) + write.sequence(write.null()) + b"yy"
    for octets in (data, memoryview(data)):
        found = list(der.items(octets, 2, len(data) - 2))
        assert [element.tag for element in found] == [der.INTEGER, der.SEQUENCE]
        assert [(element.start, element.content, element.end) for element in found] == [(2, 4, 5), (5, 7, 9)]
    assert [element.tag for element in der.children(data, found[1])] == [der.NULL]


def test_a_listed_element_may_not_reach_beyond_its_limit() -> None:
    with pytest.raises(Malformed):
        list(der.items(write.octets(b"abc"), 0, 4))


def test_the_one_element_has_the_tag_and_nothing_after_it() -> None:
    assert der.one(write.null(), der.NULL).end == 2
    for data in (write.null() + b"\0", write.integer(1), b""):
        with pytest.raises(Malformed):
            der.one(data, der.NULL)
    with pytest.raises(Malformed):
        der.children(write.null(), der.one(write.null(), der.NULL))


@pytest.mark.parametrize(
    "fails",
    [lambda: core.Integer.load(b"\x04\x01a"), lambda: int("x"), lambda: [][1], lambda: (2).to_bytes(0, "big")],
)
def test_what_the_lazy_parser_raises_becomes_malformed(fails: Any) -> None:
    with pytest.raises(Malformed, match="thing"), der.reading("thing"):
        fails()
