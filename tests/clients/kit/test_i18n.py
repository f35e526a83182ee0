"""Every text of the clients is there in three languages, and a page finds its language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from clients.kit.i18n import long_date
from tests.fakes.client_browser import World

ROOT = Path(__file__).resolve().parents[3]
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
every_part = pytest.mark.parametrize("part", ["kit", "cabinet", "textbooks", "lms"])
every_language = pytest.mark.parametrize("lang", ["kk", "ru", "en"])


def texts(part: str) -> set[str | tuple[str, ...]]:
    found = extract_from_dir(ROOT / "clients" / part, METHODS, None, DEFAULT_KEYWORDS)
    return {tuple(text) if isinstance(text, list | tuple) else text for _, _, text, _, _ in found if text}


def catalogue(part: str, lang: str) -> Catalog:
    with (ROOT / "clients" / part / "i18n" / lang / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=lang)


@every_part
@every_language
def test_every_text_is_translated_and_no_other(part: str, lang: str) -> None:
    there = {
        tuple(message.id) if isinstance(message.id, list | tuple) else message.id
        for message in catalogue(part, lang)
        if message.id
    }
    assert there == texts(part)


@every_part
@every_language
def test_translations_are_finished_and_keep_their_placeholders(part: str, lang: str) -> None:
    for message in catalogue(part, lang):
        ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if not message.id:
            continue
        assert not message.fuzzy
        for text in strings:
            assert text
            assert set(PLACEHOLDER.findall(str(text))) == set(PLACEHOLDER.findall(ids[-1])), text
            assert not re.search(r"%\(\w+\)[sd][-’']?\w", str(text)), "no case ending is glued to a variable"
        if lang == "en":
            assert tuple(strings) == tuple(ids)


@every_part
def test_kazakh_is_not_russian(part: str) -> None:
    russian = catalogue(part, "ru")
    for message in catalogue(part, "kk"):
        if message.id and re.search("[а-я]", str(message.string)):
            other = russian.get(message.id)
            assert other is not None
            assert other.string != message.string, message.id


@pytest.mark.parametrize(
    ("query", "cookie", "claim", "browser", "expected"),
    [
        ("ru", "en", "kk", "en", "ru"),
        ("de", "en", "kk", "ru", "en"),
        ("", "", "ru", "en", "ru"),
        ("", "", "", "en-GB,en;q=0.8", "en"),
        ("", "xx", "", "de", "kk"),
        ("", "", "", "", "kk"),
    ],
)
def test_the_language_is_asked_then_kept_then_known_then_guessed(
    cabinet: World, query: str, cookie: str, claim: str, browser: str, expected: str
) -> None:
    cabinet.provider.person |= {"locale": claim}
    visitor = cabinet.browser()
    visitor.sign_in()
    if cookie:
        visitor.client.set_cookie("bilim_lang", cookie, domain="localhost")
    answer = visitor.get("/", query_string={"lang": query} if query else {}, headers={"Accept-Language": browser})
    assert f'<html lang="{expected}">' in answer.text


def test_a_chosen_language_is_kept(cabinet: World) -> None:
    visitor = cabinet.browser()
    visitor.get("/?lang=ru")
    assert '<html lang="ru">' in visitor.get("/").text
    assert 'href="/?lang=en"' in visitor.get("/").text


@pytest.mark.parametrize(
    ("lang", "text"), [("kk", "2 қыркүйек 2026 ж."), ("ru", "2 сентября 2026 г."), ("en", "2 September 2026")]
)
def test_dates_are_of_almaty_and_of_the_language(cabinet: World, lang: str, text: str) -> None:
    with cabinet.app.test_request_context(f"/?lang={lang}"):
        assert long_date(datetime(2026, 9, 1, 20, 0, tzinfo=UTC)) == text
