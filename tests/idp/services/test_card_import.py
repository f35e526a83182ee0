"""Many cards from one file: every line judged, numbers kept nowhere, what was shown is what is done."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from idp.core.errors import Conflict, Invalid
from idp.documents import tables
from idp.services import scope as scopes
from idp.services.card_import import MAX_ROWS
from idp.store.models.cards import Card
from idp.store.models.sessions import OneTimeValue
from tests.factories.console import Console

FILE = """\
username;number;format
pupil;0013961168
TEACHER;"213,02001"
nurse;04A1B2C3;hexr
guard;zz
canteen;0005280984
staff;0005280984
guardian;0000001001
other_pupil;0000001002

director;0000001003
"""


def test_each_line_is_judged_and_the_good_ones_are_given_out_once(console: Console) -> None:
    scope = scopes.of_actor(console.people["secretary"], "secretary", (console.school,))
    imports, cards = console.parts.card_import, console.parts.cards
    cards.issue(scope, console.school, "director", "0000001004", "dec10")
    report = imports.check(scope, console.school, FILE.encode("utf-8-sig"), "dec10")
    assert (report.ready, report.unchanged, report.problems_in_all) == (3, 0, 6)
    assert [(one.line, one.who, one.code) for one in report.problems] == [
        (5, "guard", "card_number_unreadable"), (6, "canteen", "twice_in_file"), (7, "staff", "twice_in_file"),
        (8, "guardian", "card_holder_unknown"), (9, "other_pupil", "card_holder_unknown"),
        (11, "director", "card_already_active"),
    ]  # fmt: skip
    with console.parts.uow.read() as tx:
        kept = repr(list(tx.connection.execute(select(OneTimeValue.data)).scalars()))
        assert len(list(tx.session.scalars(select(Card)))) == 1
    assert "0013961168" not in kept
    assert "04a1b2c3" not in kept
    stranger = scopes.of_actor(console.people["director"], "director", (console.school,))
    other = imports.check(scope, console.school, FILE.encode(), "dec10")
    with pytest.raises(Conflict):
        imports.apply(stranger, console.school, other.ticket)
    assert imports.apply(scope, console.school, report.ticket) == 3
    with pytest.raises(Conflict):
        imports.apply(scope, console.school, report.ticket)
    assert cards.resolve(console.school, "C3B2A104", "hex").person_id == console.people["nurse"]
    again = imports.check(scope, console.school, FILE.encode(), "dec10")
    assert (again.ready, again.unchanged, again.ticket) == (0, 3, "")


def test_workbooks_are_read_as_values_and_anything_else_is_refused(console: Console) -> None:
    from openpyxl import Workbook

    scope = scopes.of_actor(console.people["secretary"], "secretary", (console.school,))
    check = console.parts.card_import.check
    made = tables.xlsx("cards", ["Логин", "№"], [["pupil", "0013961168"], ["teacher", 5280984], ["nurse", 213.02]])
    report = check(scope, console.school, made, "dec10")
    assert (report.ready, [one.line for one in report.problems]) == (2, [4])
    book = Workbook()
    book.active.append(["pupil", "=1+1"])  # type: ignore[union-attr]
    book.save(out := io.BytesIO())
    assert check(scope, console.school, out.getvalue(), "dec10").ready == 0
    for data in (b"PK\x03\x04 nothing", b"\xff\xfe\x00", b'"open', b"a\x00b"):
        with pytest.raises(Invalid) as refused:
            check(scope, console.school, data, "dec10")
        assert refused.value.code == "card_file_unreadable"
    with pytest.raises(Invalid) as long:
        check(scope, console.school, b"a,1\n" * (MAX_ROWS + 1), "dec10")
    assert long.value.code == "card_file_too_long"
