"""SAML service providers beside OAuth clients, and what a school withholds from a service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("clients") as batch_op:
        batch_op.add_column(sa.Column("protocol", sa.String(), server_default="openid", nullable=False))
    with op.batch_alter_table("client_schools") as batch_op:
        batch_op.add_column(sa.Column("withheld", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "saml_sources",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("admits", sa.String(), nullable=False),
        sa.Column("all_schools", sa.Boolean(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saml_sources"),
        sa.UniqueConstraint("url", name="uq_saml_sources_url"),
    )
    op.create_table(
        "saml_entities",
        sa.Column("entity_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(length=32), nullable=True),
        sa.Column("provider", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name="fk_saml_entities_client_id_clients"),
        sa.ForeignKeyConstraint(["source_id"], ["saml_sources.id"], name="fk_saml_entities_source_id_saml_sources"),
        sa.PrimaryKeyConstraint("entity_id", name="pk_saml_entities"),
        sa.UniqueConstraint("client_id", name="uq_saml_entities_client_id"),
    )
    op.create_index("ix_saml_entities_source_id", "saml_entities", ["source_id"], unique=False)
    op.create_table(
        "saml_participants",
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("name_id", sa.JSON(), nullable=False),
        sa.Column("name_hash", sa.String(), nullable=False),
        sa.Column("session_index", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name="fk_saml_participants_client_id_clients"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_saml_participants_person_id_people"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_saml_participants_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_hash", name="pk_saml_participants"),
    )
    op.create_index("ix_saml_participants_session_id", "saml_participants", ["session_id"], unique=False)
    op.create_index(
        "ix_saml_participants_client_id_name_hash", "saml_participants", ["client_id", "name_hash"], unique=False
    )
    op.create_index("ix_saml_participants_person_id", "saml_participants", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("saml_participants")
    op.drop_table("saml_entities")
    op.drop_table("saml_sources")
    with op.batch_alter_table("client_schools") as batch_op:
        batch_op.drop_column("withheld")
    with op.batch_alter_table("clients") as batch_op:
        batch_op.drop_column("protocol")
