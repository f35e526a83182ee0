"""Many cards from one file: looked at line by line first, then given out, each as if by hand.

CSV or XLSX with two columns: who (username, or our id of the person) and the card's number; a third one may name the
number's format. Between the look and the act only hashes are kept, for half an hour and good once: no number lies
anywhere in clear, and what was shown is what is done.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from idp.core.card_number import CardNumber
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid
from idp.core.ids import new_secret
from idp.core.scope import Scope
from idp.oneroster.container import check_entries
from idp.oneroster.errors import Problems, Unreadable
from idp.services.cards import Cards
from idp.store import audit, cards, one_time
from idp.store.cards import Hashes
from idp.store.session import UnitOfWork

MAX_BYTES = 2 << 20
MAX_ROWS = 5000
MAX_PROBLEMS = 200
_UNPACKED = 32 << 20
_PURPOSE = "card_import"
_GOOD_FOR = timedelta(minutes=30)
_BROKEN = (
    Unreadable, zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, TypeError, SyntaxError, IndexError,
    EOFError, AttributeError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What openpyxl and zipfile raise over a file that only looks like a workbook."""
_HEADINGS = {"username", "логин", "id", "who"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file; `number` counts from 1."""

    number: int
    who: str
    text: str
    format: str


@dataclass(frozen=True, slots=True)
class LineProblem:
    """`code` as in `Cards.issue`, or `twice_in_file`. The number itself is not repeated."""

    line: int
    who: str
    code: str


@dataclass(frozen=True, slots=True)
class Report:
    """`ticket` is what `apply` takes; empty when nothing would be given out."""

    ready: int
    unchanged: int
    problems: Sequence[LineProblem]
    problems_in_all: int
    ticket: str


class CardImport:
    def __init__(self, uow: UnitOfWork, clock: Clock, register: Cards) -> None:
        self._uow = uow
        self._clock = clock
        self._cards = register

    def check(self, scope: Scope, school_id: str, data: bytes, format_: str = "") -> Report:
        """What each line would do; nothing is changed.

        Raises Invalid (`card_file_unreadable`, `card_file_too_long`).
        """
        lines = list(_lines(data))
        chosen = format_ or self._cards.number_format(school_id)
        read: dict[int, tuple[Line, CardNumber, Hashes]] = {}
        problems: list[LineProblem] = []
        for line in lines:
            try:
                number = self._cards.read(school_id, line.text, line.format or chosen)
            except Invalid as error:
                problems.append(LineProblem(line.number, line.who, error.code))
            else:
                read[line.number] = (line, number, self._cards.hashes(number, school_id))
        plan, unchanged = self._plan(scope, read, problems)
        problems.sort(key=lambda one: one.line)
        ticket = self._keep(scope, school_id, plan) if plan else ""
        return Report(len(plan), unchanged, problems[:MAX_PROBLEMS], len(problems), ticket)

    def _plan(
        self, scope: Scope, read: dict[int, tuple[Line, CardNumber, Hashes]], problems: list[LineProblem]
    ) -> tuple[list[dict[str, str]], int]:
        """Rows to give out; adds to `problems`, and counts cards that their holders have already."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            known = cards.holders(tx, scope, list({_folded(line.who) for line, _, _ in read.values()}), today=today)
            active = cards.active_of(tx, scope, list(set(known.values())))
            taken = cards.holders_of_numbers(tx, "", [hashes.number for _, _, hashes in read.values()])
        people = Counter(known.get(_folded(line.who), "") for line, _, _ in read.values())
        numbers = Counter(hashes.number for _, _, hashes in read.values())
        plan, unchanged = [], 0
        for line, number, hashes in read.values():
            person = known.get(_folded(line.who), "")
            held = active.get(person)
            code = ""
            if not person:
                code = "card_holder_unknown"
            elif people[person] > 1 or numbers[hashes.number] > 1:
                code = "twice_in_file"
            elif held is not None and held[1] == hashes.number:
                unchanged += 1
                continue
            elif held is not None:
                code = "card_already_active"
            elif hashes.number in taken:
                code = "card_number_taken"
            if code:
                problems.append(LineProblem(line.number, line.who, code))
                continue
            short = "" if hashes.short is None else hashes.short.hex()
            plan.append({"person": person, "number": hashes.number.hex(), "short": short, "hint": number.hint})
        return plan, unchanged

    def _keep(self, scope: Scope, school_id: str, plan: list[dict[str, str]]) -> str:
        ticket = new_secret()
        kept: dict[str, Any] = {"school": school_id, "by": scope.person, "plan": plan}
        with self._uow.write() as tx:
            one_time.put(tx, ticket, purpose=_PURPOSE, data=kept, now=self._clock.now(), ttl=_GOOD_FOR)
        return ticket

    def apply(self, scope: Scope, school_id: str, ticket: str) -> int:
        """Gives out what was looked at, all or nothing; returns how many cards.

        Raises Conflict when it was done already, when the look is too old, or when somebody was faster with a card.
        """
        now = self._clock.now()
        with self._cards.writing() as tx:
            kept = one_time.consume(tx, ticket, purpose=_PURPOSE, now=now)
            if kept is None or (kept["school"], kept["by"]) != (school_id, scope.person):
                raise Conflict("done already, or looked at too long ago", code="card_import_over")
            plan = kept["plan"]
            known = cards.holders(tx, scope, [row["person"] for row in plan], today=local_date(now))
            for row in plan:
                if row["person"] not in known:
                    raise Conflict("somebody has left meanwhile", code="card_changed")
                short = bytes.fromhex(row["short"]) if row["short"] else None
                hashes = Hashes(bytes.fromhex(row["number"]), short, is_whole=row["short"] != row["number"])
                self._cards.add(tx, scope, school_id, row["person"], hashes, row["hint"], by="import")
            audit.record(
                tx, event="cards_imported", now=now, actor_id=scope.person, school_id=school_id,
                data={"cards": len(plan)},
            )  # fmt: skip
        return len(plan)


def _folded(who: str) -> str:
    return who.strip().casefold()


def _lines(data: bytes) -> Iterator[Line]:
    rows = _xlsx(data) if data[:2] == b"PK" else _csv(data)
    count = 0
    for number, cells in rows:
        values = [cell.strip() for cell in (*cells, "", "", "")][:3]
        if not any(values) or (number == 1 and values[0].casefold() in _HEADINGS):
            continue
        count += 1
        if count > MAX_ROWS:
            raise Invalid(f"more than {MAX_ROWS} lines", code="card_file_too_long")
        yield Line(number, values[0][:64], values[1], values[2])


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Comma, semicolon or tab; a number with a comma stands in quotes, or the separator is another."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("the file is no UTF-8", code="card_file_unreadable") from error
    if "\x00" in text:
        raise Invalid("the file is no CSV", code="card_file_unreadable")
    first = text.split("\n", 1)[0]
    delimiter = max("\t;,", key=first.count)
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), start=1)
    except csv.Error as error:
        raise Invalid("the file is no CSV", code="card_file_unreadable", detail=str(error)) from error


def _xlsx(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The first sheet, read as plain values: a formula is refused, never computed."""
    from idp.oneroster.xlsx import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_entries(archive, "cards", Problems(), max_total=_UNPACKED)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        for number, cells in enumerate(book.worksheets[0].iter_rows(max_col=3, values_only=True), start=1):
            yield number, [_cell(value) for value in cells]
        book.close()
    except _BROKEN as error:
        raise Invalid("no workbook", code="card_file_unreadable", detail=type(error).__name__) from error


def _cell(value: Any) -> str:
    """A number that a spreadsheet took for one loses its leading zeros, which no format needs; with a comma it loses
    zeros that count (213,02000), and is refused."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ""
    text = "" if value is None else str(value)
    return "" if text.startswith("=") else text
