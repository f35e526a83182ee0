"""The books: a folder each, with `book.json` (title, chapters, quiz) and a file of HTML a page. Read once a process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

_FOLDER = Path(__file__).parent / "books"
_SHELF = ("sandar-men-pishinder", "svet-i-ten")


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    options: tuple[str, ...]
    right: int
    """Index of the right option, from 0."""
    why: str


@dataclass(frozen=True, slots=True)
class Book:
    slug: str
    lang: str
    title: str
    about: str
    subject: dict[str, str]
    """Subject and grade, in the language of the page around the book."""
    pages: tuple[Page, ...]
    quiz: tuple[Question, ...]

    def percent(self, furthest: int) -> int:
        return min(100, round(furthest * 100 / len(self.pages)))


@lru_cache(maxsize=1)
def shelf() -> dict[str, Book]:
    """All books by slug, in the order of the catalogue."""
    return {slug: _read(slug) for slug in _SHELF}


def _read(slug: str) -> Book:
    folder = _FOLDER / slug
    data = json.loads((folder / "book.json").read_text(encoding="utf-8"))
    pages = tuple(
        # Our own files, reviewed like code: markup is meant.
        Page(title, Markup((folder / f"{number}.html").read_text(encoding="utf-8")))  # noqa: S704
        for number, title in enumerate(data["pages"], start=1)
    )
    quiz = tuple(Question(q["text"], tuple(q["options"]), q["right"], q["why"]) for q in data["quiz"])
    return Book(
        slug=slug,
        lang=data["lang"],
        title=data["title"],
        about=data["about"],
        subject=data["subject"],
        pages=pages,
        quiz=quiz,
    )
