"""Roles in words, for where a service writes a line: the same as the catalogues have."""

from __future__ import annotations

from collections.abc import Mapping

ROLE_WORDS: Mapping[str, tuple[str, str, str]] = {
    "pupil": ("Оқушы", "Ученик", "Pupil"),
    "guardian": ("Ата-ана немесе заңды өкіл", "Родитель или законный представитель", "Parent or guardian"),
    "teacher": ("Мұғалім", "Учитель", "Teacher"),
    "class_teacher": ("Сынып жетекшісі", "Классный руководитель", "Class teacher"),
    "deputy": ("Директордың орынбасары", "Заместитель директора", "Deputy director"),
    "director": ("Директор", "Директор", "Director"),
    "secretary": ("Хатшы", "Секретарь", "Secretary"),
    "data_protection": (
        "Дербес деректерге жауапты тұлға",
        "Ответственный за персональные данные",
        "Data protection officer",
    ),
    "social_pedagogue": ("Әлеуметтік педагог", "Социальный педагог", "Social pedagogue"),
    "nurse": ("Мектеп медбикесі", "Школьная медсестра", "School nurse"),
    "guard": ("Күзетші", "Охранник", "Guard"),
    "canteen": ("Асхана қызметкері", "Работник столовой", "Canteen worker"),
    "staff": ("Қызметкер", "Сотрудник", "Member of staff"),
    "official": ("Білім басқармасының қызметкері", "Сотрудник управления образования", "Education authority"),
    "operator": ("Оператор", "Оператор", "Operator"),
}
"""In Kazakh, Russian and English."""
LANGUAGES = ("kk", "ru", "en")


def role_word(role: str, language: str = "kk") -> str:
    """The role as people call it; a role or language that is not known stays a code or becomes Kazakh."""
    words = ROLE_WORDS.get(role)
    return role if words is None else words[LANGUAGES.index(language) if language in LANGUAGES else 0]
