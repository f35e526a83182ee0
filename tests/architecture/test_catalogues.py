"""Every text of the templates and the IdP is translated into Kazakh, Russian and English, and nothing else is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
I18N = ROOT / "templates" / "i18n"
LANGUAGES = {"kk": 2, "ru": 3, "en": 2}
"""Plural forms of each; Kazakh has CLDR's `one` and `other`, though the words are the same after a number."""

Key = tuple[str, str]
"""Context and msgid (of a plural, the singular)."""


def _key(message: Message) -> Key:
    return message.context or "", message.id[0] if isinstance(message.id, (tuple, list)) else message.id


@cache
def wanted() -> dict[Key, tuple[str, ...]]:
    """Key to the msgid, or to msgid and msgid_plural."""
    with (I18N / "babel.cfg").open() as file:
        method_map, options_map = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
    found: dict[Key, tuple[str, ...]] = {}
    for folder in ("templates", "idp"):
        for _, _, text, _, context in extract_from_dir(ROOT / folder, method_map, options_map, keywords):
            texts = tuple(text) if isinstance(text, (tuple, list)) else (text,)
            if texts[0]:
                found[context or "", texts[0]] = texts
    return found


@cache
def catalogue(lang: str) -> Catalog:
    with (I18N / lang / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=lang)


def strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string or "",)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}", text))


every_language = pytest.mark.parametrize("lang", LANGUAGES)


@every_language
def test_every_text_is_in_the_catalogue_and_no_other(lang: str) -> None:
    there = {_key(message) for message in catalogue(lang) if message.id}
    assert sorted(set(wanted()) - there) == [], "missing"
    assert sorted(there - set(wanted())) == [], "unused"
    assert not catalogue(lang).obsolete


@every_language
def test_every_translation_is_finished(lang: str) -> None:
    for message in catalogue(lang):
        if message.id:
            assert all(text.strip() for text in strings(message)), message.id
            assert not message.fuzzy, message.id


@every_language
def test_plurals_have_the_forms_of_their_language(lang: str) -> None:
    assert catalogue(lang).num_plurals == LANGUAGES[lang]
    for message in catalogue(lang):
        if message.id:
            plural = len(wanted()[_key(message)]) > 1
            assert len(strings(message)) == (LANGUAGES[lang] if plural else 1), message.id


@every_language
def test_translations_have_the_placeholders_of_their_msgid(lang: str) -> None:
    for message in catalogue(lang):
        if message.id:
            expected = placeholders(wanted()[_key(message)][-1])
            for text in strings(message):
                assert placeholders(text) == expected, text


def test_the_english_text_is_the_msgid_itself() -> None:
    for message in catalogue("en"):
        if message.id:
            assert strings(message) == wanted()[_key(message)]


@every_language
def test_no_case_ending_is_glued_to_a_variable(lang: str) -> None:
    for message in catalogue(lang):
        for text in strings(message) if message.id else ():
            assert not re.search(r"%\(\w+\)[sd][-’']?\w", text), text


def test_kazakh_is_written_in_kazakh_letters() -> None:
    """A Russian text left in the Kazakh catalogue is found by being the same as the Russian one."""
    shared = {"Директор", "Оператор", "Логин", "Код", "Журнал", "Статистика"}
    for message in catalogue("kk"):
        russian = catalogue("ru").get(message.id, message.context) if message.id else None
        if russian is not None and re.search("[а-яё]", strings(message)[0]):
            assert strings(message)[0] != strings(russian)[0] or strings(message)[0] in shared, message.id
