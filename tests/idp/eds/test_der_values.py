"""eds/der_values: content that has one form only."""

from __future__ import annotations

import pytest

from idp.eds import der
from idp.eds.errors import Malformed


def _element(tag: int, content: str | bytes) -> bytes:
    octets = content if isinstance(content, bytes) else content.encode()
    return bytes((tag, len(octets))) + octets


@pytest.mark.parametrize(
    ("tag", "content"),
    [
        (0x02, b"\x00"),
        (0x02, b"\x00\x80"),
        (0x02, b"\xff\x7f"),
        (0x03, b"\x00"),
        (0x03, b"\x03\xc8"),
        (0x03, b"\x00\x01"),
        (0x06, b"\x2a\x83\x0e\x03\x03\x04"),
        (0x06, b"\x88\x37"),
        (0x0C, "Қазақстан"),
        (0x13, "IIN123456789011"),
        (0x1E, "Ұлт".encode("utf-16-be")),
        (0x17, "260508064513Z"),
        (0x17, "500101000000Z"),
        (0x18, "20500101000000Z"),
        (0x18, "20260101000000.25Z"),
    ],
)
def test_the_one_form_passes(tag: int, content: str | bytes) -> None:
    der.check(_element(tag, content))


@pytest.mark.parametrize(
    ("tag", "content"),
    [
        (0x03, b""),
        (0x03, b"\x08\x00"),
        (0x03, b"\x01"),
        (0x03, b"\x03\xc9"),
        (0x06, b""),
        (0x06, b"\x80\x01"),
        (0x06, b"\x2a\x80\x01"),
        (0x06, b"\x2a\x83"),
        (0x06, b"\x2a" + b"\x83" * 100 + b"\x01"),
        (0x0C, b"\xff\xfe"),
        (0x0C, b"\xc0\xaf"),
        (0x12, b"\xd9\xa1"),
        (0x13, "ІІН"),
        (0x16, "почта"),
        (0x1E, b"\x04"),
        (0x1E, b"\xd8\x00"),
        (0x17, "2605080645Z"),
        (0x17, "260508064513+0500"),
        (0x17, "260508064513"),
        (0x17, "261308064513Z"),
        (0x17, "260230064513Z"),
        (0x17, "٢٦٠٥٠٨"),
        (0x18, "20260508064513.Z"),
        (0x18, "20260508064513.50Z"),
        (0x18, "20260508064513,5Z"),
        (0x18, "2026050806Z"),
        (0x18, "20260508246000Z"),
    ],
)
def test_every_other_form_is_refused(tag: int, content: str | bytes) -> None:
    with pytest.raises(Malformed):
        der.check(_element(tag, content))
