"""People's names: how they are shown, sorted, searched, and turned into usernames.

Kazakh Cyrillic has 42 letters and its alphabetical order is not code-point order (order-456 reference F10).
A patronymic is optional and never built from anything.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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


_ALIKE = str.maketrans("ABCEHIKMOPTXYƏƟ", "АВСЕНІКМОРТХУӘӨ")


def fold_title(text: str) -> str:
    """`7 «Ә»`, `7-ә`, `07 ә` name one class; `5А` and `5A` from a Latin keyboard too. А and Ә differ."""
    upper = unicodedata.normalize("NFKC", text).upper().translate(_ALIKE)
    return "".join(c for c in upper.casefold() if c.isalnum()).lstrip("0")


_ROUGH = str.maketrans(
    {
        "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
        "и": "i", "й": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o", "п": "p",
        "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "h", "һ": "h", "ц": "ts",
        "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "і": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia",
        "ı": "i", "ş": "sh", "š": "sh", "ç": "ch", "č": "ch", "ž": "zh",
        "q": "k", "w": "u", "x": "ks", "j": "zh", "y": "i",
    }
)  # fmt: skip
"""One rough Latin spelling for both scripts: what differs between ways of transliteration is made equal after it."""
_EQUAL = (
    (re.compile("shch|sch"), "sh"),
    (re.compile("c(?!h)"), "ts"),
    (re.compile("[kg]h"), lambda found: "h" if found[0] == "kh" else "g"),
    (re.compile(r"(sh|zh|ts|ch|.)\1+"), r"\1"),
    # Йо, ё, yo and ye stand for one another: Есенов, Yessenov; Алёна, Alyona.
    (re.compile("(?:i+|e)[eo]+"), "e"),
    (re.compile(r"(sh|zh|ts|ch|.)\1+"), r"\1"),
)
_BETWEEN = re.compile(r"[\W_]+")
_APOSTROPHES = re.compile("['’ʼʹ`]")


@lru_cache(maxsize=16_384)  # Names repeat: an import asks for the same ones again and again.
def search_word(word: str) -> str:
    """The skeleton of one word, the same however it is spelt: «Серікова», «серикова», `Serikova` and `Serykova` meet.

    Two names may share a skeleton: a search finds a little too much rather than too little.
    """
    folded = unicodedata.normalize("NFC", word).casefold().translate(_ROUGH)
    folded = "".join(c for c in unicodedata.normalize("NFKD", folded).translate(_ROUGH) if c.isalnum())
    for pattern, same in _EQUAL:
        folded = pattern.sub(same, folded)
    return folded


def search_words(*parts: str) -> list[str]:
    """Skeletons of every word of these names, each once; words end at spaces, hyphens and dots."""
    words = (word for part in parts for word in _BETWEEN.split(_APOSTROPHES.sub("", part)))
    return list(dict.fromkeys(filter(None, map(search_word, words))))


def search_beginnings(word: str) -> tuple[str, ...]:
    """Beginnings of skeletons that a word being typed may grow into, for ranges of an index.

    A last `и` may be the first half of `ие`, which a skeleton has as `e`.
    """
    folded = search_word(word)
    return (folded, search_word(word + "e")) if len(word) > 1 and folded.endswith("i") else (folded,)
