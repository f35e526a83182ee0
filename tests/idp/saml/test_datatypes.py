"""saml/datatypes: XML Schema's simple types."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from idp.saml.datatypes import boolean, identifier, instant, unsigned_short


def test_booleans_have_four_spellings() -> None:
    assert [boolean(text) for text in ("true", "1", " true\n", "false", "0", None)] == [True] * 3 + [False] * 3
    assert boolean(None, default=True)
    for text in ("", "True", "FALSE", "yes", "2", "\u00a0true"):
        with pytest.raises(ValueError, match="boolean"):
            boolean(text)


def test_short_numbers_have_sixteen_bits() -> None:
    assert [unsigned_short(text) for text in ("0", " 7 ", "+65535", "0000000012", None)] == [0, 7, 65535, 12, None]
    for text in ("", "-1", "65536", "99999999", "1.0", "٣", "0x1"):
        with pytest.raises(ValueError, match="unsignedShort"):
            unsigned_short(text)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-09-01T03:00:00Z", 0),
        (" 2026-09-01T03:00:00.5Z ", 500_000),
        ("2026-09-01T03:00:00.123456789012345Z", 123_456),
        ("2026-09-01T03:00:00.0000001Z", 0),
    ],
)
def test_moments_are_in_utc_with_any_fraction(text: str, micros: int) -> None:
    assert instant(text) == datetime(2026, 9, 1, 3, 0, 0, micros, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "2026-09-01",
        "2026-09-01T03:00:00",
        "2026-09-01T03:00:00+05:00",
        "2026-09-01T03:00Z",
        "2026-09-01T03:00:00.Z",
        "2026-13-01T03:00:00Z",
        "2026-09-01T24:00:00Z",
        "2026-09-01T23:59:60Z",
        "12026-09-01T03:00:00Z",
        "0000-01-01T00:00:00Z",
        "٢٠٢٦-09-01T03:00:00Z",
        "2026-W36-2T03:00:00Z",
    ],
)
def test_other_moments_are_refused(text: str | None) -> None:
    with pytest.raises(ValueError, match=r".+"):
        instant(text)


def test_identifiers_are_names_without_a_colon() -> None:
    for text in ("_a", "ONELOGIN_809707f0030a5d00620c9d9df97f627afe9dcc24", "a.b-c", "ж1", "_" + "a" * 127):
        assert identifier(text) == text
    for wrong in (None, "", "1a", "-a", "a:b", "a b", " a", "a\n", "_" + "a" * 128, "#a", "a'"):
        with pytest.raises(ValueError, match="xs:ID"):
            identifier(wrong)
