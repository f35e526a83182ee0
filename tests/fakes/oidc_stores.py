"""The engine's stores in memory: plain dictionaries that keep the same promises as the SQL ones (`tests/contracts`)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from idp.core.ids import fingerprint
from idp.store.clients import ClientRow
from idp.store.consents import ConsentRow
from idp.store.grants import GrantRow, HistoryRow, StandingRow
from idp.store.oidc import SessionRow


@dataclass
class World:
    """Everything that is known, in one place, so that a failed transaction can put it back."""

    clients: dict[str, ClientRow] = field(default_factory=dict)
    sessions: dict[str, SessionRow] = field(default_factory=dict)
    """By the hash of the cookie."""
    grants: dict[str, dict[str, Any]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    one_time: dict[tuple[str, str], tuple[dict[str, Any], datetime]] = field(default_factory=dict)
    consents: dict[tuple[str, str, str], ConsentRow] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Ids of people, sessions and memberships that have ended."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What `Claims` answers, by the name of the question."""
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def event_names(self) -> list[str]:
        return [event for event, _ in self.events]


class FakeStores:
    """All stores of one transaction in one object: their methods have different names, save those below."""

    def __init__(self, world: World) -> None:
        self.clients = _Clients(world)
        self.sessions = _Sessions(world)
        self.grants = _Grants(world)
        self.tokens = _Tokens(world)
        self.one_time = _OneTime(world)
        self.consents = _Consents(world)
        self.claims = _Claims(world)
        self.audit = _Audit(world)


class FakeUnit:
    """`oidc.ports.OidcUnit`; a failing write leaves nothing behind, and writes do not nest."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.is_writing = False

    @contextmanager
    def read(self) -> Iterator[FakeStores]:
        yield FakeStores(self.world)

    @contextmanager
    def write(self) -> Iterator[FakeStores]:
        assert not self.is_writing, "a write transaction is already open"
        before = copy.deepcopy(self.world.__dict__)
        self.is_writing = True
        try:
            yield FakeStores(self.world)
        except BaseException:
            self.world.__dict__.update(before)
            raise
        finally:
            self.is_writing = False


class _Store:
    def __init__(self, world: World) -> None:
        self._world = world


class _Clients(_Store):
    def find(self, client_id: str) -> ClientRow | None:
        return self._world.clients.get(client_id)


class _Sessions(_Store):
    def live(self, token_hash: str, client_id: str, *, now: datetime) -> SessionRow | None:
        session = self._world.sessions.get(token_hash)
        if session is None or not self._world.gone.isdisjoint((session.id, session.person_id)):
            return None
        return session

    def touch(self, session_id: str, *, now: datetime) -> None:
        for key, session in self._world.sessions.items():
            if session.id == session_id:
                self._world.sessions[key] = session._replace(last_seen_at=now)


class _Grants(_Store):
    def add(self, row: Mapping[str, Any]) -> None:
        blank = {"code_consumed_at": None, "refresh_hash": "", "refresh_expires_at": None, "revoked_at": None}
        self._world.grants[row["id"]] = {**blank, **row}

    def redeem(self, bound: Mapping[str, Any]) -> GrantRow | None:
        row = self._world.grants.get(bound["id"])
        must_equal = ("code_hash", "client_id", "redirect_uri", "code_challenge")
        if row is None or any(row[name] != bound[name] for name in must_equal):
            return None
        if row["code_consumed_at"] or row["code_expires_at"] <= bound["now"]:
            return None
        if not stands(self._world, row, needs_session=True):
            return None
        row["code_consumed_at"] = bound["now"]
        row.update({name: bound[name] for name in ("refresh_hash", "refresh_expires_at", "expires_at")})
        return grant_row(row)

    def rotate(self, bound: Mapping[str, Any]) -> GrantRow | None:
        row = self._world.grants.get(bound["id"])
        if row is None or row["refresh_hash"] != bound["refresh_hash"] or row["client_id"] != bound["client_id"]:
            return None
        if row["refresh_expires_at"] is None or row["refresh_expires_at"] <= bound["now"]:
            return None
        if not stands(self._world, row):
            return None
        row["refresh_hash"] = bound["next_hash"]
        row["refresh_expires_at"] = min(bound["next_expires_at"], row["expires_at"])
        return grant_row(row)

    def history(self, grant_id: str) -> HistoryRow | None:
        row = self._world.grants.get(grant_id)
        return None if row is None else HistoryRow(*(row[name] for name in HistoryRow._fields))

    def revoke(self, grant_id: str, *, now: datetime) -> bool:
        row = self._world.grants.get(grant_id)
        if row is None or row["revoked_at"]:
            return False
        row["revoked_at"] = now
        return True


class _Tokens(_Store):
    def standing(self, *, grant_id: str, client_id: str, jti: str, now: datetime) -> StandingRow | None:
        client = self._world.clients.get(client_id)
        if client is None:
            return None
        row = self._world.grants.get(grant_id)
        is_good = row is not None and row["client_id"] == client_id and stands(self._world, row)
        return StandingRow(client, jti in self._world.revoked, grant_row(row) if row and is_good else None)

    def revoke(self, jti: str, *, expires_at: datetime) -> None:
        self._world.revoked.add(jti)


class _OneTime(_Store):
    def put(self, value: str, *, purpose: str, data: dict[str, Any], now: datetime, ttl_seconds: int) -> None:
        self._world.one_time[fingerprint(value), purpose] = (data, now + timedelta(seconds=ttl_seconds))

    def put_if_new(self, value: str, *, purpose: str, now: datetime, ttl_seconds: int) -> bool:
        if (fingerprint(value), purpose) in self._world.one_time:
            return False
        self.put(value, purpose=purpose, data={}, now=now, ttl_seconds=ttl_seconds)
        return True

    def peek(self, value: str, *, purpose: str, now: datetime) -> Mapping[str, Any] | None:
        data, until = self._world.one_time.get((fingerprint(value), purpose), ({}, now))
        return data if until > now else None


class _Consents(_Store):
    def find(self, *, person_id: str, client_id: str, membership_id: str | None) -> ConsentRow | None:
        return self._world.consents.get((person_id, client_id, membership_id or ""))

    def lacks_data_consent(self, person_id: str, client_id: str, membership_id: str | None, *, today: date) -> bool:
        return (person_id, client_id) in self._world.facts.get("lacks_data_consent", ())


class _Claims(_Store):
    def person(self, person_id: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._world.facts.get("person")
        return found

    def memberships(self, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
        return list(self._world.facts.get("memberships", []))

    def classes(self, person_id: str, membership_id: str, *, today: date) -> list[Mapping[str, Any]]:
        return list(self._world.facts.get("classes", []))

    def children(self, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
        return list(self._world.facts.get("children", []))

    def guardians(self, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
        return list(self._world.facts.get("guardians", []))

    def licences(self, person_id: str, membership_id: str, *, today: date) -> list[Mapping[str, Any]]:
        return list(self._world.facts.get("licences", []))


class _Audit(_Store):
    def record(
        self,
        event: str,
        *,
        now: datetime,
        person_id: str = "",
        client_id: str = "",
        school_id: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        self._world.events.append((event, {"person_id": person_id, "client_id": client_id, **(data or {})}))

    def happened(self, event: str, *, since: datetime, person_id: str = "", client_id: str = "", **data: Any) -> bool:
        """Of this hour are all events here."""
        ids = {"person_id": person_id, "client_id": client_id}
        wanted = {name: value for name, value in ids.items() if value} | data
        return any(
            name == event and all(facts.get(word) == value for word, value in wanted.items())
            for name, facts in self._world.events
        )


def stands(world: World, row: Mapping[str, Any], *, needs_session: bool = False) -> bool:
    """Not revoked, and person, membership and (unless offline) session have not ended."""
    if row["revoked_at"] or not world.gone.isdisjoint((row["person_id"], row["membership_id"])):
        return False
    is_offline = "offline_access" in row["scope"].split()
    return row["session_id"] not in world.gone or (is_offline and not needs_session)


def grant_row(row: Mapping[str, Any]) -> GrantRow:
    return GrantRow(*(row[name] for name in GrantRow._fields))
