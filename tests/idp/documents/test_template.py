"""The empty spreadsheet: headings, lists, notes, no formula."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from idp.documents.template import roster_template


@pytest.mark.parametrize(("lang", "sheets"), [("kk", ["Оқушылар", "Қызметкерлер", "Ата-аналар", "!Нұсқау"]),
                                              ("ru", ["Ученики", "Сотрудники", "Родители", "!Памятка"])])  # fmt: skip
def test_a_template_has_sheets_with_headings_lists_and_an_example(lang: str, sheets: list[str]) -> None:
    book = load_workbook(BytesIO(roster_template(lang)))
    assert book.sheetnames == sheets
    for sheet in book.worksheets[:3]:
        assert str(sheet["A1"].value).startswith("№")
        assert str(sheet["A2"].value).startswith("≡")
        assert sheet.data_validations.dataValidation
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert any(cell.comment for cell in book.worksheets[0][1])
