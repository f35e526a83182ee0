"""Documents to sign, signatures, errands of phones, revocation lists; a guardian may have no school yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocation_lists",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("issuer_key_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("base_number", sa.BigInteger(), nullable=False),
        sa.Column("this_update", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_update", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revocation_lists"),
    )

    op.create_table(
        "revocation_shards",
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serials", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["revocation_lists.id"], name="fk_revocation_shards_list_id_revocation_lists"
        ),
        sa.PrimaryKeyConstraint("list_id", "shard", name="pk_revocation_shards"),
    )
    op.create_table(
        "signing_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("document_sha256", sa.String(), nullable=False),
        sa.Column("signers", sa.JSON(), nullable=False),
        sa.Column("return_uri", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name="fk_signing_requests_client_id_clients"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_signing_requests_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_signing_requests"),
    )

    op.create_table(
        "phone_errands",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("relay", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["signing_requests.id"], name="fk_phone_errands_request_id_signing_requests"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_phone_errands"),
    )

    op.create_table(
        "signatures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("cms_sha256", sa.String(), nullable=False),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("signer", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_signatures_person_id_people"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["signing_requests.id"], name="fk_signatures_request_id_signing_requests"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signatures"),
        sa.UniqueConstraint("request_id", name="uq_signatures_request_id"),
    )

    op.create_index("ix_revocation_lists_issuer_key_id_kind", "revocation_lists", ["issuer_key_id", "kind"])
    op.create_index("ix_signing_requests_client_id_created_at", "signing_requests", ["client_id", "created_at"])
    op.create_index("ix_signing_requests_expires_at", "signing_requests", ["expires_at"])
    op.create_index("ix_signing_requests_person_id", "signing_requests", ["person_id"])
    op.create_index("ix_phone_errands_expires_at", "phone_errands", ["expires_at"])
    op.create_index("ix_signatures_cms_sha256", "signatures", ["cms_sha256"])
    op.create_index("ix_signatures_person_id_created_at", "signatures", ["person_id", "created_at"])

    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.alter_column("school_id", existing_type=sa.VARCHAR(length=32), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.alter_column("school_id", existing_type=sa.VARCHAR(length=32), nullable=False)

    op.drop_index("ix_revocation_lists_issuer_key_id_kind", "revocation_lists")
    op.drop_index("ix_signing_requests_client_id_created_at", "signing_requests")
    op.drop_index("ix_signing_requests_expires_at", "signing_requests")
    op.drop_index("ix_signing_requests_person_id", "signing_requests")
    op.drop_index("ix_phone_errands_expires_at", "phone_errands")
    op.drop_index("ix_signatures_cms_sha256", "signatures")
    op.drop_index("ix_signatures_person_id_created_at", "signatures")
    op.drop_table("signatures")

    op.drop_table("phone_errands")

    op.drop_table("signing_requests")
    op.drop_table("revocation_shards")

    op.drop_table("revocation_lists")
