"""The card of an answer for people: what was asked, who answered, how and when, what became of it.

It proves nothing by itself and says so; no ИИН is on it.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from pathlib import Path
from typing import Any

from idp.core.clock import LOCAL
from idp.services.consent_document import WORDS
from idp.services.consent_reading import Evidence

_FONTS = Path(__file__).parent / "fonts"
_INK, _GREY = (16, 36, 62), (91, 107, 128)
_LEFT, _WIDTH, _LABEL = 18.0, 174.0, 52.0
_SAYS: dict[str, dict[str, str]] = {
    "kk": {
        "answer": "Жауап", "given": "Келісім берді", "declined": "Келісім бермеді", "at": "Берілген уақыты",
        "channel": "Тәсілі", "eds": "ЭЦҚ-мен қол қойылған, өтініш {request}", "mfa": "Кабинетте, екі фактормен",
        "paper": "Қағаз № {number}, {date}", "kdp": "Мемлекеттік сервис, нөмірі {kdp_id}",
        "expires": "Қашанға дейін жарамды", "acknowledged": "Оқушы танысты", "withdrawn": "Қайтарып алынды",
        "stop_by": "Өңдеуді тоқтату мерзімі", "stopped": "Өңдеу тоқтатылды", "refusal": "Бас тарту себебі",
        "record": "Жазба нөмірі", "whole": "Мөр тексерілді: жазба өзгертілмеген.",
        "broken": "Мөр бұзылған: жазба өзгертілген. Мектепке хабарлаңыз.",
        "advice": "Бұл парақ өздігінен ештеңені дәлелдемейді. Дәлел — мектептің журналындағы мөрленген жазба, ал ЭЦҚ "
        "болса, қол қойылған құжат пен оның қолтаңбасы.",
    },
    "ru": {
        "answer": "Ответ", "given": "Согласие дано", "declined": "Согласие не дано", "at": "Когда",
        "channel": "Способ", "eds": "Подписано ЭЦП, запрос {request}", "mfa": "В кабинете, два фактора",
        "paper": "Бумага № {number}, {date}", "kdp": "Государственный сервис, номер {kdp_id}",
        "expires": "Действует до", "acknowledged": "Ученик ознакомлен", "withdrawn": "Отозвано",
        "stop_by": "Срок прекращения обработки", "stopped": "Обработка прекращена", "refusal": "Причина отказа",
        "record": "Номер записи", "whole": "Печать проверена: запись не изменялась.",
        "broken": "Печать нарушена: запись изменена. Сообщите школе.",
        "advice": "Этот лист сам по себе ничего не доказывает. Доказательство — опечатанная запись в журнале школы, а "
        "при ЭЦП — подписанный документ и его подпись.",
    },
}  # fmt: skip


def consent_card(evidence: Evidence) -> bytes:
    """A PDF in the language of the answer, the same octets each time."""
    # fpdf2 is heavy and only documents need it.
    from fpdf import FPDF

    # The font library logs which letters it embeds, and names are among them.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    language = evidence.record.language
    says = _SAYS[language]
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(True, margin=16)
    pdf.set_margins(_LEFT, 16, 18)
    pdf.add_font("Sans", "", str(_FONTS / "DejaVuSans.ttf"))
    pdf.add_font("Sans", "B", str(_FONTS / "DejaVuSans-Bold.ttf"))
    pdf.set_creation_date(evidence.record.given_at)
    pdf.set_title(WORDS[language]["heading"])
    pdf.set_lang(language)
    pdf.add_page()
    _block(pdf, evidence.document, 9)
    for label, value in lines(evidence):
        _line(pdf, says[label], value)
    pdf.ln(2)
    _block(pdf, says["whole" if evidence.is_whole else "broken"], 9, bold=True)
    _block(pdf, says["advice"], 8, colour=_GREY)
    return bytes(pdf.output())


def lines(evidence: Evidence) -> list[tuple[str, str]]:
    """(word of the card, value) of the answer and of what became of it; empty ones are left out."""
    row = evidence.record
    says = _SAYS[row.language]
    found = [
        ("record", row.id),
        ("answer", says[row.answer]),
        ("at", _moment(row.given_at)),
        ("channel", says[row.channel].format(**row.proof)),
        ("expires", _day(row.expires_on)),
        ("acknowledged", _moment(row.acknowledged_at)),
        ("withdrawn", _moment(row.withdrawn_at)),
        ("stop_by", _day(row.stop_by)),
        ("stopped", _moment(row.stopped_at)),
        ("refusal", row.refusal),
    ]
    return [(label, value) for label, value in found if value]


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(LOCAL):%d.%m.%Y %H:%M:%S} (UTC{moment.astimezone(LOCAL):%z})" if moment else ""


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _line(pdf: Any, label: str, value: str) -> None:
    """A label on the left, its value beside it over as many lines as it takes."""
    pdf.set_font("Sans", "", 8)
    pdf.set_text_color(*_GREY)
    pdf.cell(_LABEL, 4.8, label)
    pdf.set_font("Sans", "", 9)
    pdf.set_text_color(*_INK)
    pdf.multi_cell(_WIDTH - _LABEL, 4.8, value, align="L", new_x="LMARGIN", new_y="NEXT")


def _block(pdf: Any, text: str, size: int, *, colour: tuple[int, int, int] = _INK, bold: bool = False) -> None:
    pdf.set_font("Sans", "B" if bold else "", size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(_WIDTH, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
