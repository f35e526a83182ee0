"""Texts of consent by school, purpose, recipient and version. A published one is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, delete, func, insert, select, update

from idp.core.scope import Scope
from idp.store.models.clients import Client
from idp.store.models.consents import ConsentText
from idp.store.models.org import Organisation
from idp.store.session import Tx

_table = cast(Table, ConsentText.__table__)
_c = _table.c


class TextRow(NamedTuple):
    """A row of `consent_texts`."""

    id: str
    school_id: str
    purpose: str
    recipient: str
    version: int
    title: Mapping[str, str]
    body: Mapping[str, str]
    contents: Mapping[str, Any]
    sha256: str
    made_by: str
    made_at: datetime
    published_at: datetime | None
    retired_at: datetime | None

    @property
    def is_current(self) -> bool:
        """What is asked now."""
        return self.published_at is not None and self.retired_at is None


COLUMNS = tuple(_c[name] for name in TextRow._fields)
_SELECT = select(*COLUMNS)


def one(tx: Tx, scope: Scope, text_id: str, *, lock: bool = False) -> TextRow | None:
    """With `lock` the text stays asked, or not, until the transaction ends; others who answer it do not wait."""
    query = _SELECT.where(_c.id == text_id, _c.school_id.in_(scope.schools))
    row = tx.connection.execute(query.with_for_update(read=True) if lock else query).first()
    return None if row is None else TextRow._make(row)


def of_schools(tx: Tx, scope: Scope, *, current: bool = False) -> list[TextRow]:
    """Texts of the scope's schools by purpose, recipient, newest version first; with `current` only what is asked."""
    query = _SELECT.where(_c.school_id.in_(scope.schools))
    if current:
        query = query.where(_c.published_at.is_not(None), _c.retired_at.is_(None))
    query = query.order_by(_c.school_id, _c.purpose, _c.recipient, _c.version.desc())
    return [TextRow._make(row) for row in tx.connection.execute(query)]


def versions(tx: Tx, scope: Scope, purpose: str, recipient: str) -> list[TextRow]:
    """Every version for one purpose and recipient, newest first."""
    query = _SELECT.where(_c.school_id.in_(scope.schools), _c.purpose == purpose, _c.recipient == recipient)
    return [TextRow._make(row) for row in tx.connection.execute(query.order_by(_c.version.desc()))]


def newest(tx: Tx, scope: Scope, purpose: str, recipient: str) -> int:
    """The highest version there is, 0 for none."""
    query = select(func.max(_c.version)).where(
        _c.school_id.in_(scope.schools), _c.purpose == purpose, _c.recipient == recipient
    )
    return int(tx.connection.execute(query).scalar() or 0)


def add(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    """A draft for a school of the scope. Raises IntegrityError when somebody else made this version."""
    assert scope.allows(row["school_id"])
    tx.connection.execute(insert(_table), dict(row))


def change(tx: Tx, scope: Scope, text_id: str, values: Mapping[str, Any]) -> bool:
    """Rewrites a draft; False for what is published, and for what is not there."""
    query = update(_table).where(_c.id == text_id, _c.school_id.in_(scope.schools), _c.published_at.is_(None))
    return tx.connection.execute(query.values(dict(values))).rowcount == 1


def drop(tx: Tx, scope: Scope, text_id: str) -> bool:
    """Throws a draft away; False for what is published, and for what is not there."""
    query = delete(_table).where(_c.id == text_id, _c.school_id.in_(scope.schools), _c.published_at.is_(None))
    return tx.connection.execute(query).rowcount == 1


def retire(tx: Tx, scope: Scope, text_id: str, *, now: datetime) -> bool:
    """Nobody is asked any more; False for what was not asked."""
    query = update(_table).where(
        _c.id == text_id, _c.school_id.in_(scope.schools), _c.published_at.is_not(None), _c.retired_at.is_(None)
    )
    return tx.connection.execute(query.values(retired_at=now)).rowcount == 1


def school(tx: Tx, scope: Scope, school_id: str) -> Mapping[str, Any] | None:
    """Names and public number of a school of the scope: what a draft begins with."""
    if not scope.allows(school_id):
        return None
    columns = (Organisation.id, Organisation.name, Organisation.name_ru, Organisation.identifier, Organisation.details)
    row = tx.connection.execute(select(*columns).where(Organisation.id == school_id)).first()
    return None if row is None else row._asdict()


def receivers(tx: Tx) -> list[tuple[str, str]]:
    """(client_id, name) of clients that ask people, not of the school's own modules: who may be a recipient."""
    columns = (Client.client_id, Client.metadata_)
    query = select(*columns).where(Client.consent == "ask", Client.is_disabled.is_(False)).order_by(Client.client_id)
    return [(row[0], str(row[1].get("client_name") or row[0])) for row in tx.connection.execute(query)]
