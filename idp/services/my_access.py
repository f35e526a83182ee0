"""Who has seen my data: which services received what and on which basis, and who of the school looked (D7, D14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from idp.core.clock import Clock
from idp.services.audit_log import OUTSIDE, client_name, school_name
from idp.store import audit_log
from idp.store.audit_chain import EventRow
from idp.store.session import UnitOfWork

LOOKED_BACK = timedelta(days=366)
FEED_LOOKED_BACK = timedelta(days=31)
MOST = 2000
"""Releases and looks that are gathered; the copy holds more."""
_RELEASES = ("claims_released", "tokens_issued", "photo_read", "evidence_released")
_LOOKS = ("person_viewed", "iin_shown")
_SIGN_IN_FACTS = frozenset(("sub", "auth_time", "acr", "amr"))


@dataclass(slots=True)
class Release:
    """What one service received in the last year. `claims` are names; `kinds` those of the feed, which holds whole
    lists of the school. `basis` is the last one's."""

    client_id: str
    name: str
    owner: str
    last: datetime
    first: datetime
    times: int = 0
    basis: str = ""
    claims: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Look:
    """Who of the school looked at what. `name` is OUTSIDE when it is nobody of one's schools, such as the operator."""

    at: datetime
    name: str
    role: str
    school: str
    what: str


@dataclass(frozen=True, slots=True)
class Seen:
    releases: list[Release]
    looks: list[Look]


class MyAccess:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def of(self, person_id: str, *, language: str = "kk") -> Seen:
        """Newest first. The caller has checked that who asks is the person, or may act for them."""
        now = self._clock.now()
        with self._uow.read() as tx:
            since = now - LOOKED_BACK
            releases = audit_log.about(tx, person_id, _RELEASES, since=since, limit=MOST)
            looks = audit_log.about(tx, person_id, _LOOKS, since=since, limit=MOST)
            feed = audit_log.feed_uses(tx, person_id, since=now - FEED_LOOKED_BACK)
            clients = audit_log.client_metadata(
                tx, {row.client_id for row in releases} | {use.client_id for use in feed}
            )
            schools = audit_log.school_names(tx, {row.school_id for row in looks if row.school_id})
            names = audit_log.staff_names(tx, person_id, {row.actor_id for row in looks})
        by_client: dict[str, Release] = {}

        def release(client_id: str, at: datetime) -> Release:
            owner = str(clients.get(client_id, {}).get("owner", ""))
            fresh = Release(client_id, client_name(clients, client_id, language), owner, at, at)
            found = by_client.setdefault(client_id, fresh)
            found.last, found.first = max(found.last, at), min(found.first, at)
            return found

        for row in releases:
            one = release(row.client_id, row.at)
            one.times += 1
            one.basis = one.basis or str(row.data.get("basis", ""))
            one.claims += [name for name in _claims(row) if name not in one.claims]
        for use in feed:
            one = release(use.client_id, use.last)
            one.times += use.times
            one.kinds.append(use.kind)
        told = [
            Look(
                at=row.at,
                name=names.get(row.actor_id, OUTSIDE),
                role=str(row.data.get("role", "")),
                school=school_name(schools, row.school_id, language),
                what="iin" if row.event == "iin_shown" else str(row.data.get("what", "")),
            )
            for row in looks
            if row.actor_id != person_id
        ]
        return Seen(sorted(by_client.values(), key=lambda one: one.last, reverse=True), told)


def _claims(row: EventRow) -> list[str]:
    """Names of claims; what a token says of the sign-in itself is no data of the person's own."""
    if row.event == "photo_read":
        return ["picture"]
    if row.event == "evidence_released":
        return ["iin"]
    return [name for name in row.data.get("claims", []) if name not in _SIGN_IN_FACTS]
