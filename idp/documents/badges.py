"""Badges on A4: eight in the size of a bank card (ISO/IEC 7810 ID-1, 85.6 × 54 mm) with lines to cut along."""

from __future__ import annotations

import logging
from io import BytesIO
from pathlib import Path
from typing import Any

from idp.core.clock import LOCAL
from idp.services.card_badges import BadgeSheet
from idp.store.cards import Face

_FONTS = Path(__file__).parent / "fonts"
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 85.6, 54.0, 8.0, 6.0
_COLUMNS, _LINES = 2, 4
_LEFT = (210 - _COLUMNS * _WIDTH - _GAP_X) / 2
_TOP = (297 - _LINES * _HEIGHT - (_LINES - 1) * _GAP_Y) / 2
_PHOTO = 28.0, 36.0
_INK, _GREY, _LINE, _SKY = (16, 36, 62), (74, 91, 113), (138, 151, 168), (11, 107, 203)
_WORDS = {
    "kk": {"title": "Төсбелгілер", "found": "Тауып алсаңыз, мектепке тапсырыңыз"},
    "ru": {"title": "Бейджи", "found": "Нашли? Отдайте в школу"},
}


def badge_sheet(sheet: BadgeSheet, *, lang: str) -> bytes:
    """A PDF in `kk` or `ru`, the same octets for the same sheet."""
    # fpdf2 is heavy and only documents need it.
    from fpdf import FPDF

    # The font library logs which letters it embeds, and names are among them.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    words = _WORDS[lang]
    school = sheet.school_ru if lang == "ru" else sheet.school
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_font("Sans", "", str(_FONTS / "DejaVuSans.ttf"))
    pdf.add_font("Sans", "B", str(_FONTS / "DejaVuSans-Bold.ttf"))
    pdf.set_creation_date(sheet.at)
    pdf.set_title(f"{words['title']}, {sheet.class_title}")
    pdf.set_lang(lang)
    for start in range(0, len(sheet.faces), _COLUMNS * _LINES):
        pdf.add_page()
        _text(pdf, _LEFT, 6, f"{school} · {sheet.class_title} · {sheet.at.astimezone(LOCAL):%d.%m.%Y}", 8, _GREY)
        for place, face in enumerate(sheet.faces[start : start + _COLUMNS * _LINES]):
            left = _LEFT + place % _COLUMNS * (_WIDTH + _GAP_X)
            top = _TOP + place // _COLUMNS * (_HEIGHT + _GAP_Y)
            _badge(pdf, face, left, top, school, words["found"])
    return bytes(pdf.output())


def _badge(pdf: Any, face: Face, left: float, top: float, school: str, found: str) -> None:
    pdf.set_draw_color(*_LINE)
    pdf.set_line_width(0.3)
    pdf.set_dash_pattern(dash=1.2, gap=1.2)
    pdf.rect(left, top, _WIDTH, _HEIGHT, round_corners=True, corner_radius=3)
    pdf.set_dash_pattern()
    pdf.set_fill_color(*_SKY)
    pdf.rect(left + 5, top + 5.2, 1.6, 4.2, style="F")
    _text(pdf, left + 8, top + 5, school, 9, _INK, bold=True, width=_WIDTH - 13)
    width, height = _PHOTO
    x, y = left + _WIDTH - width - 5, top + 12
    if face.photo is None or not _picture(pdf, face.photo, x, y):
        pdf.set_fill_color(255, 248, 232)
        pdf.rect(x, y, width, height, style="F", round_corners=True, corner_radius=2)
        initials = face.given_name[:1] + face.family_name[:1]
        _text(pdf, x, y + 13, initials, 24, _SKY, bold=True, width=width, align="C")
    inner = _WIDTH - width - 15
    _text(pdf, left + 5, top + 16, face.family_name, 14, _INK, bold=True, width=inner)
    _text(pdf, left + 5, top + 23, face.given_name, 14, _INK, bold=True, width=inner)
    _text(pdf, left + 5, top + 31, face.class_title, 11, _GREY, bold=True, width=inner)
    _text(pdf, left + 5, top + 48.5, found, 6.5, _GREY, width=inner)
    if face.hint:
        _text(pdf, left + 5, top + 43, f"… {face.hint}", 8, _GREY, width=inner)


def _picture(pdf: Any, image: bytes, x: float, y: float) -> bool:
    """False for what is no picture: a badge without a face is better than no sheet."""
    from PIL import UnidentifiedImageError

    width, height = _PHOTO
    try:
        pdf.image(BytesIO(image), x, y, width, height, keep_aspect_ratio=True)
    except (UnidentifiedImageError, OSError, ValueError):
        return False
    return True


def _text(
    pdf: Any, x: float, y: float, text: str, size: float, colour: tuple[int, int, int], *,
    bold: bool = False, width: float = 190, align: str = "L",
) -> None:  # fmt: skip
    """A long name is set smaller, never cut off."""
    pdf.set_text_color(*colour)
    fitting = size
    pdf.set_font("Sans", "B" if bold else "", fitting)
    while fitting > 5 and pdf.get_string_width(text) > width - 2:
        fitting -= 0.5
        pdf.set_font("Sans", "B" if bold else "", fitting)
    pdf.set_xy(x, y)
    pdf.cell(width, size * 0.45, text, align=align)
