"""One cell at a time: dates, words, phones. Everything that reads a cell's text is here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from idp.oneroster.errors import Problems
from idp.oneroster.schema import Header

MAX_TEXT = 255
MAX_SOURCED_ID = 255
FORMULA_START = ("=", "+", "-", "@")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_EMAIL = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]{2,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_GRADES = {"KG": "0", "PK": "0", "PR": "0", "TK": "0", "IT": "0"} | {
    text: str(number) for number in range(13) for text in (str(number), f"{number:02d}")
}
LANGUAGES = ("kk", "ru", "en", "ug", "uz", "tg")
_SECRET_COLUMNS = frozenset({"password", "metadata.iin"})


@lru_cache(maxsize=4096)
def iso_date(text: str) -> bool:
    """True for a real date written as 2026-09-01."""
    # fromisoformat would take a week date such as 2026-W01-1 as well.
    if len(text) != 10 or not text.isascii() or text[4] != "-" or text[7] != "-":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _is_moment(text: str) -> bool:
    return bool(_MOMENT.fullmatch(text)) and iso_date(text[:10])


@lru_cache(maxsize=1024)
def grade(text: str) -> str | None:
    """`09` and `KG` as Kazakh schools count: 0 to 12. Empty for several grades at once, None for an unknown one."""
    parts = [part.strip().upper() for part in text.split(",") if part.strip()]
    if any(part not in _GRADES for part in parts):
        return None
    return _GRADES[parts[0]] if len(parts) == 1 else ""


def phone(text: str) -> str | None:
    """E.164, or None. `8 7XX` and bare `7XX` of ten digits are read as Kazakh mobiles (order-456 reference F8)."""
    digits = re.sub(r"[\s()./-]", "", text)
    if re.fullmatch(r"\+[1-9]\d{9,14}", digits):
        return digits if not digits.startswith("+7") or len(digits) == 12 else None
    if re.fullmatch(r"[78]7\d{9}", digits):
        return "+7" + digits[1:]
    return "+7" + digits if re.fullmatch(r"7\d{9}", digits) else None


def is_email(text: str) -> bool:
    return len(text) <= MAX_TEXT and _EMAIL.fullmatch(text) is not None


class Cells:
    """The row being read. One object serves a whole file, so that 600 000 rows make no 600 000 objects."""

    def __init__(self, file: str, header: Header, problems: Problems, *, is_delta: bool) -> None:
        self.file = file
        self.line = 0
        self.ended = False
        self._header = header
        self._places = header.places
        self._problems = problems
        self._is_delta = is_delta
        self._row: list[str] = []

    def load(self, line: int, row: list[str]) -> bool:
        """Takes the next row and reads its status; False when the row cannot be used."""
        if len(row) != self._header.width:
            self._problems.add("row_width", self.file, line, value=f"{len(row)} ≠ {self._header.width}")
            return False
        self.line = line
        self._row = row
        self.ended = self._status() == "tobedeleted"
        return True

    def has(self, column: str) -> bool:
        return column in self._places

    def raw(self, column: str) -> str:
        place = self._places.get(column)
        return "" if place is None else self._row[place].strip()

    def problem(self, code: str, column: str = "", value: str = "") -> None:
        self._problems.add(code, self.file, self.line, column, "" if column in _SECRET_COLUMNS else value)

    def text(self, column: str, *, limit: int = MAX_TEXT) -> str:
        """The cell, trimmed; reports an empty required one (a row that only ends a record may leave it out)."""
        value = self.raw(column)
        if not value:
            if column in self._header.required and not self.ended:
                self.problem("value_missing", column)
            return ""
        if len(value) > limit:
            self.problem("text_too_long", column, value)
        return value

    def sourced_id(self) -> str:
        value = self.raw("sourcedId")
        if not value:
            self.problem("value_missing", "sourcedId")
        elif len(value) > MAX_SOURCED_ID:
            self.problem("text_too_long", "sourcedId", value)
        elif not value.isprintable():
            self.problem("control_character", "sourcedId", value)
        return value

    def name(self, column: str) -> str:
        """Text shown to people, in NFC. A leading `=` would run in the spreadsheet of whoever exports it again."""
        value = unicodedata.normalize("NFC", self.text(column))
        if value.startswith(FORMULA_START):
            self.problem("formula", column, value)
        if _CONTROL.search(value):
            self.problem("control_character", column, value)
        return value

    def date(self, column: str) -> str:
        """ISO text, empty when the cell is empty or wrong."""
        value = self.text(column)
        if value and not iso_date(value):
            self.problem("bad_date", column, value)
            return ""
        return value

    def word(self, column: str, allowed: Mapping[str, str]) -> str:
        """A word of an enumeration, as our own value; empty when missing or unknown."""
        value = self.text(column)
        if not value or value in allowed:
            return allowed.get(value, "")
        folded = {word.lower(): ours for word, ours in allowed.items()}
        if value.lower() in folded:
            self.problem("letter_case", column, value)
            return folded[value.lower()]
        self.problem("bad_value", column, value)
        return ""

    def refs(self, column: str) -> list[str]:
        """A comma-separated list of ids, each once, in order."""
        value = self.raw(column)
        if not value:
            return []
        return list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))

    def period(self) -> tuple[str, str]:
        """`beginDate` and `endDate`."""
        begin, end = self.date("beginDate"), self.date("endDate")
        if begin and end and begin > end:
            self.problem("dates_reversed", "beginDate", f"{begin} > {end}")
        return begin, end

    def grade(self) -> str:
        value = self.raw("grades")
        found = grade(value)
        if found is None:
            self.problem("grade_unknown", "grades", value)
        return found or ""

    def phone(self) -> str:
        """The mobile if there is one, else the other number."""
        for column in ("sms", "phone"):
            value = self.raw(column)
            if value:
                found = phone(value)
                if found is not None:
                    return found
                self.problem("phone_format", column)
        return ""

    def _status(self) -> str:
        value = self.raw("status")
        changed = self.raw("dateLastModified")
        if changed and not _is_moment(changed):
            self.problem("bad_date", "dateLastModified", changed)
        if not self._is_delta and (value or changed):
            self.problem("bulk_status", "status" if value else "dateLastModified")
        if value == "active":
            return value
        if not value:
            if self._is_delta:
                self.problem("status_missing", "status")
            return "active"
        if value.lower() == "inactive":
            self.problem("inactive", "status", value)
            return "tobedeleted"
        return self.word("status", {"active": "active", "tobedeleted": "tobedeleted"}) or "active"
