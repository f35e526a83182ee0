"""The chain over audit events, export counts, and a change feed that passes nothing over."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_links",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_links"),
        sa.UniqueConstraint("event_id", name="uq_audit_links_event_id"),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jws", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_checkpoints"),
    )
    op.create_table(
        "export_counts",
        sa.Column("taker", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("taker", "day", name="pk_export_counts"),
    )
    # Made anew on SQLite, so that a number is given once even when retention has emptied the table.
    recreate: Literal["always", "auto"] = "always" if op.get_bind().dialect.name == "sqlite" else "auto"
    with op.batch_alter_table(
        "changes", recreate=recreate, table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:  # fmt: skip
        batch_op.add_column(sa.Column("xid", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
        batch_op.drop_index("ix_changes_school_id_kind_seq")
        batch_op.create_index("ix_changes_school_id_kind_xid_seq", ["school_id", "kind", "xid", "seq"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE changes ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text)::bigint")
    op.create_index("ix_audit_events_school_id_at", "audit_events", ["school_id", "at"], unique=False)
    _make_append_only()


_ONLY_GROW = ("audit_events", "audit_links", "audit_checkpoints")
_KEYS = {"audit_events": ("id",), "audit_links": ("seq", "event_id"), "audit_checkpoints": ("seq",)}


def _make_append_only() -> None:
    """The database itself refuses to change or delete what was written, whoever asks through an ordinary connection."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$"
        )
    for table in _ONLY_GROW:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
            )
            continue
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            )
        # INSERT OR REPLACE deletes without asking the trigger of DELETE, unless a connection says recursive_triggers.
        there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})" for key in _KEYS[table])  # noqa: S608  # constants
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
            f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
        )


def _end_append_only() -> None:
    for table in _ONLY_GROW:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
        else:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
            op.execute(f"DROP TRIGGER {table}_no_replace")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION only_grows()")


def downgrade() -> None:
    _end_append_only()
    op.drop_index("ix_audit_events_school_id_at", "audit_events")
    with op.batch_alter_table("changes") as batch_op:
        batch_op.drop_index("ix_changes_school_id_kind_xid_seq")
        batch_op.create_index("ix_changes_school_id_kind_seq", ["school_id", "kind", "seq"], unique=False)
        batch_op.drop_column("xid")
    op.drop_table("export_counts")
    op.drop_table("audit_checkpoints")
    op.drop_table("audit_links")
