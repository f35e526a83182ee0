"""services/consent_document: what is signed holds everything that the law wants."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from idp.services import consent_document
from idp.services.signing_submission import is_unseen
from idp.store.consent_texts import TextRow
from idp.store.models.people import GUARDIAN_RELATIONS
from tests.factories.consent_ground import PASSING, contents, draft

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def text(**changes: object) -> TextRow:
    whole = draft(contents=contents(**changes))
    return TextRow("t", "s", "lms", "lms", 3, whole.title, whole.body, whole.contents, "ab" * 32, "p", NOW, NOW, None)


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_all_eight_contents_are_in_the_document(language: str) -> None:
    asked = text(third_parties=PASSING)
    made = consent_document.written(
        asked, language, subject="Серікова Айгерім", signer="Серікова Гүлнара", relation="parent",
        until=date(2027, 6, 1),
    )  # fmt: skip
    words = consent_document.WORDS[language]
    for name in (
        "operator_name",
        "operator_bin",
        "subject",
        "term",
        "third_parties",
        "cross_border",
        "published",
        "data",
        "notes",
    ):
        assert f"\n{words[name]}: " in made
    for value in (
        "140240000018",
        "Серікова Айгерім",
        "Серікова Гүлнара",
        "300",
        PASSING[language],
        "01.06.2027",
        "ab" * 32,
    ):
        assert str(value) in made
    assert not any(map(is_unseen, made))


def test_every_relation_has_words_and_english_readers_get_kazakh() -> None:
    assert set(consent_document.RELATIONS) == {"self", *GUARDIAN_RELATIONS}
    assert consent_document.relation_word("cousin", "ru") == consent_document.relation_word("other", "ru")
    assert [consent_document.language_of(one) for one in ("kk", "ru", "en", "")] == ["kk", "ru", "kk", "kk"]


def test_a_term_only_in_words_is_said_in_words() -> None:
    assert dict(consent_document.facts(text(term_days=None), "ru"))["term"] == ["До конца учебного года"]
