"""The card of a signed document for people, in Kazakh and Russian: what, who, when, how it was checked and can be.

It proves nothing by itself and says so; the ИИН is not on it.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from idp.core.clock import LOCAL
from idp.services.signing import Kept

_FONTS = Path(__file__).parent / "fonts"
_INK, _GREY, _LINE, _WARNING = (16, 36, 62), (91, 107, 128), (176, 186, 199), (150, 60, 0)
_LEFT, _WIDTH, _LABEL = 18.0, 174.0, 52.0

_WORDS: dict[str, dict[str, str]] = {
    "kk": {
        "head": "Қол қойылған құжат туралы мәлімет",
        "title": "Құжат", "sha256": "Құжаттың SHA-256 мәні", "client": "Сұраған қызмет",
        "name": "Қол қойған", "organisation": "Ұйым", "bin": "БСН", "role": "Сертификаттағы рөлі",
        "storage": "Кілт сақталған жер", "received": "Қабылданған уақыты", "proven": "ҰКО уақыт белгісі",
        "none": "жоқ", "status": "Сертификат күйі тексерілген", "chain": "Сертификаттар тізбегі",
        "how": "Қалай тексеруге болады",
        "advice": "{verify} бетіне құжатты және қолтаңба файлын (.cms) жүктеңіз. Тіркелу қажет емес. Осы парақ "
        "өздігінен ештеңені дәлелдемейді: дәлел — құжат пен қолтаңба файлы.",
        "test": "Сынақ сертификаты: заңдық күші жоқ.",
    },
    "ru": {
        "head": "Сведения о подписанном документе",
        "title": "Документ", "sha256": "SHA-256 документа", "client": "Запросил сервис",
        "name": "Подписал(а)", "organisation": "Организация", "bin": "БИН", "role": "Роль в сертификате",
        "storage": "Где хранится ключ", "received": "Принято", "proven": "Метка времени НУЦ",
        "none": "нет", "status": "Статус сертификата проверен", "chain": "Цепочка сертификатов",
        "how": "Как проверить",
        "advice": "Загрузите документ и файл подписи (.cms) на странице {verify}. Регистрация не нужна. Этот лист сам "
        "по себе ничего не доказывает: доказательство — документ и файл подписи.",
        "test": "Тестовый сертификат: юридической силы нет.",
    },
}  # fmt: skip
_ROLES = {
    "person": ("жеке тұлға", "физическое лицо"),
    "head": ("бірінші басшы", "первый руководитель"),
    "signs_for": ("қол қою құқығы бар қызметкер", "сотрудник с правом подписи"),
    "signs_finance": ("қаржы құжаттарына қол қою құқығы", "право подписи финансовых документов"),
    "personnel": ("кадр қызметкері", "сотрудник отдела кадров"),
    "employee": ("ұйым қызметкері", "сотрудник организации"),
}
_STORAGES = {
    "file": ("файл", "файл"),
    "hardware": ("қорғалған құрылғы", "защищённый носитель"),
    "cloud": ("бұлттық қойма", "облачное хранилище"),
    "unknown": ("белгісіз", "неизвестно"),
}


def signature_card(kept: Kept, *, issuer: str) -> bytes:
    """A PDF of one page, the same octets each time."""
    # fpdf2 is heavy and only documents need it.
    from fpdf import FPDF

    # The font library logs which letters it embeds, and names are among them.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_font("Sans", "", str(_FONTS / "DejaVuSans.ttf"))
    pdf.add_font("Sans", "B", str(_FONTS / "DejaVuSans-Bold.ttf"))
    pdf.set_creation_date(kept.received_at)
    pdf.set_title(f"{_WORDS['kk']['head']} / {_WORDS['ru']['head']}")
    pdf.set_lang("kk")
    pdf.add_page()
    y = 14.0
    for place, language in enumerate(_WORDS):
        y = _half(pdf, kept, place, language, y, issuer) + 6
    return bytes(pdf.output())


def _half(pdf: Any, kept: Kept, place: int, language: str, y: float, issuer: str) -> float:
    words = _WORDS[language]
    y = _block(pdf, y, words["head"], 13, bold=True) + 2
    if not kept.signer["is_production"]:
        y = _block(pdf, y, words["test"], 9, colour=_WARNING, bold=True) + 1
    for label, value in _lines(kept, place, language):
        if value:
            y = _line(pdf, y, words[label], value)
    y = _block(pdf, y + 1.5, words["how"], 9, bold=True)
    y = _block(pdf, y, words["advice"].format(verify=f"{issuer}/verify"), 9, colour=_GREY) + 2
    pdf.set_draw_color(*_LINE)
    pdf.line(_LEFT, y, _LEFT + _WIDTH, y)
    return y


def _lines(kept: Kept, place: int, language: str) -> list[tuple[str, str]]:
    row, signer, evidence = kept.paper.row, kept.signer, kept.evidence
    stamp = evidence.timestamp
    proven = f"{_moment(stamp.at)}, {stamp.authority}" if stamp else _WORDS[language]["none"]
    roles = [_ROLES[word][place] for word in signer["roles"]]
    return [
        ("title", row.title[language]),
        ("sha256", row.document_sha256),
        ("client", kept.paper.client.name),
        ("name", signer["name"]),
        ("organisation", signer["organisation"]),
        ("bin", signer["bin"]),
        ("role", ", ".join(roles)),
        ("storage", _STORAGES[signer["key_storage"]][place]),
        ("received", _moment(kept.received_at)),
        ("proven", proven),
        ("status", f"{evidence.status.source.upper()}, {_moment(evidence.status.this_update)}"),
        ("chain", " → ".join(kept.authorities)),
    ]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%d.%m.%Y %H:%M:%S} (UTC{moment.astimezone(LOCAL):%z})"


def _line(pdf: Any, y: float, label: str, value: str) -> float:
    """A label on the left, its value beside it over as many lines as it takes; returns where the next begins."""
    pdf.set_font("Sans", "", 8)
    pdf.set_text_color(*_GREY)
    pdf.set_xy(_LEFT, y)
    pdf.multi_cell(_LABEL, 4.2, label, align="L")
    below = pdf.get_y()
    # A digest is copied and compared: it must stay on one line.
    pdf.set_font("Sans", "", 8 if len(value) == 64 and " " not in value else 9)
    pdf.set_text_color(*_INK)
    pdf.set_xy(_LEFT + _LABEL, y)
    pdf.multi_cell(_WIDTH - _LABEL, 4.2, value, align="L", wrapmode="CHAR" if " " not in value else "WORD")
    return float(max(below, pdf.get_y())) + 0.8


def _block(
    pdf: Any, y: float, text: str, size: int, *, colour: tuple[int, int, int] = _INK, bold: bool = False
) -> float:
    pdf.set_font("Sans", "B" if bold else "", size)
    pdf.set_text_color(*colour)
    pdf.set_xy(_LEFT, y)
    pdf.multi_cell(_WIDTH, size * 0.47, text, align="L")
    return float(pdf.get_y())
