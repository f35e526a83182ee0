"""Rows put straight into the tables, for tests of the store and of what stands on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from idp.core.ids import new_id
from idp.store import clients, grants
from idp.store.models.org import Organisation
from idp.store.models.people import Membership, Person
from idp.store.session import Tx
from tests.factories.oidc import client_row

BEGINNING = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
"""Where a FixedClock stands at first."""


def add_person(tx: Tx, username: str = "aigerim", **fields: Any) -> str:
    """A person; returns the id."""
    row = {"id": new_id(), "username": username, "created_at": BEGINNING, "updated_at": BEGINNING} | fields
    tx.connection.execute(insert(Person), row)
    return str(row["id"])


def add_school(tx: Tx, name: str = "№ 12 мектеп-гимназия", **fields: Any) -> str:
    """An organisation that teaches; returns the id."""
    row = {"id": new_id(), "type": "secondary", "name": name, "created_at": BEGINNING} | fields
    tx.connection.execute(insert(Organisation), row)
    return str(row["id"])


def add_membership(tx: Tx, person_id: str, school_id: str, role: str = "pupil", **fields: Any) -> str:
    """One role at one school; returns the id."""
    row = {"id": new_id(), "person_id": person_id, "school_id": school_id, "role": role} | fields
    tx.connection.execute(insert(Membership), row)
    return str(row["id"])


def add_offline_grant(tx: Tx, person_id: str) -> str:
    """What a client holds for a person beyond any session; returns the id."""
    row = client_row("reader")._asdict() | {"created_at": BEGINNING, "updated_at": BEGINNING}
    clients.add(tx, row)
    grant = {
        "id": new_id(), "client_id": "reader", "person_id": person_id, "scope": "openid offline_access",
        "created_at": BEGINNING, "expires_at": BEGINNING + timedelta(days=30),
    }  # fmt: skip
    grants.add(tx, grant)
    return str(grant["id"])
