"""Whom a certificate names: the NCA's way to write people and organisations into a subject.

CN is surname and given name, SURNAME the surname, GIVENNAME the patronymic; serialNumber is `IIN` and twelve digits,
OU `BIN` and twelve digits. Digits are ASCII: `int` and `\\d` would take other scripts' digits for the same number,
and two texts would then name one person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from asn1crypto import x509

from idp.eds.errors import WrongHolder
from idp.eds.signed_by import Names

_COMMON_NAME, _SURNAME, _SERIAL_NUMBER = "2.5.4.3", "2.5.4.4", "2.5.4.5"
_ORGANISATION, _UNIT, _GIVEN_NAME = "2.5.4.10", "2.5.4.11", "2.5.4.42"
_READ = frozenset((_COMMON_NAME, _SURNAME, _SERIAL_NUMBER, _ORGANISATION, _UNIT, _GIVEN_NAME))
_NUMBERED = re.compile(r"(IIN|BIN)([0-9]{12})")


@dataclass(frozen=True, slots=True)
class Holder:
    """`iin` and `bin` are twelve digits or empty, `organisation` may be empty."""

    names: Names
    organisation: str
    iin: str
    bin: str


def read_holder(subject: bytes) -> Holder:
    """From a DER Name that passed `der.check`. Raises WrongHolder where it names two, or a number not well-formed.

    ValueError and the like of asn1crypto are for the caller's `der.reading`.
    """
    found = _attributes(subject)
    numbers = {"IIN": "", "BIN": ""}
    serial = _only(found, _SERIAL_NUMBER)
    for text in (serial, *found[_UNIT]):
        if not text.startswith(("IIN", "BIN")):
            continue
        number = _NUMBERED.fullmatch(text)
        if number is None or numbers[number[1]] not in ("", number[2]) or (number[1] == "IIN" and text is not serial):
            raise WrongHolder("a number that is not well-formed, or two of them")
        numbers[number[1]] = number[2]
    names = _names(_only(found, _COMMON_NAME), _only(found, _SURNAME), _only(found, _GIVEN_NAME))
    return Holder(names, _only(found, _ORGANISATION), numbers["IIN"], numbers["BIN"])


def _attributes(subject: bytes) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {oid: [] for oid in _READ}
    for relative in x509.Name.load(subject, strict=True).chosen:
        for attribute in relative:
            oid = attribute["type"].dotted
            if oid in _READ:
                found[oid].append(" ".join(str(attribute["value"].native).split()))
    return found


def _only(found: Mapping[str, list[str]], oid: str) -> str:
    """Two values for one attribute let two readers see two people."""
    if len(found[oid]) > 1:
        raise WrongHolder("an attribute of the subject occurs twice", detail=oid)
    return found[oid][0] if found[oid] else ""


def _names(common_name: str, family_name: str, middle_name: str) -> Names:
    """The given name is what CN has beside the surname (and beside the patronymic, in some older certificates)."""
    given_name = _without(_without(common_name, family_name), middle_name, only_at_end=True)
    return Names(common_name, family_name, given_name, middle_name)


def _without(words: str, part: str, *, only_at_end: bool = False) -> str:
    """`words` less `part` at its end or beginning, whole words, case aside. Unchanged when it is not there."""
    have, less = words.split(), part.casefold().split()
    if not less or len(less) > len(have):
        return words
    if not only_at_end and " ".join(have[: len(less)]).casefold() == " ".join(less):
        return " ".join(have[len(less) :])
    if " ".join(have[-len(less) :]).casefold() == " ".join(less):
        return " ".join(have[: -len(less)])
    return words
