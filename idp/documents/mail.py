"""Letters: a text file per kind and language, whose first line is the subject; the same in HTML for who reads that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES = ("kk", "ru", "en")
LETTERS = ("sign_in_code", "address_code", "password_code", "security_notice")


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str


def render(letter: str, language: str, values: Mapping[str, str]) -> Mail:
    """One of LETTERS in one of LANGUAGES, Kazakh for any other. Raises `jinja2.UndefinedError` for a missing value."""
    lang = language if language in LANGUAGES else LANGUAGES[0]
    whole = _environment(is_html=False).get_template(f"{letter}.{lang}.txt").render(values)
    subject, _, text = whole.partition("\n")
    text = text.strip()
    code = values.get("code", "")
    paragraphs = [(part, bool(code) and part == code) for part in text.split("\n\n")]
    layout = _environment(is_html=True).get_template("layout.html")
    html = layout.render(lang=lang, subject=subject, paragraphs=paragraphs)
    return Mail(" ".join(subject.split()), text + "\n", html)


@cache
def _environment(*, is_html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    here = Path(__file__).resolve()
    inside = here.parents[1] / "templates"  # In a wheel; beside the package in a checkout.
    folder = inside if inside.is_dir() else here.parents[2] / "templates"
    loader = FileSystemLoader(folder / "email")
    return Environment(loader=loader, autoescape=is_html, undefined=StrictUndefined, trim_blocks=True)  # noqa: S701
