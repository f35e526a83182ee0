"""A class's first passwords on A4: ten slips a page, to be cut apart and handed out by the class teacher."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from idp.services.sheets import Sheet, Slip

_FONTS = Path(__file__).parent / "fonts"
_WIDTH, _HEIGHT = 95.0, 54.0
_LEFT, _TOP = 10.0, 13.0
_COLUMNS, _LINES = 2, 5
_INK, _GREY, _LINE = (16, 36, 62), (91, 107, 128), (176, 186, 199)

_WORDS = {
    "kk": {
        "title": "Бірінші құпиясөздер", "username": "Логин", "password": "Құпиясөз", "address": "Кіру мекенжайы",
        "young": "Бірінші рет кіргенде өз құпиясөзіңді қоясың. Оны ешкімге айтпа.",
        "grown": "Бірінші рет кіргенде өз құпиясөзіңізді қоясыз. Оны ешкімге айтпаңыз.",
        "cut": "Қиып, әркімнің өз қолына беріңіз. Қайта басылса, ескі құпиясөздер жарамайды.",
    },
    "ru": {
        "title": "Первые пароли", "username": "Логин", "password": "Пароль", "address": "Адрес входа",
        "young": "При первом входе ты задашь свой пароль. Никому его не говори.",
        "grown": "При первом входе Вы зададите свой пароль. Никому его не говорите.",
        "cut": "Разрежьте и отдайте каждому в руки. После новой печати старые пароли не действуют.",
    },
}  # fmt: skip
_LAST_YOUNG_GRADE = 4


def password_sheet(sheet: Sheet, *, lang: str, address: str, now: datetime) -> bytes:
    """A PDF in `kk` or `ru`; `address` is where to sign in."""
    # fpdf2 is heavy and only this document needs it.
    from fpdf import FPDF

    # The font library logs which letters it embeds, and passwords are among them.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    words = _WORDS[lang]
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_font("Sans", "", str(_FONTS / "DejaVuSans.ttf"))
    pdf.add_font("Sans", "B", str(_FONTS / "DejaVuSans-Bold.ttf"))
    pdf.set_creation_date(now)
    pdf.set_title(f"{words['title']}, {sheet.title or sheet.school}")
    pdf.set_lang(lang)
    young = sheet.grade.isdigit() and int(sheet.grade) <= _LAST_YOUNG_GRADE
    school = sheet.school_ru if lang == "ru" else sheet.school
    per_page = _COLUMNS * _LINES
    for start in range(0, len(sheet.slips), per_page):
        pdf.add_page()
        head = " · ".join(part for part in (words["title"], sheet.title, school) if part)
        _text(pdf, _LEFT, 4.5, head, 8, _GREY)
        for place, slip in enumerate(sheet.slips[start : start + per_page]):
            left, top = _LEFT + place % _COLUMNS * _WIDTH, _TOP + place // _COLUMNS * _HEIGHT
            _slip(pdf, slip, left, top, words, sheet.title, address, words["young" if young else "grown"])
        _text(pdf, _LEFT, 287, words["cut"], 8, _GREY)
    return bytes(pdf.output())


def _slip(
    pdf: Any, slip: Slip, left: float, top: float, words: dict[str, str], title: str, address: str, advice: str
) -> None:
    pdf.set_draw_color(*_LINE)
    pdf.set_line_width(0.2)
    pdf.set_dash_pattern(dash=1.2, gap=1.2)
    pdf.rect(left, top, _WIDTH, _HEIGHT)
    pdf.set_dash_pattern()
    inner, width = left + 5, _WIDTH - 10
    _text(pdf, inner, top + 3.5, slip.name, 11, _INK, bold=True, width=width - 16)
    _text(pdf, left + _WIDTH - 20, top + 3.5, title, 9, _GREY, width=15, align="R")
    for place, (label, value) in enumerate(
        ((words["username"], slip.username), (words["password"], slip.password), (words["address"], address))
    ):
        y = top + 13 + place * 9.5
        _text(pdf, inner, y, label, 7, _GREY)
        _text(pdf, inner, y + 3.2, value, 12 if place < 2 else 9, _INK, bold=place < 2, width=width)
    _text(pdf, inner, top + 43.5, advice, 7, _GREY, width=width, wrap=True)


def _text(
    pdf: Any, x: float, y: float, text: str, size: int, colour: tuple[int, int, int], *,
    bold: bool = False, width: float = 190, align: str = "L", wrap: bool = False,
) -> None:  # fmt: skip
    """A long name or address is set smaller, never cut off: a cut username is no username."""
    pdf.set_text_color(*colour)
    pdf.set_font("Sans", "B" if bold else "", size)
    fitting = float(size)
    while not wrap and fitting > 5 and pdf.get_string_width(text) > width - 2:
        fitting -= 0.5
        pdf.set_font("Sans", "B" if bold else "", fitting)
    pdf.set_xy(x, y)
    if wrap:
        pdf.multi_cell(width, 3.6, text, align=align)
    else:
        pdf.cell(width, size * 0.45, text, align=align)
