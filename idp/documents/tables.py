"""Tables as files: an XLSX workbook and CSV. Cells are data and never become formulas (OWASP, CSV injection)."""

from __future__ import annotations

import csv as _csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from idp.core.clock import LOCAL

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WIDEST = 48
_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark, by which Excel knows Kazakh letters. Days and times as in ISO 8601.

    A text that a spreadsheet would run gets an apostrophe in front.
    """
    text = io.StringIO(newline="")
    writer = _csv.writer(text)
    writer.writerow([_plain(heading) for heading in columns])
    writer.writerows([_plain(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a heading that stays in sight. Texts stay texts, days and times such, numbers numbers.

    Times are local: a workbook knows no zones.
    """
    from xlsxwriter import Workbook

    out = io.BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet(title.translate(_NOT_IN_SHEET_NAMES).strip()[:_SHEET_NAME] or "1")
    bold = book.add_format({"bold": True, "bottom": 1})
    day, moment = (book.add_format({"num_format": shape}) for shape in ("dd.mm.yyyy", "dd.mm.yyyy hh:mm:ss"))
    widths = [len(str(heading)) for heading in columns]
    for place, heading in enumerate(columns):
        sheet.write_string(0, place, str(heading), bold)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(number, place, value.astimezone(LOCAL).replace(tzinfo=None), moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, day)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                sheet.write_number(number, place, value)
            elif value is not None and value != "":
                sheet.write_string(number, place, str(value))
            widths[place] = max(widths[place], min(_WIDEST, len(str(value))))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(_WIDEST, width) + 2)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, sheet.dim_rowmax or 0), max(0, len(columns) - 1))
    book.close()
    return out.getvalue()


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return value
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
