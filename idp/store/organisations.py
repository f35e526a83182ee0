"""Organisations: how one is shown, and the tree below an authority."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from idp.core.scope import Scope
from idp.store.models.org import Organisation
from idp.store.session import Tx

_ONE = select(
    Organisation.id,
    Organisation.parent_id,
    Organisation.type,
    Organisation.name,
    Organisation.name_ru,
    Organisation.identifier,
    Organisation.region,
    Organisation.details,
    Organisation.second_factor,
    Organisation.status,
).where(Organisation.id == bindparam("organisation_id"))


def one(tx: Tx, scope: Scope, organisation_id: str) -> Mapping[str, Any] | None:
    """An organisation of the scope, as a row."""
    if not scope.allows(organisation_id):
        return None
    row = tx.connection.execute(_ONE, {"organisation_id": organisation_id}).first()
    return None if row is None else row._asdict()
