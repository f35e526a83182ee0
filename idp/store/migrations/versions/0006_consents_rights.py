"""Consents with their texts and campaigns, requests of subjects, breaches, what retention did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_consent_texts_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_consent_texts"),
        sa.UniqueConstraint(
            "school_id", "purpose", "recipient", "version", name="uq_consent_texts_school_id_purpose_recipient_version"
        ),
    )
    op.create_table(
        "consent_records",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("text_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("signer_id", sa.String(length=32), nullable=True),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        sa.Column("stop_by", sa.Date(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_consent_records_person_id_people"),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_consent_records_school_id_organisations"),
        sa.ForeignKeyConstraint(["signer_id"], ["people.id"], name="fk_consent_records_signer_id_people"),
        sa.ForeignKeyConstraint(["text_id"], ["consent_texts.id"], name="fk_consent_records_text_id_consent_texts"),
        sa.PrimaryKeyConstraint("id", name="pk_consent_records"),
    )
    op.create_index("ix_consent_records_person_id_given_at", "consent_records", ["person_id", "given_at"], unique=False)
    op.create_index(
        "ix_consent_records_school_id_purpose_person_id",
        "consent_records",
        ["school_id", "purpose", "person_id"],
        unique=False,
    )
    op.create_index("ix_consent_records_stop_by", "consent_records", ["stop_by"], unique=False)
    op.create_table(
        "consent_campaigns",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text_ids", sa.JSON(), nullable=False),
        sa.Column("class_ids", sa.JSON(), nullable=False),
        sa.Column("begin", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organisations.id"], name="fk_consent_campaigns_school_id_organisations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent_campaigns"),
    )
    op.create_index("ix_consent_campaigns_school_id", "consent_campaigns", ["school_id"], unique=False)
    op.create_table(
        "subject_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("requester_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_subject_requests_person_id_people"),
        sa.ForeignKeyConstraint(["requester_id"], ["people.id"], name="fk_subject_requests_requester_id_people"),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organisations.id"], name="fk_subject_requests_school_id_organisations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subject_requests"),
    )
    op.create_index("ix_subject_requests_person_id_made_at", "subject_requests", ["person_id", "made_at"], unique=False)
    op.create_index(
        "ix_subject_requests_school_id_closed_at_due_on",
        "subject_requests",
        ["school_id", "closed_at", "due_on"],
        unique=False,
    )
    op.create_table(
        "breaches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("measures", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("registered_by", sa.String(), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_how", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_breaches_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_breaches"),
    )
    op.create_index("ix_breaches_school_id_detected_at", "breaches", ["school_id", "detected_at"], unique=False)
    op.create_table(
        "breach_people",
        sa.Column("breach_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breaches.id"], name="fk_breach_people_breach_id_breaches"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_breach_people_person_id_people"),
        sa.PrimaryKeyConstraint("breach_id", "person_id", name="pk_breach_people"),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_runs"),
    )
    op.create_index("ix_retention_runs_ran_at", "retention_runs", ["ran_at"], unique=False)
    op.create_table(
        "announcements",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("begin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
    )
    op.create_index("ix_announcements_end", "announcements", ["end"], unique=False)
    op.create_table(
        "outages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("begin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outages"),
    )
    op.create_index("ix_outages_end", "outages", ["end"], unique=False)


def downgrade() -> None:
    op.drop_table("outages")
    op.drop_table("announcements")
    op.drop_table("retention_runs")
    op.drop_table("breach_people")
    op.drop_table("breaches")
    op.drop_table("subject_requests")
    op.drop_table("consent_campaigns")
    op.drop_table("consent_records")
    op.drop_table("consent_texts")
