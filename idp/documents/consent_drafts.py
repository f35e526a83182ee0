"""Drafts of consents to begin a version from: whole files per purpose and language, ours, no legal advice.

Format and warning: `templates/consent/texts/README.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from idp.services.consent_contents import LANGUAGES, PASSING
from idp.services.consent_texts import Draft

FOLDER = "consent/texts"


def draft(templates: Path, purpose: str, school: Mapping[str, Any]) -> Draft:
    """The draft of a purpose, with the school's name and БИН; empty for a purpose that has none, such as `other`.

    `school` has `name name_ru identifier`, as `ConsentTexts.school` gives it.
    """
    read = {language: _read(templates / FOLDER / f"{purpose}.{language}.txt") for language in LANGUAGES}
    heads = {language: head for language, (head, _body) in read.items()}
    days = heads["kk"].get("term_days", "")
    contents: dict[str, Any] = {
        "operator_name": {"kk": school["name"], "ru": school["name_ru"] or school["name"]},
        "operator_bin": school["identifier"],
        "term_days": int(days) if days else None,
        "term_text": {language: heads[language].get("term", "") for language in LANGUAGES},
        "data": {language: _list(heads[language].get("data", "")) for language in LANGUAGES},
        "notes": {language: heads[language].get("notes", "") for language in LANGUAGES},
        "audience": heads["kk"].get("audience", "pupils"),
    }
    for name in PASSING:
        said = {language: heads[language].get(name, "no").partition(" ") for language in LANGUAGES}
        contents[name] = {"is": said["kk"][0] == "yes"} | {language: said[language][2] for language in LANGUAGES}
    title = {language: heads[language].get("title", "") for language in LANGUAGES}
    return Draft(title, {language: body for language, (_head, body) in read.items()}, contents)


def _read(path: Path) -> tuple[dict[str, str], str]:
    if not path.is_file():
        return {}, ""
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    pairs = (line.partition(": ") for line in head.splitlines())
    return {name: value for name, _, value in pairs}, body.strip()


def _list(words: str) -> list[str]:
    return [one.strip() for one in words.split(";") if one.strip()]
