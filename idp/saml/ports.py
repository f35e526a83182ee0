"""What the engine needs from the world: records by attributes, stores by two to four methods each.

`SamlUnit` opens transactions: `read()` for looking, `write()` for one short change; signing, encrypting and fetching
stay outside a write transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Protocol

from idp.saml.entity import ServiceProvider, Settings


class SpRecord(Protocol):
    """A registered service provider: the client of every list and switch, with its metadata and settings."""

    @property
    def client_id(self) -> str: ...
    @property
    def sector(self) -> str:
        """Under which its pairwise identifiers are made."""
        ...

    @property
    def owner(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def consent(self) -> str:
        """`ask` or `implicit`."""
        ...

    @property
    def approved_attributes(self) -> Sequence[str]:
        """Our names (`attributes.CATALOGUE`) of what it may receive at most."""
        ...

    @property
    def all_schools(self) -> bool: ...
    @property
    def end_date(self) -> date | None: ...
    @property
    def is_disabled(self) -> bool: ...
    @property
    def provider(self) -> ServiceProvider: ...
    @property
    def settings(self) -> Settings: ...


class SessionView(Protocol):
    """A live browser session as one service sees it (as `oidc.ports.SessionView`)."""

    @property
    def id(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def membership_id(self) -> str | None: ...
    @property
    def school_id(self) -> str | None: ...
    @property
    def acr(self) -> str: ...
    @property
    def amr(self) -> Sequence[str]: ...
    @property
    def auth_time(self) -> datetime: ...
    @property
    def username(self) -> str: ...
    @property
    def last_seen_at(self) -> datetime: ...
    @property
    def is_client_on(self) -> bool: ...
    @property
    def is_client_off(self) -> bool: ...
    @property
    def withheld(self) -> Sequence[str]:
        """Names of attributes that the person's school does not let go to the service."""
        ...

    @property
    def role(self) -> str:
        """Of the active membership; empty without one."""
        ...

    @property
    def expires_at(self) -> datetime | None:
        """The session's absolute end."""
        ...


class Participant(Protocol):
    """One sign-on of one session at one service provider: whom a logout must reach (SAML Profiles §4.4)."""

    @property
    def client_id(self) -> str: ...
    @property
    def session_id(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def name_id(self) -> Mapping[str, str]:
        """`value`, `format`, `name_qualifier`, `sp_name_qualifier`; empty when the assertion had none."""
        ...

    @property
    def session_index(self) -> str: ...


class Providers(Protocol):
    def find(self, entity_id: str) -> SpRecord | None:
        """By entityID, whatever its state."""
        ...

    def get(self, client_id: str) -> SpRecord | None: ...


class Sessions(Protocol):
    def live(self, token_hash: str, client_id: str, *, now: datetime) -> SessionView | None: ...
    def touch(self, session_id: str, *, now: datetime) -> None: ...


class Participants(Protocol):
    def add(self, row: Mapping[str, Any], *, request_id: str) -> bool:
        """`client_id session_id person_id name_id session_index created_at`. False when the service's request has
        been answered before; `request_id` is empty where there was none."""
        ...

    def named(self, client_id: str, name_id: str, session_indexes: Sequence[str]) -> Sequence[Participant]:
        """Those of one service provider under a NameID; of any session when no index is given."""
        ...


class OneTime(Protocol):
    def put(self, value: str, *, purpose: str, data: dict[str, Any], now: datetime, ttl_seconds: int) -> None: ...
    def put_if_new(self, value: str, *, purpose: str, now: datetime, ttl_seconds: int) -> bool: ...
    def peek(self, value: str, *, purpose: str, now: datetime) -> Mapping[str, Any] | None: ...
    def consume(self, value: str, *, purpose: str, now: datetime) -> Mapping[str, Any] | None: ...


class Consent(Protocol):
    """What a person allowed one service to receive; `claims` are names of attributes."""

    @property
    def claims(self) -> Sequence[str]: ...
    @property
    def given_at(self) -> datetime: ...


class Consents(Protocol):
    def find(self, *, person_id: str, client_id: str, membership_id: str | None) -> Consent | None: ...
    def lacks_data_consent(self, person_id: str, client_id: str, membership_id: str | None, *, today: date) -> bool: ...


class Facts(Protocol):
    """About people, as `oidc.ports.Claims` gives them."""

    def person(self, person_id: str) -> Mapping[str, Any] | None:
        """username family_name given_name middle_name birth_date language email email_verified restricted_at …"""
        ...

    def memberships(self, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
        """id role grade begin end school_id school_name region of each that holds today."""
        ...

    def classes(self, person_id: str, membership_id: str, *, today: date) -> list[Mapping[str, Any]]: ...


class Audit(Protocol):
    def record(
        self,
        event: str,
        *,
        now: datetime,
        person_id: str = "",
        client_id: str = "",
        school_id: str = "",
        data: dict[str, Any] | None = None,
    ) -> None: ...


class Stores(Protocol):
    """All of one transaction."""

    @property
    def providers(self) -> Providers: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def participants(self) -> Participants: ...
    @property
    def one_time(self) -> OneTime: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def audit(self) -> Audit: ...


class SamlUnit(Protocol):
    def read(self) -> AbstractContextManager[Stores]: ...
    def write(self) -> AbstractContextManager[Stores]: ...
