"""The notice of a breach for the authorised body (Law № 94-V art. 25(2)(8); Order № 481/НҚ): a letter with a list."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from idp.core.clock import LOCAL
from idp.services.breaches import Notice

_FONTS = Path(__file__).parent / "fonts"
_WORDS = {
    "kk": {
        "title": "Дербес деректердің қауіпсіздігі бұзылғаны туралы хабарлама", "detected": "Анықталған уақыты",
        "due": "Хабарлау мерзімі", "what": "Не болды", "measures": "Қабылданған шаралар",
        "contact": "Дербес деректерге жауапты адам", "people": "Деректері қозғалған адамдар", "name": "Аты-жөні",
        "iin": "ЖСН", "phone": "Ұялы телефон", "made": "Құжат жасалған уақыт",
    },
    "ru": {
        "title": "Уведомление о нарушении безопасности персональных данных", "detected": "Когда обнаружено",
        "due": "Срок уведомления", "what": "Что произошло", "measures": "Принятые меры",
        "contact": "Ответственный за персональные данные", "people": "Субъекты, чьи данные затронуты",
        "name": "Ф. И. О.",
        "iin": "ИИН", "phone": "Мобильный телефон", "made": "Когда составлено",
    },
}  # fmt: skip
_COLUMNS = (100.0, 40.0, 40.0)
_LEFT, _HEIGHT = 15.0, 6.0


def breach_notice(notice: Notice, *, language: str, now: datetime) -> bytes:
    """A PDF in `kk` or `ru` (for any other language in `ru`), A4."""
    from fpdf import FPDF

    # The font library logs which letters it embeds, and numbers of people are among them.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    words = _WORDS.get(language, _WORDS["ru"])
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(True, margin=15)
    pdf.set_margin(_LEFT)
    pdf.add_font("Sans", "", str(_FONTS / "DejaVuSans.ttf"))
    pdf.add_font("Sans", "B", str(_FONTS / "DejaVuSans-Bold.ttf"))
    pdf.set_creation_date(now)
    pdf.set_title(words["title"])
    pdf.set_lang(language if language in _WORDS else "ru")
    pdf.add_page()
    pdf.set_font("Sans", "B", 14)
    pdf.multi_cell(0, 8, words["title"], new_x="LMARGIN", new_y="NEXT")
    breach = notice.breach
    for label, text in (
        (words["detected"], _moment(breach.detected_at)),
        (words["due"], breach.due_on.strftime("%d.%m.%Y")),
        (words["what"], breach.what),
        (words["measures"], breach.measures or "–"),
        (words["contact"], breach.contact or "–"),
        (words["made"], _moment(now)),
    ):
        _fact(pdf, label, text)
    pdf.ln(3)
    pdf.set_font("Sans", "B", 11)
    pdf.cell(0, 8, f"{words['people']}: {len(notice.people)}", new_x="LMARGIN", new_y="NEXT")
    _row(pdf, (words["name"], words["iin"], words["phone"]), bold=True)
    for person in notice.people:
        _row(pdf, person)
    return bytes(pdf.output())


def _fact(pdf: Any, label: str, text: str) -> None:
    pdf.set_font("Sans", "", 8)
    pdf.multi_cell(0, 5, label, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Sans", "", 10)
    pdf.multi_cell(0, 5.5, text, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1.5)


def _row(pdf: Any, cells: tuple[str, ...], *, bold: bool = False) -> None:
    pdf.set_font("Sans", "B" if bold else "", 9)
    for place, (width, text) in enumerate(zip(_COLUMNS, cells, strict=True)):
        shown = text if pdf.get_string_width(text) < width - 2 else text[:48] + "…"
        last = place == len(_COLUMNS) - 1
        to = {"new_x": "LMARGIN", "new_y": "NEXT"} if last else {"new_x": "RIGHT", "new_y": "TOP"}
        pdf.cell(width, _HEIGHT, shown, border="B", **to)


def _moment(moment: datetime) -> str:
    return moment.astimezone(LOCAL).strftime("%d.%m.%Y, %H:%M")
