"""The books are whole: every page, picture and question is there and well formed."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

import clients.textbooks
from clients.textbooks.books import Book, shelf

STATIC = Path(clients.textbooks.__file__).parent / "static"
VOID = {"img", "br", "input"}
every_book = pytest.mark.parametrize("book", shelf().values(), ids=lambda book: book.slug)


class Balanced(HTMLParser):
    """Fails on a tag that is not closed in order, an inline style or script."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "style", "iframe")
        assert not {"style", "onclick", "onload"} & dict(attrs).keys()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@every_book
def test_pages_are_well_formed_with_a_picture_and_a_formula(book: Book) -> None:
    assert 4 <= len(book.pages) <= 6
    for page in book.pages:
        parser = Balanced()
        parser.feed(str(page.body))
        assert parser.open == []
        assert "<figure>" in page.body
        assert "<math" in page.body


@every_book
def test_pictures_exist_are_described_and_are_drawings(book: Book) -> None:
    files = [f"img/cover-{book.slug}.svg"]
    for page in book.pages:
        images = re.findall(r'<img src="/static/textbooks/([^"]+)"[^>]* alt="([^"]+)"', page.body)
        assert len(images) == page.body.count("<img")
        files += [file for file, _ in images]
    for file in files:
        root = ET.fromstring((STATIC / file).read_text(encoding="utf-8"))  # our own file
        assert root.tag.endswith("svg")


@every_book
def test_every_question_has_one_right_answer_and_a_reason(book: Book) -> None:
    assert len(book.quiz) >= 4
    for question in book.quiz:
        assert 0 <= question.right < len(question.options)
        assert len(set(question.options)) == len(question.options)
        assert question.why


@every_book
def test_what_surrounds_a_book_has_three_languages(book: Book) -> None:
    assert set(book.subject) == {"kk", "ru", "en"}
    assert book.percent(0) == 0
    assert book.percent(len(book.pages)) == 100


def test_there_is_a_book_in_kazakh_and_one_in_russian() -> None:
    assert [book.lang for book in shelf().values()] == ["kk", "ru"]
