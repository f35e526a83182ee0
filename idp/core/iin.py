"""ИИН (kk ЖСН), the individual identification number: 12 digits, YYMMDD, century and sex, serial, check digit.

Order-456 reference F4. Never a secret, never in a URL, stored sealed with a keyed hash beside it for lookup.
"""

from __future__ import annotations

from datetime import date

SPACERS = (" ", "-", "\u00a0")
"""What people put between the digits."""
_CENTURIES = {1: 1800, 2: 1800, 3: 1900, 4: 1900, 5: 2000, 6: 2000}


def is_well_formed(text: str) -> bool:
    """Twelve ASCII digits with a real date and a century digit; says nothing of the check digit."""
    return birth_date(text) is not None


def birth_date(text: str) -> date | None:
    """The date of birth the number carries, or None when it carries none."""
    if len(text) != 12 or not text.isascii() or not text.isdigit():
        return None
    century = _CENTURIES.get(int(text[6]))
    if century is None:
        return None
    try:
        return date(century + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def sex(text: str) -> str:
    """`male` or `female` as the number says, or an empty string when it is not well formed."""
    return ("female", "male")[int(text[6]) % 2] if is_well_formed(text) else ""


def bare(text: str) -> str:
    """An ИИН or БИН without what people put between its digits, so that two can be compared."""
    for spacer in SPACERS:
        text = text.replace(spacer, "")
    return text


def masked(text: str) -> str:
    """Only the last four digits, for somebody to recognise their own number by."""
    return "•" * max(0, len(text) - 4) + text[-4:]


def check_digit(first_eleven: str) -> int | None:
    """Weights 1 to 11 modulo 11; at 10 again with 3 to 11, 1, 2; None when that gives 10 too."""
    digits = [int(digit) for digit in first_eleven]
    total = sum(digit * weight for digit, weight in zip(digits, range(1, 12), strict=True)) % 11
    if total == 10:
        total = sum(digit * weight for digit, weight in zip(digits, [*range(3, 12), 1, 2], strict=True)) % 11
    return None if total == 10 else total


def has_valid_check_digit(text: str) -> bool:
    """True for a well-formed number whose last digit is right."""
    return is_well_formed(text) and check_digit(text[:11]) == int(text[11])
