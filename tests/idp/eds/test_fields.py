"""eds/fields: times of both kinds, extensions that nobody may misread."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from idp.cli.dev.nca import der
from idp.eds import fields
from idp.eds.der import GENERALIZED_TIME, SEQUENCE, UTC_TIME
from idp.eds.errors import Malformed
from idp.eds.structure import structure
from tests.factories.crl import extension

_KNOWN = frozenset(("2.5.29.20",))


def _read(*parts: bytes) -> dict[str, fields.Extension]:
    return fields.extensions(structure(der.sequence(*parts), SEQUENCE, "extensions"), known=_KNOWN)


@pytest.mark.parametrize(
    ("tag", "text", "year"),
    [
        (UTC_TIME, b"260102030405Z", 2026),
        (UTC_TIME, b"500102030405Z", 1950),
        (UTC_TIME, b"490102030405Z", 2049),
        (GENERALIZED_TIME, b"20510102030405Z", 2051),
        (GENERALIZED_TIME, b"20510102030405.25Z", 2051),
    ],
)
def test_times_of_both_kinds_are_read_to_the_second(tag: int, text: bytes, year: int) -> None:
    assert fields.moment(tag, text) == datetime(year, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "text"), [(UTC_TIME, b"261302030405Z"), (GENERALIZED_TIME, b"2026"), (UTC_TIME, b"\xff" * 13), (4, b"x")]
)
def test_what_is_no_moment_is_refused(tag: int, text: bytes) -> None:
    with pytest.raises(Malformed):
        fields.moment(tag, text)


def test_extensions_are_found_by_name() -> None:
    found = _read(extension("2.5.29.20", b"\x02\x01\x07", is_critical=True), extension("1.2.3", b"\x05\x00"))
    assert found == {
        "2.5.29.20": fields.Extension(True, b"\x02\x01\x07"),
        "1.2.3": fields.Extension(False, b"\x05\x00"),
    }


def test_an_extension_that_comes_twice_is_refused() -> None:
    with pytest.raises(Malformed, match="twice"):
        _read(extension("2.5.29.20", b"\x02\x01\x07"), extension("2.5.29.20", b"\x02\x01\x08"))


def test_a_critical_extension_that_is_not_understood_is_refused() -> None:
    with pytest.raises(Malformed, match="critical"):
        _read(extension("2.5.29.28", b"\x30\x00", is_critical=True))


def test_anything_but_extensions_is_refused() -> None:
    with pytest.raises(Malformed):
        _read(der.integer(1))


def test_bits_must_fill_octets() -> None:
    assert fields.whole_octets(b"\0ab") == b"ab"
    for content in (b"", b"\x01ab"):
        with pytest.raises(Malformed):
            fields.whole_octets(content)
