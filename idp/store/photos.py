"""Pictures of people: one each, re-encoded before they come here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, delete, or_, select

from idp.core.scope import Scope
from idp.store.directory import is_of
from idp.store.models.people import Person, Photo
from idp.store.session import Tx
from idp.store.upsert import insert_or_update

_table = cast(Table, Photo.__table__)


def put(tx: Tx, person_id: str, image: bytes, *, by: str, now: datetime) -> None:
    """In place of what was there."""
    row = {"image": image, "sha256": hashlib.sha256(image).hexdigest(), "updated_at": now, "updated_by": by}
    insert_or_update(tx, _table, {"person_id": person_id, **row}, key=("person_id",), keep=())


def one(tx: Tx, person_id: str) -> bytes | None:
    image: bytes | None = tx.connection.execute(select(Photo.image).where(Photo.person_id == person_id)).scalar()
    return image


def remove(tx: Tx, person_id: str) -> bool:
    """False when there was none."""
    return tx.connection.execute(delete(Photo).where(Photo.person_id == person_id)).rowcount == 1


def named(tx: Tx, scope: Scope, names: Sequence[str], *, today: date) -> dict[str, tuple[str, bool]]:
    """By username or id, of those who belong to the scope today: (person, whether a picture is there)."""
    has_photo = select(Photo.person_id).where(Photo.person_id == Person.id).exists()
    query = select(Person.id, Person.username, has_photo).where(
        or_(Person.username.in_(names), Person.id.in_(names)), Person.status == "active",
        is_of(scope, Person.id, today=today),
    )  # fmt: skip
    found: dict[str, tuple[str, bool]] = {}
    for person_id, username, has in tx.connection.execute(query):
        found[username] = found[person_id] = (person_id, bool(has))
    return found
