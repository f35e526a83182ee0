"""Whom a certificate is about, and what the NCA writes for that kind of holder (profile of the 2022 hierarchy)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from idp.cli.dev.nca import der

Role = Literal[
    "person", "head", "signs", "finance", "personnel", "employee", "infosystem", "person_infosystem", "treasury",
    "ocsp", "tsa",
]  # fmt: skip
KeyStorage = Literal["file", "jks", "id_card", "hardware", "cloud", ""]
Identified = Literal["", "service_centre", "remote", "digital_id"]

EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_LEGAL = "1.2.398.3.3.4.1.2"
_ROLES: dict[Role, tuple[str, ...]] = {
    "person": (EMAIL_PROTECTION, "1.2.398.3.3.4.1.1"),
    "head": (EMAIL_PROTECTION, _LEGAL, f"{_LEGAL}.1"),
    "signs": (EMAIL_PROTECTION, _LEGAL, f"{_LEGAL}.2"),
    "finance": (EMAIL_PROTECTION, _LEGAL, f"{_LEGAL}.3"),
    "personnel": (EMAIL_PROTECTION, _LEGAL, f"{_LEGAL}.4"),
    "employee": (EMAIL_PROTECTION, _LEGAL, f"{_LEGAL}.5"),
    "treasury": (EMAIL_PROTECTION, _LEGAL, "1.2.398.5.19.1.2.2.1"),
    # Information systems do without emailProtection.
    "infosystem": (_LEGAL, f"{_LEGAL}.6"),
    "person_infosystem": ("1.2.398.3.3.4.1.1", "1.2.398.3.3.4.1.1.1"),
    "ocsp": (OCSP_SIGNING,),
    "tsa": (TIME_STAMPING,),
}
_STORAGE: dict[KeyStorage, str] = {
    "file": "1.2.398.3.3.5.1.1",
    "jks": "1.2.398.3.3.5.1.2",
    "id_card": "1.2.398.3.3.5.2.1",
    "hardware": "1.2.398.3.3.5.2.2",
    "cloud": "1.2.398.3.3.5.3.1",
}
_IDENTIFIED: dict[Identified, tuple[str, ...]] = {
    "": (),
    "service_centre": ("1.2.398.3.3.4.3.1",),
    "remote": ("1.2.398.3.3.4.3.2",),
    "digital_id": ("1.2.398.3.3.4.3.2", "1.2.398.3.3.4.3.2.1"),
}

COMMON_NAME = "2.5.4.3"
SURNAME = "2.5.4.4"
SERIAL_NUMBER = "2.5.4.5"
COUNTRY = "2.5.4.6"
ORGANISATION = "2.5.4.10"
ORGANISATIONAL_UNIT = "2.5.4.11"
GIVEN_NAME = "2.5.4.42"
_PRINTABLE = (SERIAL_NUMBER, COUNTRY)


@dataclass(frozen=True, slots=True)
class Holder:
    """Names as in a passport; `bin` without `BIN`, `iin` without `IIN`."""

    iin: str
    family_name: str
    given_name: str
    middle_name: str = ""
    organisation: str = ""
    bin: str = ""
    role: Role = "person"
    key_storage: KeyStorage = "file"
    identified: Identified = ""

    @property
    def full_name(self) -> str:
        return f"{self.family_name} {self.given_name}".strip()

    def extended_key_usage(self) -> tuple[str, ...]:
        return (*_ROLES[self.role], *_IDENTIFIED[self.identified])

    def storage_oid(self) -> str:
        return _STORAGE.get(self.key_storage, "")

    def attributes(self) -> list[tuple[str, str]]:
        """The subject in the order of the NCA: the patronymic stands in GIVENNAME, the given name only in CN."""
        found = [(COMMON_NAME, self.full_name)]
        if self.family_name:
            found.append((SURNAME, self.family_name))
        if self.iin:
            found.append((SERIAL_NUMBER, f"IIN{self.iin}"))
        found.append((COUNTRY, "KZ"))
        if self.organisation:
            found.append((ORGANISATION, self.organisation))
        if self.bin:
            found.append((ORGANISATIONAL_UNIT, f"BIN{self.bin}"))
        if self.middle_name:
            found.append((GIVEN_NAME, self.middle_name))
        return found


def name(attributes: Sequence[tuple[str, str]]) -> bytes:
    """A Name of one-attribute RDNs: (dotted OID, value) pairs."""
    return der.sequence(
        *(
            der.set_of([der.sequence(der.oid(kind), (der.printable if kind in _PRINTABLE else der.text)(value))])
            for kind, value in attributes
        )
    )
