"""A photo as it is kept."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from idp.core.errors import Invalid
from idp.services.pictures import LARGEST_FILE, portrait


def _bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_small_jpeg(kind: str) -> None:
    made = Image.open(io.BytesIO(portrait(_bytes(Image.new("RGB", (1500, 1600), "navy"), kind))))
    assert (made.format, made.size) == ("JPEG", (600, 640))


def test_metadata_does_not_come_along_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    kept = portrait(_bytes(Image.new("RGB", (80, 40), "navy"), "JPEG", exif=exif))
    made = Image.open(io.BytesIO(kept))
    assert made.size == (40, 80)
    assert not made.getexif()
    assert b"secret" not in kept


def test_what_is_transparent_becomes_white() -> None:
    made = Image.open(io.BytesIO(portrait(_bytes(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG"))))
    assert made.getpixel((1, 1)) == (255, 255, 255)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = _bytes(Image.new("1", (8000, 8000)), "PNG")
    with pytest.raises(Invalid):
        portrait(bomb)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"\x89PNG\r\n\x1a\n",
        _bytes(Image.new("RGB", (200, 200)), "JPEG")[:400],
        _bytes(Image.new("RGB", (4, 4)), "GIF"),
        b"\xff" * (LARGEST_FILE + 1),
    ],
    ids=["empty", "text", "head", "torn", "gif", "large"],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        portrait(data)
    assert caught.value.code == "photo"
