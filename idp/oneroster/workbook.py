"""The XLSX a secretary fills in, read as if it were a bundle: sheets and rows in place of files and lines.

Read as a stream, as plain values: a formula is refused, never computed. The archive inside is judged like any zip.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from idp.core import iin
from idp.core.names import fold_title
from idp.oneroster.container import check_entries
from idp.oneroster.errors import Problems
from idp.oneroster.records import Agent, Class, Demographic, Enrollment, Record, Role, User
from idp.oneroster.values import FORMULA_START, MAX_TEXT, is_email, iso_date, phone
from idp.oneroster.workbook_columns import EXAMPLE_MARK, GUARDIANS, PUPILS, SHEETS, STAFF, Column, Sheet
from idp.oneroster.xlsx import load_workbook

MAX_UNPACKED = 128 << 20
MAX_ROWS = 20_000
_MAX_COLUMNS = 60
_SEP = "\x1f"
_STRIDE = 1_000_000
_TITLE = re.compile(r"\s*(\d{1,2})\s*[-–]?\s*[«\"“]?\s*(\w{0,3})\s*[»\"”]?\s*")


@contextmanager
def open_workbook(path: Path, problems: Problems) -> Iterator[Workbook]:
    """Raises Unreadable for what is no XLSX, is damaged, or unpacks to too much."""
    if path.suffix.lower() != ".xlsx" or not path.is_file() or not zipfile.is_zipfile(path):
        raise problems.fatal("not_a_bundle", path.name, value=path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            check_entries(archive, path.name, problems, max_total=MAX_UNPACKED)
        # data_only is off: with it a formula would look like the value some other program once computed.
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, SyntaxError) as error:
        raise problems.fatal("xlsx_broken", path.name, value=type(error).__name__) from None
    try:
        yield Workbook(book, path.name, problems)
    finally:
        book.close()


class Row:
    """One row by column key. Cells come out as trimmed text."""

    def __init__(self, sheet: str, line: int, cells: dict[str, Any], problems: Problems) -> None:
        self.sheet = sheet
        self.line = line
        self._cells = cells
        self._problems = problems

    def problem(self, code: str, column: str, value: str = "") -> None:
        self._problems.add(code, self.sheet, self.line, column, value)

    def text(self, column: Column) -> str:
        cell = self._cells.get(column.key)
        if cell is None:
            value = ""
        elif isinstance(cell, datetime):
            value = cell.date().isoformat()
        elif isinstance(cell, float) and cell.is_integer():
            value = str(int(cell))
        else:
            value = str(cell).strip()
        if len(value) > MAX_TEXT:
            self.problem("text_too_long", column.kk)
            return ""
        if not value and column.is_required:
            self.problem("value_missing", column.kk)
        return value

    def name(self, column: Column) -> str:
        value = self.text(column)
        if value.startswith(FORMULA_START):
            self.problem("formula", column.kk, value)
        if value and not value.isprintable():
            self.problem("control_character", column.kk)
        return value

    def choice(self, column: Column) -> str:
        value = self.text(column)
        for word, kk, ru in column.choices:
            if value.casefold() in (word.casefold(), kk.casefold(), ru.casefold()):
                return word
        if value:
            self.problem("bad_value", column.kk, value)
        return ""

    def date(self, column: Column) -> str:
        value = self.text(column)
        local = re.fullmatch(r"(\d{2})\.(\d{2})\.(\d{4})", value)
        iso = f"{local[3]}-{local[2]}-{local[1]}" if local else value
        if iso and not iso_date(iso):
            self.problem("bad_date", column.kk, value)
            return ""
        return iso


class Workbook:
    """A bundle of one school. Classes come out of the pupils' rows."""

    def __init__(self, book: Any, label: str, problems: Problems) -> None:
        self.label = label
        self.modes = dict.fromkeys(("users", "demographics", "classes", "enrollments"), "bulk")
        self._book = book
        self._problems = problems
        known = {title.casefold(): sheet for sheet in SHEETS for title in (sheet.kk, sheet.ru)}
        self._titles: dict[str, str] = {}
        for title in book.sheetnames:
            sheet = known.get(title.strip().casefold())
            if sheet is not None:
                self._titles[sheet.key] = title
            elif not title.startswith("!"):
                problems.add("sheet_unknown", title, value=title)
        if PUPILS.key not in self._titles:
            raise problems.fatal("sheet_missing", label, value=PUPILS.kk)
        self._later: list[Record] = []
        self._classes: dict[str, Class] = {}
        self._spelt: dict[str, str] = {}

    def place(self, kind: str, line: int, *, implied: bool) -> tuple[str, int]:
        number, row = divmod(line, _STRIDE)
        return self._titles.get(SHEETS[number].key, self.label), row

    def records(self, file: str) -> Iterator[Record]:
        """Rows are read once, with `users`; what else they say is handed out with the file it belongs to."""
        if file == "users":
            self._later = []
            self._classes, self._spelt = {}, {}
            for sheet in SHEETS:
                if sheet.key in self._titles:
                    for row in self._rows(sheet):
                        yield from self._read(sheet, row)
            return
        if file == "classes":
            yield from self._classes.values()
            return
        kind = Demographic if file == "demographics" else Enrollment
        yield from (record for record in self._later if isinstance(record, kind))

    def _rows(self, sheet: Sheet) -> Iterator[Row]:
        title = self._titles[sheet.key]
        reading = self._book[title].iter_rows(max_col=_MAX_COLUMNS)
        places = self._header(sheet, title, next(reading, ()))
        for number, cells in enumerate(reading, start=2):
            if number > MAX_ROWS:
                raise self._problems.fatal("too_many_rows", title, number)
            values = {key: cells[place] for key, place in places.items() if place < len(cells)}
            filled = {key: cell for key, cell in values.items() if cell.value not in (None, "")}
            if not filled.keys() - {"number"} or str(filled["number"].value if "number" in filled else "").startswith(
                EXAMPLE_MARK
            ):
                continue
            for key, cell in filled.items():
                if cell.data_type == "f":
                    self._problems.add("formula_cell", title, number, key)
            yield Row(title, number, {key: c.value for key, c in filled.items() if c.data_type != "f"}, self._problems)

    def _header(self, sheet: Sheet, title: str, cells: tuple[Any, ...]) -> dict[str, int]:
        known = {name.casefold(): column for column in sheet.columns for name in (column.kk, column.ru)}
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            name = str(cell.value or "").strip().rstrip("*").strip()
            column = known.get(name.casefold())
            if column is None:
                if name:
                    self._problems.add("column_unknown", title, 1, name, name)
            elif column.key in places:
                self._problems.add("column_duplicate", title, 1, name, name)
            else:
                places[column.key] = place
        missing = [column.kk for column in sheet.columns if column.is_required and column.key not in places]
        for name in missing:
            self._problems.add("column_missing", title, 1, name, name)
        if missing:
            raise self._problems.fatal_again()
        return places

    def _read(self, sheet: Sheet, row: Row) -> Iterator[Record]:
        columns = {column.key: column for column in sheet.columns}
        number = row.text(columns["number"])
        user = f"{sheet.key}-{number}"
        line = SHEETS.index(sheet) * _STRIDE + row.line
        yield self._user(row, columns, user, line)
        if sheet is PUPILS:
            yield Role(f"{user}{_SEP}student", line, 0, user, "", "student", 1, "", "", user)
            birth = row.date(columns["birth"])
            self._later.append(Demographic(user, line, 0, birth, row.choice(columns["sex"])))
            klass = self._class(row, row.text(columns["class"]), line, row.choice(columns["shift"]))
            self._enrol(klass, user, "pupil", line)
        elif sheet is STAFF:
            role = row.choice(columns["role"])
            yield Role(f"{user}{_SEP}{role}", line, 0, user, "", role, 1, "", "", user)
            led = self._class(row, row.text(columns["leads"]), line, "")
            self._enrol(led, user, "teacher", line, is_primary=True)
            for title in row.text(columns["teaches"]).split(","):
                taught = self._class(row, title, line, "")
                if taught != led:
                    self._enrol(taught, user, "teacher", line)
        elif sheet is GUARDIANS:
            relation = row.choice(columns["relation"]) or "parent"
            yield Role(f"{user}{_SEP}{relation}", line, 0, user, "", relation, 1, "", "", user)
            for child in row.text(columns["children"]).replace(";", ",").split(","):
                if child.strip():
                    other = f"{PUPILS.key}-{child.strip()}"
                    yield Agent(f"{user}{_SEP}{other}", line, 0, user, other, relation)

    def _user(self, row: Row, columns: dict[str, Column], user: str, line: int) -> User:
        text = row.text(columns["iin"]).replace(" ", "")
        if text and not iin.is_well_formed(text):
            row.problem("iin_format", columns["iin"].kk)
            text = ""
        elif text and not iin.has_valid_check_digit(text):
            row.problem("iin_checksum", columns["iin"].kk)
        email = row.text(columns["email"]) if "email" in columns else ""
        if email and not is_email(email):
            row.problem("email_format", columns["email"].kk)
            email = ""
        number = row.text(columns["phone"]) if "phone" in columns else ""
        called = phone(number) if number else ""
        if called is None:
            row.problem("phone_format", columns["phone"].kk)
        if text and "birth" in columns and row.date(columns["birth"]) not in ("", str(iin.birth_date(text))):
            row.problem("iin_date", columns["birth"].kk)
        match = _TITLE.fullmatch(row.text(columns["class"])) if "class" in columns else None
        return User(
            user, line, 0, row.text(columns["username"]), row.name(columns["family"]), row.name(columns["given"]),
            row.name(columns["middle"]), email, called or "", str(int(match[1])) if match else "",
            row.choice(columns["language"]), 1, text,
        )  # fmt: skip

    def _class(self, row: Row, title: str, line: int, shift: str) -> str:
        """The class's id: `7 «Ә»`, `7-ә`, `7Ә` and a Latin `7Ə` are one class. Empty for none."""
        if not title.strip():
            return ""
        match = _TITLE.fullmatch(title)
        if match is None or int(match[1]) > 12:
            row.problem("bad_value", PUPILS.columns[4].kk, title)
            return ""
        grade, letter = str(int(match[1])), match[2].upper()
        # The first spelling names it: a school's earlier files keep their ids, whichever keyboard they were typed on.
        klass = self._spelt.setdefault(fold_title(grade + letter), f"class-{grade}{letter}")
        if klass not in self._classes:
            written = f"{grade} «{letter}»" if letter else grade
            self._classes[klass] = Class(klass, line, 0, written, "homeroom", grade, "", "", shift, "", "", "[]")
        return klass

    def _enrol(self, klass: str, user: str, role: str, line: int, *, is_primary: bool = False) -> None:
        if klass:
            enrolment = f"{klass}-{user}"
            self._later.append(Enrollment(enrolment, line, 0, klass, "", user, role, int(is_primary), "", ""))
