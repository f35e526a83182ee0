"""documents/consent_card: one sheet that a parent understands, with no number of the state on it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from idp.documents.consent_card import consent_card, lines
from idp.services.consent_document import written
from idp.services.consent_reading import Evidence
from idp.store.consent_records import RecordRow
from idp.store.consent_texts import TextRow
from tests.factories.consent_ground import draft

GIVEN = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)


def evidence(language: str, channel: str, **proof: str) -> Evidence:
    whole = draft()
    text = TextRow(
        "t", "s", "visits", "", 2, whole.title, whole.body, whole.contents, "0" * 64, "p", GIVEN, GIVEN, None
    )
    row = RecordRow(
        "r", "s", "t", "visits", "", "p", "g", "parent", channel, language, "given", proof, b"seal", GIVEN,
        date(2027, 6, 1), None, GIVEN, "g", date(2026, 9, 22), None, "", 2, "0" * 64, whole.title, "withdrawn",
    )  # fmt: skip
    document = written(text, language, subject="Серікова Айгерім", signer="Серікова Гүлнара", relation="parent")
    return Evidence(row, text, True, document, "Серікова Гүлнара", "Серікова Айгерім")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_card_is_the_same_each_time(language: str) -> None:
    made = evidence(language, "mfa")
    assert consent_card(made).startswith(b"%PDF-")
    assert consent_card(made) == consent_card(made)


def test_it_says_how_and_until_when() -> None:
    said = dict(lines(evidence("ru", "paper", number="17", date="2026-09-01")))
    assert said["channel"] == "Бумага № 17, 2026-09-01"
    assert (said["expires"], said["stop_by"]) == ("01.06.2027", "22.09.2026")
    assert said["at"] == "01.09.2026 08:00:00 (UTC+0500)"
    assert "stopped" not in said
