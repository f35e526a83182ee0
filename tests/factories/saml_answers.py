"""What an answer of the SAML engine is made of: a provider with its keys, a service, a pupil who is signed in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from idp.core import levels
from idp.core.clock import FixedClock, local_date
from idp.saml import assertion, names, release, response
from idp.saml.attributes import CATALOGUE
from idp.saml.entity import Endpoint, ServiceProvider, Settings
from idp.saml.name_id import NameId, choose, make
from idp.saml.server import Server
from idp.xml.keys import Credential, generate
from idp.xml.parser import Element

ISSUER = "https://id.example"
ENTITY_ID = f"{ISSUER}/saml/metadata"
SCOPE = "school.example"
SP = "https://lms.example/saml"
ACS = "https://lms.example/saml/acs"
REQUEST_ID = "_request-1"
NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
PERSON = "0199000000007000aaaaaaaaaaaaaaaa"
SCHOOL = "0199000000007000cccccccccccccccc"
MEMBERSHIP = "0199000000007000eeeeeeeeeeeeeeee"


@cache
def credential(algorithm: str, owner: str = "id.example") -> Credential:
    """A key made once per test run: RSA takes its time."""
    return generate(algorithm, common_name=owner, now=NOW)


def opaque(*parts: str) -> str:
    """52 letters and digits, as the keyed hashes of the real provider."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:52]


def server(clock: FixedClock | None = None) -> Server:
    return Server(
        issuer=ISSUER,
        entity_id=ENTITY_ID,
        scope=SCOPE,
        clock=clock or FixedClock(NOW),
        signing=lambda: (credential("rsa-sha256"), credential("ecdsa-sha256")),
        decryption=lambda: (credential("rsa-sha256"),),
        pairwise=lambda sector, person: opaque("pairwise", sector, person),
        subject=lambda person: opaque("subject", person),
    )


@dataclass(frozen=True)
class Record:
    """`ports.SpRecord`."""

    provider: ServiceProvider = field(default_factory=lambda: ServiceProvider(SP, (Endpoint(names.POST, ACS),)))
    settings: Settings = field(default_factory=Settings)
    approved_attributes: Sequence[str] = ()
    client_id: str = "lms"
    sector: str = "lms.example"
    owner: str = "lms"
    purpose: str = "learning"
    consent: str = "implicit"
    all_schools: bool = False
    end_date: date | None = None
    is_disabled: bool = False


@dataclass(frozen=True)
class Session:
    """`ports.SessionView`."""

    id: str = "session"
    person_id: str = PERSON
    membership_id: str | None = MEMBERSHIP
    school_id: str | None = SCHOOL
    acr: str = levels.PASSWORD
    amr: Sequence[str] = ("pwd",)
    auth_time: datetime = NOW - timedelta(minutes=20)
    username: str = "aigerim.serikova"
    last_seen_at: datetime = NOW
    is_client_on: bool = True
    is_client_off: bool = False
    withheld: Sequence[str] = ()
    expires_at: datetime | None = NOW + timedelta(hours=8)
    role: str = "pupil"


def person_row(**changes: Any) -> dict[str, Any]:
    return {
        "username": "aigerim.serikova",
        "family_name": "Серікова",
        "given_name": "Әйгерім",
        "middle_name": "Болатқызы",
        "birth_date": date(2012, 5, 17),
        "language": "kk",
        "email": "aigerim@school.example",
        "email_verified": True,
        "restricted_at": None,
    } | changes


def membership_row(role: str = "pupil", **changes: Any) -> dict[str, Any]:
    return {
        "id": MEMBERSHIP,
        "role": role,
        "grade": "7" if role == "pupil" else "",
        "begin": date(2019, 9, 1),
        "end": None,
        "school_id": SCHOOL,
        "school_name": "№ 1 мектеп",
        "region": "Алматы",
    } | changes


def class_row() -> dict[str, Any]:
    return {"id": "0199class", "title": "7 «Ә»", "grade": "7", "subject": "", "role": "pupil", "person_id": PERSON}


@dataclass
class PeopleFacts:
    """`ports.Facts`; counts what it was asked."""

    row: Mapping[str, Any] | None = field(default_factory=person_row)
    held: list[Mapping[str, Any]] = field(default_factory=lambda: [membership_row()])
    taught: list[Mapping[str, Any]] = field(default_factory=lambda: [class_row()])
    asked: list[str] = field(default_factory=list)

    def person(self, person_id: str) -> Mapping[str, Any] | None:
        self.asked.append("person")
        return self.row

    def memberships(self, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
        self.asked.append("memberships")
        return self.held

    def classes(self, person_id: str, membership_id: str, *, today: date) -> list[Mapping[str, Any]]:
        self.asked.append("classes")
        return self.taught


EVERYTHING = tuple(CATALOGUE)


@dataclass
class Answering:
    """Makes whole answers; change what matters, leave the rest."""

    record: Record = field(default_factory=Record)
    session: Session = field(default_factory=Session)
    facts: PeopleFacts = field(default_factory=PeopleFacts)
    server: Server = field(default_factory=server)
    in_response_to: str = REQUEST_ID
    format: str = ""

    @property
    def consumer(self) -> Endpoint:
        return self.record.provider.acs[0]

    @property
    def now(self) -> datetime:
        return self.server.clock.now()

    def released(self) -> tuple[release.Released, ...]:
        chosen = release.names(self.record)
        return release.released(self.server, self.facts, self.record, self.session, chosen, today=local_date(self.now))

    def name_id(self) -> NameId | None:
        chosen = self.format or choose(None, self.record)
        return make(self.server, self.facts, self.record, self.session, chosen)

    def assertion(self) -> Element:
        return assertion.build(
            self.server,
            record=self.record,
            consumer=self.consumer,
            in_response_to=self.in_response_to,
            session=self.session,
            name_id=self.name_id(),
            released=self.released(),
            context_class=names.CONTEXT_PPT,
            session_index="_session-1",
            now=self.now,
            session_until=self.session.expires_at,
        )

    def success(self) -> bytes:
        return response.success(
            self.server,
            self.assertion(),
            record=self.record,
            consumer=self.consumer,
            in_response_to=self.in_response_to,
            now=self.now,
        )
