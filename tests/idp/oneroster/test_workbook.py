"""The secretary's spreadsheet: read by sheet and row, never computed."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook

from idp.documents.template import roster_template
from idp.oneroster.errors import Problems, Refused
from idp.oneroster.records import Agent, Class, Enrollment, Record, Role, User
from idp.oneroster.workbook import open_workbook

PUPIL = ["1", "Серікова", "Айгерім", "", "7 «Ә»", "17.05.2013", "қыз", "", "kk", "1", ""]
TEACHER = [
    "1",
    "Ахметов",
    "Марат",
    "",
    "мұғалім",
    "7-ә",
    "5 «А», 7Ә",
    "",
    "",
    "8 701 123 45 67",
    "m@b.example",
    "marat",
]
PARENT = ["1", "Серікова", "Гүлнара", "", "1; 2", "ата-ана", "", "", "", "", ""]


def _book(tmp_path: Path, pupils: list[list[Any]], staff: Any = (), parents: Any = (), lang: str = "kk") -> Path:
    book = load_workbook(BytesIO(roster_template(lang)))
    for sheet, rows in zip(book.worksheets, (pupils, staff, parents), strict=False):
        for row in rows:
            sheet.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def _read(path: Path) -> tuple[list[Record], Problems]:
    problems = Problems(is_dev=True)
    try:
        with open_workbook(path, problems) as book:
            return [record for file in book.modes for record in book.records(file)], problems
    except Refused:
        return [], problems


def test_three_sheets_become_people_classes_and_ties(tmp_path: Path) -> None:
    second = [2, "Қыдыр", "Ілияс", "", "7 ә", "", "ұл", "", "", 1, ""]
    records, problems = _read(_book(tmp_path, [PUPIL, second], [TEACHER], [PARENT]))
    assert not problems.counts
    assert [(r.sourced_id, r.grade) for r in records if isinstance(r, User)] == [
        ("pupils-1", "7"), ("pupils-2", "7"), ("staff-1", ""), ("guardians-1", ""),
    ]  # fmt: skip
    assert [(r.title, r.grade, r.shift) for r in records if isinstance(r, Class)] == [
        ("7 «Ә»", "7", "1"),
        ("5 «А»", "5", ""),
    ]
    assert [(r.klass, r.user, r.is_primary) for r in records if isinstance(r, Enrollment)] == [
        ("class-7Ә", "pupils-1", 0), ("class-7Ә", "pupils-2", 0), ("class-7Ә", "staff-1", 1),
        ("class-5А", "staff-1", 0),
    ]  # fmt: skip
    assert [r.role for r in records if isinstance(r, Role)] == ["student", "student", "teacher", "parent"]
    assert [(r.owner, r.other) for r in records if isinstance(r, Agent)] == [
        ("guardians-1", "pupils-1"),
        ("guardians-1", "pupils-2"),
    ]


def test_a_class_typed_on_the_other_keyboard_is_the_same_class(tmp_path: Path) -> None:
    pupils = [[n, "Қыдыр", "Ілияс", "", title, "", "ұл", "", "", 1, ""]
              for n, title in enumerate(("5А", "5 «а»", "5a", "5 ә", "5Ə"), start=1)]  # fmt: skip
    records, problems = _read(_book(tmp_path, pupils))
    assert not problems.counts
    assert [r.sourced_id for r in records if isinstance(r, Class)] == ["class-5А", "class-5Ә"]
    assert [r.klass for r in records if isinstance(r, Enrollment)] == ["class-5А"] * 3 + ["class-5Ә"] * 2


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_the_empty_template_brings_nobody(tmp_path: Path, lang: str) -> None:
    records, problems = _read(_book(tmp_path, [], lang=lang))
    assert (records, dict(problems.counts)) == ([], {})


@pytest.mark.parametrize(
    ("place", "value", "code", "column"),
    [(2, "", "value_missing", "Аты"), (4, "жетінші", "bad_value", "Сынып"), (5, "2013/05/17", "bad_date", "Туған күні"),
     (6, "?", "bad_value", "Жынысы"), (7, "123", "iin_format", "ЖСН"), (0, "", "value_missing", "№"),
     (2, "+HYPER", "formula", "Аты"), (1, "x" * 300, "text_too_long", "Тегі")],
)  # fmt: skip
def test_a_wrong_cell_is_named_by_sheet_and_row(tmp_path: Path, place: int, value: str, code: str, column: str) -> None:
    row = list(PUPIL)
    row[place] = value
    _, problems = _read(_book(tmp_path, [row]))
    found = [(p.code, p.file, p.line, p.column) for p in problems.items]
    assert (code, "Оқушылар", 3, column) in found


def test_a_formula_is_refused_not_computed(tmp_path: Path) -> None:
    row = list(PUPIL)
    row[2] = "=HYPERLINK(1)"
    _, problems = _read(_book(tmp_path, [row]))
    assert problems.counts["formula_cell"] == 1
    assert problems.acceptable_now == []


def test_numbers_and_dates_of_excel_are_understood(tmp_path: Path) -> None:
    from datetime import datetime

    row: list[Any] = list(PUPIL)
    row[0], row[5], row[9] = 1.0, datetime(2013, 5, 17), 2  # noqa: DTZ001
    records, problems = _read(_book(tmp_path, [row]))
    assert not problems.counts
    assert [r.shift for r in records if isinstance(r, Class)] == ["2"]


def test_missing_sheets_and_columns_are_named(tmp_path: Path) -> None:
    book = Book()
    book.active.title = "Жұмыс"  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    assert set(_read(tmp_path / "a.xlsx")[1].counts) == {"sheet_unknown", "sheet_missing"}
    book.active.title = "Ученики"  # type: ignore[union-attr]
    book.active.append(["№", "Фамилия", "Любимый цвет"])  # type: ignore[union-attr]
    book.save(tmp_path / "b.xlsx")
    assert set(_read(tmp_path / "b.xlsx")[1].counts) == {"column_unknown", "column_missing"}


@pytest.mark.parametrize("name", ["old.xls", "macro.xlsm", "text.xlsx"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0 not a workbook")
    assert set(_read(tmp_path / name)[1].counts) == {"not_a_bundle"}


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert set(_read(tmp_path / "x.xlsx")[1].counts) == {"xlsx_broken"}


def test_a_bomb_and_entities_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"0" * (50 << 20))
    assert set(_read(tmp_path / "x.xlsx")[1].counts) == {"zip_bomb"}
    good = _book(tmp_path, [PUPIL])
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(tmp_path / "laughs.xlsx", "w") as target:
        for entry in source.namelist():
            target.writestr(entry, laughs if entry == "xl/workbook.xml" else source.read(entry))
    assert set(_read(tmp_path / "laughs.xlsx")[1].counts) == {"xlsx_broken"}
