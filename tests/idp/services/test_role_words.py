"""Roles in words."""

from __future__ import annotations

from babel.messages.pofile import read_po

from idp.services.role_words import LANGUAGES, ROLE_WORDS, role_word
from idp.store.models.people import ROLES
from tests.fakes.source import ROOT


def test_every_role_has_the_words_of_the_catalogues() -> None:
    assert set(ROLE_WORDS) == set(ROLES)
    for language in LANGUAGES:
        with (ROOT / f"templates/i18n/{language}/LC_MESSAGES/messages.po").open("rb") as file:
            catalogue = read_po(file, locale=language)
        for role in ROLES:
            assert catalogue[role_word(role, "en")].string == role_word(role, language)


def test_what_is_not_known_stays_a_code_or_becomes_kazakh() -> None:
    assert role_word("cook", "ru") == "cook"
    assert role_word("guard", "de") == "Күзетші"
