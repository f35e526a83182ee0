"""A photo as it is kept: JPEG, 600 × 800 at most, upright, without metadata; made from what nobody should trust."""

from __future__ import annotations

import io

from idp.core.errors import Invalid

LARGEST_FILE = 8 * 1024 * 1024
WIDTH, HEIGHT = 600, 800
_FORMATS = ("JPEG", "PNG", "WEBP")
_MOST_PIXELS = {"JPEG": 80_000_000}
"""A JPEG is decoded at a fraction of its size; of others every pixel would have to be held."""
_MOST_PIXELS_ELSE = 24_000_000
_QUALITY = 85


def portrait(data: bytes) -> bytes:
    """The picture re-encoded. Raises Invalid (`photo`) for anything else than a whole JPEG, PNG or WebP."""
    # Pillow is heavy and only uploads need it.
    from PIL import Image, ImageOps

    if len(data) > LARGEST_FILE:
        raise Invalid("the file is too large", code="photo")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            width, height = image.size
            if width * height > _MOST_PIXELS.get(image.format or "", _MOST_PIXELS_ELSE):
                raise Invalid("the picture has too many pixels", code="photo")
            image.draft("RGB", (WIDTH, HEIGHT))
            upright = ImageOps.exif_transpose(image)
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                seen = upright.convert("RGBA")
                paper = Image.new("RGBA", seen.size, "white")
                upright = Image.alpha_composite(paper, seen)
            plain = upright.convert("RGB")
            plain.thumbnail((WIDTH, HEIGHT))
            out = io.BytesIO()
            # A new image, so that no metadata of the old one can come along.
            clean = Image.new("RGB", plain.size)
            clean.paste(plain)
            clean.save(out, "JPEG", quality=_QUALITY, optimize=True)
    except Invalid:
        raise
    except Exception as error:  # Pillow raises many kinds on malformed files.
        raise Invalid("this is no picture", code="photo", detail=type(error).__name__) from None
    return out.getvalue()
