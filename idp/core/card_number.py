"""Card numbers as readers give them and as cards carry them in print, in one canonical form.

    w26      "213,02000"    facility and number of Wiegand-26: the low 24 bits, from which no whole number follows
    dec10    "0013961168"   32 bits as a decimal number, the first octet the highest (EM-Marin, and most readers)
    dec10r   "3490174208"   the same octets read from the other end, as some readers do with Mifare
    hex      "00D507D0"     octets in the order in which the card sends them: 4 (5 for EM4100), 7 or 10
    hexr     "D007D500"     the same in reverse

Which end comes first cannot be seen from a number: it is a setting of the school or said at entry, and `read` refuses
to guess. A wrong guess would be another card's number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from idp.core.errors import Invalid

FORMATS = ("dec10", "dec10r", "hex", "hexr", "w26")
_LONGEST = 64
_SEPARATED = re.compile(r"(\d{1,3})\s*[,;./-]\s*(\d{1,5})")
_PRINTED = re.compile(r"(\d{10})\s+(\d{1,3})\s*[,.]\s*(\d{1,5})")
_OCTETS = re.compile(r"(?:0x)?([0-9a-f]{2}(?:[:.-]?[0-9a-f]{2})+)", re.IGNORECASE)
_KAZAKH_ROW = str.maketrans({'"': "1", "ә": "2", "і": "3", "ң": "4", "ғ": "5", ",": "6", ".": "7", "ү": "8", "ұ": "9",
                             "қ": "0", "б": ","})  # fmt: skip
_RUSSIAN = str.maketrans("фисвуаб", "abcdef,")
_UID = (4, 7, 10)
_EM4100 = 5
"""Version and 32 bits; readers that speak decimal leave the version out."""


class UnreadableNumber(Invalid):
    """No card number in the format that was named, or in any."""

    code = "card_number_unreadable"


class AmbiguousNumber(Invalid):
    """Several cards could be meant; `formats` are the ways to read it."""

    code = "card_number_ambiguous"

    def __init__(self, formats: tuple[str, ...]) -> None:
        super().__init__(f"the number can be read as {', '.join(formats)}: name the format")
        self.formats = formats


@dataclass(frozen=True, slots=True)
class CardNumber:
    """`canonical` is equal for every way to write one number. `short` is the 24 bits of Wiegand-26 (hex), empty where
    readers differ in which octets they cut out; `format` is how it was read, `hint` the last four characters of it."""

    canonical: str
    short: str
    format: str
    hint: str

    @property
    def is_whole(self) -> bool:
        """False for a number of Wiegand-26, which several cards may share."""
        return not self.canonical.startswith("w26:")


def read(text: str, format_: str = "") -> CardNumber:
    """A number in one of FORMATS. The shape decides where it can: a comma means w26 whatever was named, and letters
    mean octets in the byte order that was named. Raises UnreadableNumber, and AmbiguousNumber when nothing was named
    and more than one card could be meant.
    """
    if format_ and format_ not in FORMATS:
        raise UnreadableNumber("no such format")
    typed = _typed(text)
    if printed := _PRINTED.fullmatch(typed):
        return _printed(printed)
    if _SEPARATED.fullmatch(typed):
        return _ways(typed, ("w26",))[0]
    typed = typed.replace(" ", "")
    is_reversed = format_ in ("dec10r", "hexr")
    if format_ and not typed.isdigit():
        return _ways(typed, ("hexr" if is_reversed else "hex",))[0]
    found = _ways(typed, (format_,) if format_ else ("dec10", "dec10r", "hex", "hexr"))
    if len({one.canonical for one in found}) > 1:
        raise AmbiguousNumber(tuple(one.format for one in found))
    return found[0]


def _typed(text: str) -> str:
    """What the reader meant: some type like a keyboard, and the computer's layout may be Kazakh or Russian."""
    plain = text.strip().strip("\x00").casefold()
    if not plain or len(plain) > _LONGEST:
        raise UnreadableNumber("no number, or too long")
    if set(plain) & set("әіңғүұқ"):
        plain = plain.translate(_KAZAKH_ROW)
    plain = plain.translate(_RUSSIAN)
    if not plain.isascii():
        raise UnreadableNumber("neither digits nor octets")
    return plain


def _ways(typed: str, formats: tuple[str, ...]) -> list[CardNumber]:
    found = []
    for format_ in formats:
        octets = _octets(typed, format_)
        if octets is not None:
            found.append(_number(octets, format_, typed))
    if not found:
        raise UnreadableNumber("not a number in this format")
    return found


def _octets(typed: str, format_: str) -> bytes | None:
    """The octets of a number, the highest first; three for w26. None for what is no number in this format."""
    if format_ == "w26":
        return _w26(typed)
    if format_ in ("dec10", "dec10r"):
        if not typed.isdigit() or len(typed) > 10 or int(typed) >= 1 << 32:
            return None
        return int(typed).to_bytes(4, "little" if format_ == "dec10r" else "big")
    matched = _OCTETS.fullmatch(typed)
    if matched is None:
        return None
    octets = bytes.fromhex(re.sub("[:.-]", "", matched[1]))
    if format_ == "hexr":
        octets = octets[::-1]
    if len(octets) == _EM4100:
        return octets[1:]
    return octets if len(octets) in _UID else None


def _w26(typed: str) -> bytes | None:
    matched = _SEPARATED.fullmatch(typed) or re.fullmatch(r"(\d{3})(\d{5})", typed)
    if matched is None or int(matched[1]) > 255 or int(matched[2]) > 65535:
        return None
    return bytes((int(matched[1]),)) + int(matched[2]).to_bytes(2, "big")


def _number(octets: bytes, format_: str, typed: str) -> CardNumber:
    if not any(octets) or set(octets) == {0xFF}:
        raise UnreadableNumber("readers send this for no card")
    hint = re.sub("[^0-9a-z]", "", typed)[-4:].upper()
    if len(octets) == 3:
        return CardNumber(f"w26:{octets.hex()}", octets.hex(), format_, hint)
    return CardNumber(f"uid:{octets.hex()}", octets[1:].hex() if len(octets) == 4 else "", format_, hint)


def _printed(matched: re.Match[str]) -> CardNumber:
    """Both numbers of a printed card, such as `0013961168 213,02000`: they prove each other and the byte order."""
    whole, short = _octets(matched[1], "dec10"), _w26(f"{matched[2]},{matched[3]}")
    if whole is None or whole[1:] != short:
        raise UnreadableNumber("the two numbers are not of one card")
    return _number(whole, "dec10", matched[1])
