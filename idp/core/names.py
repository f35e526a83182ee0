"""People's names: how they are shown, sorted, searched, and turned into usernames.

Kazakh Cyrillic has 42 letters and its alphabetical order is not code-point order (order-456 reference F10).
A patronymic is optional and never built from anything.
"""

from __future__ import annotations

import unicodedata

_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_ORDER = {letter: f"{number:02d}" for number, letter in enumerate(_ALPHABET, start=10)}
_FOLD = str.maketrans("әғқңөұүһіё", "агкноуухие")
_LATIN = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
    "и": "i", "й": "i", "к": "k", "қ": "q", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "h", "һ": "h", "ц": "ts", "ч": "ch",
    "ш": "sh", "щ": "sh", "ъ": "", "ы": "y", "і": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip


def full_name(family_name: str, given_name: str, middle_name: str = "") -> str:
    """Surname first, as Kazakh documents have it; any part may be missing."""
    return " ".join(part for part in (family_name, given_name, middle_name) if part)


def as_written(name: str) -> str:
    """A name in capitals, as certificates have it, the way people write it: `ӘБДІҚАДЫР-БЕК` gives `Әбдіқадыр-Бек`.

    A name with a lower-case letter in it was written by somebody and stays.
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    return plain.title() if plain.isupper() else plain


def sort_key(*parts: str) -> str:
    """A string whose plain byte order is the Kazakh alphabetical order of the parts."""
    return "\u0001".join("".join(_ORDER.get(c, c) for c in unicodedata.normalize("NFC", p).casefold()) for p in parts)


def search_key(*parts: str) -> str:
    """Folded text for search: case, accents, and ә→а, қ→к and the like do not matter."""
    return " ".join(unicodedata.normalize("NFC", part).casefold().translate(_FOLD) for part in parts if part)


def latin(text: str) -> str:
    """Lower-case ASCII letters and digits for usernames: `Әйгерім` gives `aigerim`."""
    out = []
    for letter in unicodedata.normalize("NFC", text).casefold():
        if letter in _LATIN:
            out.append(_LATIN[letter])
        else:
            plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
            out.append("".join(c for c in plain if c.isalnum()))
    return "".join(out)
