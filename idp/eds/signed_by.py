"""Who signed, and what proves it: the one result of the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

PERSON = "1.2.398.3.3.4.1.1"
ORGANISATION = "1.2.398.3.3.4.1.2"
HEAD = "1.2.398.3.3.4.1.2.1"
SIGNS_FOR = "1.2.398.3.3.4.1.2.2"
SIGNS_FINANCE = "1.2.398.3.3.4.1.2.3"
PERSONNEL = "1.2.398.3.3.4.1.2.4"
EMPLOYEE = "1.2.398.3.3.4.1.2.5"


@dataclass(frozen=True, slots=True)
class Names:
    """As the certificate has them, each stripped; the NCA puts the patronymic into GIVENNAME (2.5.4.42)."""

    common_name: str
    family_name: str
    given_name: str
    middle_name: str


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A verified RFC 3161 token over the signature octets: the signature existed at `at`."""

    at: datetime
    authority: str
    """Common name of the time-stamping authority."""
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StatusProof:
    """Why the certificate counted as good. `source` is `ocsp` (then `der` is the answer) or `crl`."""

    source: str
    this_update: datetime
    next_update: datetime | None
    der: bytes = field(default=b"", repr=False)
    crl_number: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Enough to check everything again without the network and after the certificate has expired (E4, E5)."""

    cms: bytes = field(repr=False)
    """DER."""
    chain: tuple[bytes, ...] = field(repr=False)
    """DER certificates from the signer's to the pinned root."""
    status: StatusProof
    timestamp: Timestamp | None
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class SignedBy:
    """A person whose signature holds. `bin` and `organisation` are empty for a person's own certificate."""

    iin: str = field(repr=False)
    bin: str
    names: Names
    organisation: str
    roles: frozenset[str]
    """Dotted OIDs of the certificate's extended key usage below 1.2.398.3.3.4."""
    key_storage: str
    """`file`, `hardware`, `cloud` or `unknown` (extension 1.2.398.3.3.5)."""
    algorithm: str
    """`gost2015`, `gost2004` or `rsa`."""
    is_production: bool
    """False when the pinned root is one of the NCA's test roots or a development one."""
    evidence: Evidence = field(repr=False)

    @property
    def is_organisation(self) -> bool:
        return bool(self.bin)

    @property
    def is_head(self) -> bool:
        return HEAD in self.roles

    @property
    def is_employee(self) -> bool:
        return self.is_head or not self.roles.isdisjoint((EMPLOYEE, SIGNS_FOR, SIGNS_FINANCE, PERSONNEL))
