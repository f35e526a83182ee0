"""Known SAML service providers and where their metadata comes from. Who may be served is `store/clients.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from idp.store.models.clients import Client
from idp.store.models.saml import SamlEntity, SamlSource
from idp.store.session import Tx

_sources = cast(Table, SamlSource.__table__)
_entities = cast(Table, SamlEntity.__table__)
_s, _e = _sources.c, _entities.c


class SourceRow(NamedTuple):
    """In the order of the table's columns."""

    id: str
    kind: str
    url: str
    certificates: Sequence[str]
    admits: str
    all_schools: bool
    refreshed_at: datetime | None
    due_at: datetime
    valid_until: datetime | None
    last_error: str
    failures: int
    created_at: datetime


class EntityRow(NamedTuple):
    """In the order of the table's columns."""

    entity_id: str
    client_id: str | None
    source_id: str | None
    provider: Mapping[str, Any]
    settings: Mapping[str, Any]
    valid_until: datetime | None
    refreshed_at: datetime


def add_source(tx: Tx, row: Mapping[str, Any]) -> None:
    """Raises IntegrityError when its address is there already."""
    tx.connection.execute(insert(_sources), dict(row))


def source(tx: Tx, source_id: str) -> SourceRow | None:
    row = tx.connection.execute(select(_sources).where(_s.id == source_id)).first()
    return None if row is None else SourceRow._make(row)


def sources(tx: Tx) -> list[SourceRow]:
    """The oldest first: of two that name one entity the older one speaks for it."""
    return [SourceRow._make(row) for row in tx.connection.execute(select(_sources).order_by(_s.created_at, _s.id))]


def claim(tx: Tx, source_id: str, *, now: datetime, until: datetime) -> bool:
    """True for one of those who want to read a source that is due; the others need not before `until`."""
    query = update(_sources).where(_s.id == source_id, _s.due_at <= now).values(due_at=until)
    return tx.connection.execute(query).rowcount == 1


def pin(tx: Tx, source_id: str, certificates: Sequence[str]) -> None:
    tx.connection.execute(update(_sources).where(_s.id == source_id).values(certificates=list(certificates)))


def change_source(
    tx: Tx, source_id: str, *, certificates: Sequence[str], admits: str, all_schools: bool
) -> None:  # fmt: skip
    values = {"certificates": list(certificates), "admits": admits, "all_schools": all_schools}
    tx.connection.execute(update(_sources).where(_s.id == source_id).values(values))


def note_refreshed(
    tx: Tx, source_id: str, *, now: datetime, due_at: datetime, valid_until: datetime | None
) -> None:  # fmt: skip
    values = {"refreshed_at": now, "due_at": due_at, "valid_until": valid_until, "last_error": "", "failures": 0}
    tx.connection.execute(update(_sources).where(_s.id == source_id).values(values))


def note_failed(tx: Tx, source_id: str, *, due_at: datetime, error: str) -> None:
    values = {"due_at": due_at, "last_error": error, "failures": _s.failures + 1}
    tx.connection.execute(update(_sources).where(_s.id == source_id).values(values))


def remove_source(tx: Tx, source_id: str) -> int:
    """Its registered entities stay as they are, as if given by hand; returns how many. The others go."""
    tx.connection.execute(delete(_entities).where(_e.source_id == source_id, _e.client_id.is_(None)))
    stay = tx.connection.execute(update(_entities).where(_e.source_id == source_id).values(source_id=None)).rowcount
    tx.connection.execute(delete(_sources).where(_s.id == source_id))
    return stay


def numbers(tx: Tx) -> dict[str, tuple[int, int]]:
    """Of each source how many entities are known, and how many of them are registered."""
    query = select(_e.source_id, func.count(), func.count(_e.client_id)).group_by(_e.source_id)
    return {row[0]: (row[1], row[2]) for row in tx.connection.execute(query.where(_e.source_id.is_not(None)))}


def find(tx: Tx, entity_id: str, *, hold: bool = False) -> EntityRow | None:
    """With `hold` nobody else changes it until the transaction's end."""
    query = select(_entities).where(_e.entity_id == entity_id)
    row = tx.connection.execute(query.with_for_update() if hold else query).first()
    return None if row is None else EntityRow._make(row)


def of_client(tx: Tx, client_id: str) -> EntityRow | None:
    row = tx.connection.execute(select(_entities).where(_e.client_id == client_id)).first()
    return None if row is None else EntityRow._make(row)


def settings_of(tx: Tx, client_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """How the operator set registered ones up, by client_id."""
    query = select(_e.client_id, _e.settings).where(_e.client_id.in_(client_ids))
    return {row.client_id: row.settings for row in tx.connection.execute(query)}


def hold_many(tx: Tx, entity_ids: Sequence[str]) -> dict[str, EntityRow]:
    """Those of these that are known, by entityID; nobody else changes them until the transaction's end."""
    query = select(_entities).where(_e.entity_id.in_(entity_ids)).order_by(_e.entity_id).with_for_update()
    return {row.entity_id: EntityRow._make(row) for row in tx.connection.execute(query)}


def registered(tx: Tx) -> list[Mapping[str, Any]]:
    """`entity_id client_id source_id metadata owner end_date is_disabled valid_until` of each, by client_id."""
    query = (
        select(
            _e.entity_id, _e.client_id, _e.source_id, Client.metadata_.label("metadata"), Client.owner, Client.end_date,
            Client.is_disabled, _e.valid_until,
        )
        .join(Client, Client.client_id == _e.client_id)
        .order_by(_e.client_id)
    )  # fmt: skip
    return [row._asdict() for row in tx.connection.execute(query)]


def of_source(tx: Tx, source_id: str) -> list[EntityRow]:
    """The registered ones."""
    query = select(_entities).where(_e.source_id == source_id, _e.client_id.is_not(None)).order_by(_e.entity_id)
    return [EntityRow._make(row) for row in tx.connection.execute(query)]


def put(tx: Tx, row: Mapping[str, Any]) -> None:
    """Writes all of one entity, whoever described it before."""
    into = _insert(tx)(_entities)
    changed = {name: into.excluded[name] for name in row if name != "entity_id"}
    tx.connection.execute(into.on_conflict_do_update(index_elements=["entity_id"], set_=changed), dict(row))


def put_many(tx: Tx, source_id: str, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """What a source says of entities: `entity_id provider valid_until` each. One that another source or the operator
    speaks for stays as it is, and one that was read later, too."""
    if not rows:
        return
    into = _insert(tx)(_entities)
    taken = ("provider", "valid_until", "refreshed_at")
    statement = into.on_conflict_do_update(
        index_elements=["entity_id"],
        set_={name: into.excluded[name] for name in taken},
        where=and_(_e.source_id == into.excluded.source_id, _e.refreshed_at <= into.excluded.refreshed_at),
    )
    common = {"source_id": source_id, "settings": {}, "refreshed_at": now}
    tx.connection.execute(statement, [dict(row) | common for row in rows])


def admit(tx: Tx, entity_id: str, client_id: str) -> bool:
    """The entity has a client from now on; False when it has one already."""
    query = update(_entities).where(_e.entity_id == entity_id, _e.client_id.is_(None)).values(client_id=client_id)
    return tx.connection.execute(query).rowcount == 1


def delete_entity(tx: Tx, entity_id: str) -> None:
    tx.connection.execute(delete(_entities).where(_e.entity_id == entity_id))


def forget(tx: Tx, entity_id: str) -> None:
    """It stays known by its source, and is no service any more."""
    tx.connection.execute(update(_entities).where(_e.entity_id == entity_id).values(client_id=None, settings={}))


def drop_unnamed(tx: Tx, source_id: str, *, before: datetime, spared: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What a source named at an earlier reading and not at the last goes. A registered service stays, and is not served
    from `before` on: its (entityID, client_id) are returned. `spared` are named, but could not be read."""
    old = and_(_e.source_id == source_id, _e.refreshed_at < before, _e.entity_id.not_in(list(spared)))
    tx.connection.execute(delete(_entities).where(old, _e.client_id.is_(None)))
    served = and_(old, or_(_e.valid_until.is_(None), _e.valid_until > before))
    rows = [EntityRow._make(row) for row in tx.connection.execute(select(_entities).where(served).with_for_update())]
    for row in rows:
        provider = {**row.provider, "valid_until": before.isoformat()}
        over = update(_entities).where(_e.entity_id == row.entity_id).values(valid_until=before, provider=provider)
        tx.connection.execute(over)
    return [(row.entity_id, row.client_id or "") for row in rows]


def drop_expired(tx: Tx, source_id: str, *, now: datetime) -> None:
    """Of a source that is asked for one entity at a time: what nobody registered goes when it is no longer valid."""
    old = and_(_e.source_id == source_id, _e.client_id.is_(None), _e.valid_until <= now)
    tx.connection.execute(delete(_entities).where(old))


def _insert(tx: Tx) -> Any:
    return postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
