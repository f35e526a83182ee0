"""Name forms of made-up people."""

from __future__ import annotations

import pytest

from idp.services.region_names import family_name, patronymic


@pytest.mark.parametrize(
    ("stem", "sex", "language", "expected"),
    [("Серік", "male", "kk", "Серіков"), ("Серік", "female", "kk", "Серікова"), ("Қыдыр", "female", "kk", "Қыдыр"),
     ("Шевченко", "female", "ru", "Шевченко"), ("Иванов", "female", "ru", "Иванова")],
)  # fmt: skip
def test_family_names_agree(stem: str, sex: str, language: str, expected: str) -> None:
    assert family_name(stem, sex, language) == expected


@pytest.mark.parametrize(
    ("father", "sex", "language", "expected"),
    [("Нұрлан", "female", "kk", "Нұрланқызы"), ("Марат", "male", "kk", "Маратұлы"),
     ("Андрей", "female", "ru", "Андреевна"), ("Никита", "male", "ru", "Никитич")],
)  # fmt: skip
def test_patronymics_agree(father: str, sex: str, language: str, expected: str) -> None:
    assert patronymic(father, sex, language) == expected
