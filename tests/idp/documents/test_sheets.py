"""The printed sheet: everything on it, nothing cut off, letters of Kazakh included."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from idp.documents.sheets import password_sheet
from idp.services.sheets import Sheet, Slip

_NOW = datetime(2026, 9, 1, tzinfo=UTC)
_LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"


def _sheet(count: int, grade: str = "7") -> Sheet:
    slips = tuple(Slip(f"p{n}", f"{_LETTERS} {n}", f"user{n}", f"kadety-sumuna-{n}") for n in range(count))
    return Sheet("c", "7 «Ә»", grade, "№ 12 мектеп-гимназия", "Школа-гимназия № 12", slips)


def _pages(sheet: Sheet, lang: str = "kk") -> list[str]:
    data = password_sheet(sheet, lang=lang, address="https://id.school.example/account", now=_NOW)
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


def test_ten_slips_a_page_with_all_a_pupil_needs() -> None:
    pages = _pages(_sheet(11))
    assert len(pages) == 2
    for text in ("user3", "kadety-sumuna-3", "https://id.school.example/account", "№ 12 мектеп-гимназия", _LETTERS):
        assert text in pages[0]
    assert "user10" in pages[1]


@pytest.mark.parametrize(
    ("lang", "grade", "words"),
    [("kk", "4", "ешкімге айтпа."), ("kk", "5", "ешкімге"), ("ru", "1", "Никому его не говори."),
     ("ru", "", "не говорите")],
)  # fmt: skip
def test_small_pupils_are_addressed_as_friends(lang: str, grade: str, words: str) -> None:
    page = " ".join(_pages(_sheet(1, grade), lang)[0].split())
    assert words in page
    assert ("айтпаңыз" in page or "говорите" in page) is (grade not in ("1", "4"))


def test_a_long_username_is_set_small_not_cut() -> None:
    long = Slip("p", "Ә" * 90, "a" * 64, "kadety-sumuna-47")
    sheet = Sheet("c", "7 «Ә»", "7", "№ 12", "№ 12", (long,))
    assert "a" * 64 in _pages(sheet)[0].replace("\n", "")


def test_the_letters_of_passwords_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _pages(_sheet(1))
    assert [record for record in caplog.records if record.name.startswith("fontTools")] == []
