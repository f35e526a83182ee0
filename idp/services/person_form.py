"""What a form about a person says, checked: names, birth date, sex, language, e-mail, phone, ИИН."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from idp.core import iin as iins
from idp.core.errors import Invalid
from idp.core.names import search_key, search_words, sort_key
from idp.oneroster import values

LONGEST = 100
LANGUAGES = ("kk", "ru", "en")
SEXES = ("", "female", "male")
_OLDEST_YEAR = 1900
_FIELDS = ("family_name", "given_name", "middle_name", "birth_date", "sex", "language", "email", "phone")


class Mistakes(Invalid):
    """`fields` says by field what is wrong, in a word that the page translates; `person_id` whom a clash is with."""

    code = "form_mistakes"

    def __init__(self, fields: Mapping[str, str], person_id: str = "") -> None:
        super().__init__(", ".join(f"{name}: {what}" for name, what in fields.items()))
        self.fields = fields
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class PersonInput:
    """Good values, as the columns of `people` have them."""

    family_name: str
    given_name: str
    middle_name: str
    birth_date: date | None
    sex: str
    language: str
    email: str
    phone: str

    @property
    def columns(self) -> dict[str, Any]:
        """With the keys that names are sorted and searched by."""
        parts = (self.family_name, self.given_name, self.middle_name)
        return asdict(self) | {"sort_key": sort_key(*parts), "search_key": search_key(*parts)}


def read(form: Mapping[str, str], *, today: date) -> tuple[PersonInput, dict[str, str]]:
    """The input, and mistakes by field; with any, the input is not to be used.

    One word is a name: then only one of family and given name is there (order-456 reference F10).
    """
    text = {name: _plain(form.get(name, "")) for name in _FIELDS}
    wrong: dict[str, str] = {}
    names = ("family_name", "given_name", "middle_name")
    for name in names:
        if len(text[name]) > LONGEST or not _is_name(text[name]):
            wrong[name] = "name"
    if not search_words(text["family_name"], text["given_name"]):
        wrong.setdefault("given_name", "missing")
    born = _date(text["birth_date"])
    if text["birth_date"] and (born is None or not date(_OLDEST_YEAR, 1, 1) <= born <= today):
        wrong["birth_date"] = "date"
    if text["sex"] not in SEXES:
        wrong["sex"] = "choice"
    if text["language"] not in LANGUAGES:
        wrong["language"] = "choice"
    if text["email"] and not values.is_email(text["email"]):
        wrong["email"] = "email"
    phone = values.phone(text["phone"]) if text["phone"] else ""
    if phone is None:
        wrong["phone"] = "phone"
    given = (text["family_name"], text["given_name"], text["middle_name"])
    return PersonInput(*given, born, text["sex"], text["language"], text["email"], phone or ""), wrong


def read_iin(text: str, born: date | None, *, is_dev: bool) -> tuple[str, str]:
    """The number without spaces and what is wrong with it: `iin`, `iin_check`, `iin_birth_date` or nothing.

    A check digit that fails is let through where made-up numbers live.
    """
    number = iins.bare(_plain(text))
    if not number:
        return "", ""
    if not iins.is_well_formed(number):
        return number, "iin"
    if not is_dev and not iins.has_valid_check_digit(number):
        return number, "iin_check"
    return number, "iin_birth_date" if born and iins.birth_date(number) != born else ""


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.replace("\x00", "")).split())


def _is_name(text: str) -> bool:
    return all(c.isalpha() or c in " -'’." or unicodedata.combining(c) for c in text)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
