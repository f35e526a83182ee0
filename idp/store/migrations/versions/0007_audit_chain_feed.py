"""The chain over audit events, export counts, and a change feed that passes nothing over."""

from __future__ import annotations

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
    with op.batch_alter_table("changes") as batch_op:
        batch_op.add_column(sa.Column("xid", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
        batch_op.drop_index("ix_changes_school_id_kind_seq")
        batch_op.create_index("ix_changes_school_id_kind_xid_seq", ["school_id", "kind", "xid", "seq"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE changes ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text)::bigint")


def downgrade() -> None:
    with op.batch_alter_table("changes") as batch_op:
        batch_op.drop_index("ix_changes_school_id_kind_xid_seq")
        batch_op.create_index("ix_changes_school_id_kind_seq", ["school_id", "kind", "seq"], unique=False)
        batch_op.drop_column("xid")
    op.drop_table("export_counts")
    op.drop_table("audit_checkpoints")
    op.drop_table("audit_links")
