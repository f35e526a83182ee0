"""Tables as files that spreadsheets open and never run."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

from openpyxl import load_workbook

from idp.documents import tables

COLUMNS = ("Аты-жөні", "Туған күні", "Сағат", "Саны", "Ескерту")
ROWS = [
    ("Әбдіқадыр Қ.", date(2013, 5, 17), datetime(2026, 9, 1, 20, 30, tzinfo=UTC), -3, '=HYPERLINK("http://x")'),
    ("+7 701", None, None, 2.5, "@SUM(A1)"),
]


def test_csv_begins_with_a_mark_and_runs_no_formula() -> None:
    body = tables.csv(COLUMNS, ROWS)
    assert body.startswith("\ufeff".encode())
    heading, first, second = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert heading == list(COLUMNS)
    assert first == ["Әбдіқадыр Қ.", "2013-05-17", "2026-09-02T01:30:00+05:00", "-3", '\'=HYPERLINK("http://x")']
    assert second == ["'+7 701", "", "", "2.5", "'@SUM(A1)"]


def test_a_workbook_keeps_texts_days_and_numbers_apart() -> None:
    sheet = load_workbook(io.BytesIO(tables.xlsx("7 «Ә»: оқушылар/тізім", COLUMNS, ROWS))).active
    assert sheet is not None
    assert sheet.title == "7 «Ә»  оқушылар тізім"
    heading, first, second = list(sheet.iter_rows())
    assert [cell.value for cell in heading] == list(COLUMNS)
    assert [cell.data_type for cell in first] == ["s", "d", "d", "n", "s"]
    assert str(first[2].value) == "2026-09-02 01:30:00"
    assert (second[0].value, second[1].value, second[4].value) == ("+7 701", None, "@SUM(A1)")


def test_an_empty_table_is_a_file_too() -> None:
    assert tables.csv(COLUMNS, []).count(b"\r\n") == 1
    assert load_workbook(io.BytesIO(tables.xlsx("", COLUMNS, []))).active is not None
