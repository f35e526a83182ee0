"""The empty spreadsheet for secretaries: three sheets to fill in, with examples, notes and lists to choose from."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from idp.oneroster.workbook_columns import EXAMPLE_MARK, SHEETS, Column, Sheet

_ROWS = 2000
_HELP = {
    "kk": (
        "!Нұсқау",
        (
            "Бұл кітапты мектеп хатшысы толтырады, әкімші жүйеге енгізеді.",
            "№: тұрақты нөмір. Адам осы нөмірмен танылады, сондықтан оны өзгертпеңіз және басқаға бермеңіз.",
            f"{EXAMPLE_MARK} белгісі бар жол: үлгі. Ол енгізілмейді, өшіруге болады.",
            "Жұлдызша (*) қойылған бағандар міндетті.",
            "Формула қолданбаңыз: ұяшыққа мәннің өзін жазыңыз.",
            "Құпиясөз жазбаңыз: бірінші құпиясөздер бөлек басылып шығады.",
            "Қайта енгізгенде тек өзгергені жаңарады.",
        ),
    ),
    "ru": (
        "!Памятка",
        (
            "Книгу заполняет секретарь школы, в систему её вносит администратор.",
            "№: постоянный номер. По нему узнаётся человек, поэтому не меняйте его и не отдавайте другому.",
            f"Строка со знаком {EXAMPLE_MARK} — пример. Она не вносится, её можно удалить.",
            "Столбцы со звёздочкой (*) обязательны.",
            "Не используйте формулы: впишите в ячейку само значение.",
            "Не пишите пароли: первые пароли печатаются отдельно.",
            "При повторном внесении обновляется только изменившееся.",
        ),
    ),
}


def roster_template(lang: str) -> bytes:
    """An XLSX in `kk` or `ru`."""
    # XlsxWriter is loaded by this one command only.
    import xlsxwriter

    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    styles = {
        "head": book.add_format({"bold": True, "bg_color": "#e7f0fb", "font_color": "#10243e", "bottom": 1}),
        "example": book.add_format({"italic": True, "font_color": "#5b6b80", "num_format": "@"}),
        "text": book.add_format({"num_format": "@"}),
        "note": book.add_format({"text_wrap": True}),
    }
    for sheet in SHEETS:
        _sheet(book, sheet, lang, styles)
    title, lines = _HELP[lang]
    page = book.add_worksheet(title)
    page.set_column(0, 0, 100, styles["note"])
    for row, line in enumerate(lines):
        page.write_string(row, 0, line)
    book.close()
    return buffer.getvalue()


def _sheet(book: Any, sheet: Sheet, lang: str, styles: dict[str, Any]) -> None:
    page = book.add_worksheet(getattr(sheet, lang))
    page.freeze_panes(1, 1)
    for place, column in enumerate(sheet.columns):
        heading = getattr(column, lang) + (" *" if column.is_required else "")
        page.set_column(place, place, max(12, len(heading) + 2), styles["text"])
        page.write_string(0, place, heading, styles["head"])
        note = getattr(column, f"note_{lang}")
        if note:
            page.write_comment(0, place, note)
        page.write_string(1, place, _example(column, lang), styles["example"])
        if column.choices:
            words = [kk if lang == "kk" else ru for _, kk, ru in column.choices]
            page.data_validation(1, place, _ROWS, place, {"validate": "list", "source": words})


def _example(column: Column, lang: str) -> str:
    if column.key == "number":
        return f"{EXAMPLE_MARK} {column.example}"
    for word, kk, ru in column.choices:
        if column.example in (word, kk, ru):
            return kk if lang == "kk" else ru
    return column.example
