"""documents/mail: letters in three languages."""

from __future__ import annotations

import re

import pytest
from jinja2 import UndefinedError

from idp.documents.mail import LANGUAGES, LETTERS, render

VALUES = {"name": "Гүлнара <b>", "username": "gulnara", "code": "012345", "site": "https://id.mektep.example"}
CHANGES = (
    "passkey_added", "passkey_removed", "totp_added", "totp_removed", "codes_made", "code_used", "second_step_on",
    "second_step_off", "factors_reset", "address_changed", "address_removed", "password_changed",
    "first_password", "role_added", "role_ended", "sessions_ended", "iin_changed",
)  # fmt: skip


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_says_the_same_in_text_and_html_in_each_language(letter: str) -> None:
    subjects = set()
    for language in LANGUAGES:
        mail = render(letter, language, VALUES | {"what": "totp_added"})
        subjects.add(mail.subject)
        assert "\n" not in mail.subject
        assert "Гүлнара <b>" in mail.text
        assert "Гүлнара &lt;b&gt;" in mail.html
        assert f'<html lang="{language}">' in mail.html
        assert ("012345" in mail.text) is (letter != "security_notice")
        assert re.findall(r"https?://[\w.]+", mail.text) == ["https://id.mektep.example"], "no link but our address"
        assert "{{" not in mail.text + mail.html
    assert len(subjects) == 3


def test_every_change_has_its_sentence_and_an_unknown_language_is_kazakh() -> None:
    for language in LANGUAGES:
        sentences = {render("security_notice", language, VALUES | {"what": what}).text for what in CHANGES}
        assert len(sentences) == len(CHANGES)
    assert render("sign_in_code", "uz", VALUES) == render("sign_in_code", "kk", VALUES)


def test_a_missing_value_is_a_mistake_and_no_empty_letter() -> None:
    with pytest.raises(UndefinedError):
        render("sign_in_code", "kk", {"name": "Г"})
