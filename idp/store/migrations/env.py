"""Run by Alembic for every command, on the connection that `idp.store.migrations` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from idp.store import models
from idp.store.base import Base, UtcDateTime

assert models  # importing them fills the metadata


def render_item(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """Migrations name plain column types only: they must run when our own types have long changed."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
