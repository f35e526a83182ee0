"""The stores of SAML's engine in memory, on the same world as OpenID Connect's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from idp.core.ids import fingerprint
from idp.saml.ports import SpRecord
from idp.store.saml import ParticipantRow
from tests.fakes import oidc_stores
from tests.fakes.oidc_stores import FakeStores, FakeUnit, World


class SamlWorld(World):
    """And who is registered, and who is signed on where."""

    def __init__(self) -> None:
        super().__init__()
        self.providers: dict[str, SpRecord] = {}
        """By entityID."""
        self.participants: list[ParticipantRow] = []
        self.touched: list[str] = []


class FakeSamlStores:
    """`saml.ports.Stores` of one transaction."""

    def __init__(self, world: SamlWorld) -> None:
        both = FakeStores(world)
        self.sessions = _Sessions(world)
        self.consents, self.audit = both.consents, both.audit
        self.facts = both.claims
        self.one_time = _OneTime(world)
        self.providers = _Providers(world)
        self.participants = _Participants(world)


class FakeSamlUnit(FakeUnit):
    """`saml.ports.SamlUnit`; counts transactions that write."""

    def __init__(self) -> None:
        self.saml = SamlWorld()
        super().__init__(self.saml)
        self.writes = 0

    @contextmanager
    def read(self) -> Iterator[FakeSamlStores]:  # type: ignore[override]
        yield FakeSamlStores(self.saml)

    @contextmanager
    def write(self) -> Iterator[FakeSamlStores]:  # type: ignore[override]
        self.writes += 1
        with super().write():
            yield FakeSamlStores(self.saml)


class _Sessions(oidc_stores._Sessions):
    def touch(self, session_id: str, *, now: datetime) -> None:
        assert isinstance(self._world, SamlWorld)
        self._world.touched.append(session_id)


class _OneTime(oidc_stores._OneTime):
    def consume(self, value: str, *, purpose: str, now: datetime) -> Mapping[str, Any] | None:
        found = self.peek(value, purpose=purpose, now=now)
        if found is not None:
            self._world.one_time[fingerprint(value), purpose] = ({}, now)
        return found


class _Providers:
    def __init__(self, world: SamlWorld) -> None:
        self._world = world

    def find(self, entity_id: str) -> SpRecord | None:
        return self._world.providers.get(entity_id)

    def get(self, client_id: str) -> SpRecord | None:
        return next((one for one in self._world.providers.values() if one.client_id == client_id), None)


class _Participants:
    def __init__(self, world: SamlWorld) -> None:
        self._world = world

    def add(self, row: Mapping[str, Any], *, request_id: str) -> bool:
        value = row["name_id"].get("value", "")
        request_hash = f"{row['client_id']} {request_id or row['session_index']}"
        if any(one.request_hash == request_hash for one in self._world.participants):
            return False
        name_hash = fingerprint(value) if value else ""
        self._world.participants.append(ParticipantRow(**row, name_hash=name_hash, request_hash=request_hash))
        return True

    def named(self, client_id: str, name_id: str, session_indexes: Sequence[str]) -> list[ParticipantRow]:
        return [
            one
            for one in self._world.participants
            if name_id and (one.client_id, one.name_id.get("value")) == (client_id, name_id)
            and (not session_indexes or one.session_index in session_indexes)
        ]  # fmt: skip
