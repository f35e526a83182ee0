"""Identifiers as SAML has them: of messages and assertions (Core §1.3.4), of people (Core §2.2.2, §8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from idp.core.ids import random_bytes


@dataclass(frozen=True, slots=True)
class NameId:
    """A saml:NameID. `format` is a URI; empty qualifiers are left out on the wire."""

    value: str
    format: str
    name_qualifier: str = ""
    sp_name_qualifier: str = ""

    def as_json(self) -> dict[str, str]:
        """As `ports.Participant.name_id` keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, str]) -> NameId:
        return cls(**kept)


def new_identifier() -> str:
    """160 random bits behind an underscore: Core §1.3.4 wants a chance of collision of at most 2^-128, and an xs:ID
    begins with no digit."""
    return f"_{random_bytes(20).hex()}"


def instant(moment: datetime) -> str:
    """Whole seconds of UTC with a Z (Core §1.3.3)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
