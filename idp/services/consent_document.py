"""A consent as a text to read, sign and print: the school's words, and the eight contents of art. 8(4) by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from idp.store.consent_texts import TextRow

WORDS: Mapping[str, Mapping[str, str]] = {
    "kk": {
        "heading": "ДЕРБЕС ДЕРЕКТЕРДІ ЖИНАУҒА ЖӘНЕ ӨҢДЕУГЕ КЕЛІСІМ",
        "operator_name": "Оператор",
        "operator_bin": "Оператордың БСН-і",
        "subject": "Деректер субъектісі",
        "signer": "Келісім беруші",
        "relation": "Кім ретінде",
        "term": "Мерзімі",
        "third_parties": "Үшінші тұлғаларға беру",
        "cross_border": "Шетелге беру",
        "published": "Жалпыға қолжетімді дереккөзде жариялау",
        "data": "Деректер тізбесі",
        "notes": "Өзге мәліметтер",
        "days": "{days} күн, бірақ мектептен кеткен күннен ұзақ емес",
        "until": "{day} дейін жарамды",
        "no": "Жоқ",
        "version": "Мәтін нұсқасы {version}. SHA-256: {sha256}",
    },
    "ru": {
        "heading": "СОГЛАСИЕ НА СБОР И ОБРАБОТКУ ПЕРСОНАЛЬНЫХ ДАННЫХ",
        "operator_name": "Оператор",
        "operator_bin": "БИН оператора",
        "subject": "Субъект данных",
        "signer": "Кто даёт согласие",
        "relation": "В качестве",
        "term": "Срок",
        "third_parties": "Передача третьим лицам",
        "cross_border": "Трансграничная передача",
        "published": "Распространение в общедоступных источниках",
        "data": "Перечень данных",
        "notes": "Иные сведения",
        "days": "{days} дн., но не дольше дня ухода из школы",
        "until": "Действует до {day}",
        "no": "Нет",
        "version": "Редакция текста {version}. SHA-256: {sha256}",
    },
}
RELATIONS: Mapping[str, tuple[str, str]] = {
    "self": ("субъектінің өзі", "сам субъект"),
    "parent": ("ата-анасы", "родитель"),
    "adopter": ("асырап алушы", "усыновитель"),
    "guardian": ("қорғаншы", "опекун"),
    "trustee": ("қамқоршы", "попечитель"),
    "foster_parent": ("патронат тәрбиеші ата-ана", "приёмный родитель"),
    "foster_carer": ("кәсіби қабылдаушы тәрбиеші", "профессиональный приёмный воспитатель"),
    "patronage_carer": ("патронат тәрбиеші", "патронатный воспитатель"),
    "other": ("өзге заңды өкіл", "иной законный представитель"),
}
"""In kk and ru, by `relation` of a record."""


def language_of(wanted: str) -> str:
    """Legal texts are in Kazakh and Russian; who reads English gets the Kazakh one."""
    return wanted if wanted in WORDS else "kk"


def relation_word(relation: str, language: str) -> str:
    return RELATIONS.get(relation, RELATIONS["other"])[language == "ru"]


def facts(text: TextRow, language: str) -> list[tuple[str, list[str]]]:
    """(word of WORDS, lines) of the contents that a text itself holds, for pages and documents."""
    words, contents = WORDS[language], text.contents
    rows = [
        ("operator_name", [str(contents["operator_name"][language])]),
        ("operator_bin", [str(contents["operator_bin"])]),
        ("term", _term(contents, language)),
    ]
    for name in ("third_parties", "cross_border", "published"):
        said = contents[name]
        rows.append((name, [str(said[language])] if said["is"] else [str(said.get(language) or words["no"])]))
    return [*rows, ("data", list(contents["data"][language])), ("notes", [str(contents["notes"][language])])]


def written(
    text: TextRow, language: str, *, subject: str, signer: str, relation: str, until: date | None = None
) -> str:  # fmt: skip
    """The whole as plain text: what is signed with an ЭЦҚ, and what proof shows."""
    words = WORDS[language]
    rows = facts(text, language)
    people = [("subject", [subject]), ("signer", [signer]), ("relation", [relation_word(relation, language)])]
    lines = [words["heading"], "", str(text.title[language]), "", str(text.body[language]).strip(), ""]
    for name, values in [*rows[:2], *people, *rows[2:]]:
        lines.append(f"{words[name]}: {'; '.join(values)}")
    if until is not None:
        lines.append(words["until"].format(day=f"{until:%d.%m.%Y}"))
    lines += ["", words["version"].format(version=text.version, sha256=text.sha256)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _term(contents: Mapping[str, Any], language: str) -> list[str]:
    days, text = contents.get("term_days"), (contents.get("term_text") or {}).get(language)
    said = [WORDS[language]["days"].format(days=days)] if days else []
    return [*said, *([str(text)] if text else [])]
