"""People: words to find them by, photos, merges, who may act for whom; cards, calendar, imports that can be undone."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
_PAGE = 5000


def upgrade() -> None:
    op.create_table(
        "person_words",
        sa.Column("word", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_words_person_id_people"),
        sa.PrimaryKeyConstraint("word", "person_id", name="pk_person_words"),
    )
    op.create_index("ix_person_words_person_id", "person_words", ["person_id"], unique=False)
    op.create_table(
        "photos",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_photos_person_id_people"),
        sa.PrimaryKeyConstraint("person_id", name="pk_photos"),
    )
    op.create_table(
        "merges",
        sa.Column("merged_id", sa.String(length=32), nullable=False),
        sa.Column("kept_id", sa.String(length=32), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["kept_id"], ["people.id"], name="fk_merges_kept_id_people"),
        sa.ForeignKeyConstraint(["merged_id"], ["people.id"], name="fk_merges_merged_id_people"),
        sa.PrimaryKeyConstraint("merged_id", name="pk_merges"),
    )
    op.create_index("ix_merges_kept_id", "merges", ["kept_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("child_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["people.id"], name="fk_invitations_child_id_people"),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_invitations_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("code_hash", name="uq_invitations_code_hash"),
    )
    op.create_index("ix_invitations_school_id_child_id", "invitations", ["school_id", "child_id"], unique=False)
    op.create_table(
        "calendar_days",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_ru", sa.String(), nullable=False),
        sa.Column("begin", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_calendar_days_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_days"),
    )
    op.create_index("ix_calendar_days_school_id_begin", "calendar_days", ["school_id", "begin"], unique=False)
    op.create_table(
        "bells",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("shift", sa.String(), nullable=False),
        sa.Column("lesson", sa.Integer(), nullable=False),
        sa.Column("begin", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_bells_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_bells"),
        sa.UniqueConstraint("school_id", "shift", "lesson", name="uq_bells_school_id_shift_lesson"),
    )
    op.create_table(
        "cards",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("short_hash", sa.LargeBinary(), nullable=True),
        sa.Column("number_hint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("replaced_by_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_cards_person_id_people"),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_cards_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_cards"),
    )
    op.create_index("ix_cards_school_id_state", "cards", ["school_id", "state"], unique=False)
    op.create_index("ix_cards_number_hash", "cards", ["number_hash"], unique=False)
    op.create_index("ix_cards_short_hash", "cards", ["short_hash"], unique=False)
    op.create_index(
        "uq_cards_active_person",
        "cards",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "uq_cards_held_number",
        "cards",
        ["number_hash"],
        unique=True,
        sqlite_where=sa.text("state IN ('active', 'blocked')"),
        postgresql_where=sa.text("state IN ('active', 'blocked')"),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("applied_by", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_imports_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_school_id_applied_at", "imports", ["school_id", "applied_at"], unique=False)
    op.create_table(
        "import_changes",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_changes_import_id_imports"),
        sa.PrimaryKeyConstraint("import_id", "table", "row_id", name="pk_import_changes"),
    )
    op.create_table(
        "import_uploads",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_import_uploads_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_import_uploads"),
    )
    op.create_index("ix_import_uploads_expires_at", "import_uploads", ["expires_at"], unique=False)
    op.create_table(
        "year_promotions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("school_id", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["organisations.id"], name="fk_year_promotions_school_id_organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_year_promotions"),
        sa.UniqueConstraint("school_id", "year", name="uq_year_promotions_school_id_year"),
    )
    op.create_table(
        "year_changes",
        sa.Column("promotion_id", sa.String(length=32), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["year_promotions.id"], name="fk_year_changes_promotion_id_year_promotions"
        ),
        sa.PrimaryKeyConstraint("promotion_id", "table", "row_id", name="pk_year_changes"),
    )
    with op.batch_alter_table("organisations") as batch_op:
        batch_op.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column("second_factor", sa.String(), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("people") as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("restricted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key("fk_people_merged_into_id_people", "people", ["merged_into_id"], ["id"])
        batch_op.create_index("ix_people_email", ["email"], unique=False)
    with op.batch_alter_table("guardianships") as batch_op:
        batch_op.add_column(sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("evidence", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column("end_reason", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("of_age_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("block_basis", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("blocked_by", sa.String(), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("credentials") as batch_op:
        batch_op.add_column(sa.Column("handle", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("label", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("counter", sa.BigInteger(), nullable=False, server_default=sa.text("'-1'")))
        batch_op.create_index(
            "uq_credentials_method_handle",
            ["method", "handle"],
            unique=True,
            sqlite_where=sa.text("handle <> ''"),
            postgresql_where=sa.text("handle <> ''"),
        )
    # Links that an import or the operator made before were verified by the school's own list.
    op.execute("UPDATE guardianships SET verified_at = CURRENT_TIMESTAMP WHERE verified_at IS NULL")
    _pause_at_eighteen()


def _pause_at_eighteen() -> None:
    """Sets `of_age_on` of the links that are there. In Python: the databases count years in ways of their own."""
    people = sa.table("people", sa.column("id", sa.String), sa.column("birth_date", sa.Date))
    links = sa.table("guardianships", sa.column("child_id", sa.String), sa.column("of_age_on", sa.Date))
    children = sa.select(people.c.id, people.c.birth_date).where(
        people.c.birth_date.is_not(None),
        people.c.id.in_(sa.select(links.c.child_id)),
        people.c.id > sa.bindparam("last"),
    )
    page = children.order_by(people.c.id).limit(_PAGE)
    pause = sa.update(links).where(links.c.child_id == sa.bindparam("b_child")).values(of_age_on=sa.bindparam("b_day"))
    connection, last = op.get_bind(), ""
    while rows := connection.execute(page, {"last": last}).all():
        last = rows[-1][0]
        connection.execute(pause, [{"b_child": row[0], "b_day": _eighteen(row[1])} for row in rows])


def _eighteen(born: date) -> date:
    """The birthday itself; of 29 February the 28th."""
    is_leap_day = (born.month, born.day) == (2, 29)
    return born.replace(year=born.year + 18, day=28 if is_leap_day else born.day)


def downgrade() -> None:
    with op.batch_alter_table("credentials") as batch_op:
        batch_op.drop_index("uq_credentials_method_handle")
        batch_op.drop_column("counter")
        batch_op.drop_column("label")
        batch_op.drop_column("handle")
    with op.batch_alter_table("guardianships") as batch_op:
        batch_op.drop_column("blocked_by")
        batch_op.drop_column("block_basis")
        batch_op.drop_column("kept_at")
        batch_op.drop_column("of_age_on")
        batch_op.drop_column("end_reason")
        batch_op.drop_column("evidence")
        batch_op.drop_column("verified_at")
    with op.batch_alter_table("people") as batch_op:
        batch_op.drop_index("ix_people_email")
        batch_op.drop_constraint("fk_people_merged_into_id_people", type_="foreignkey")
        batch_op.drop_column("restricted_at")
        batch_op.drop_column("merged_into_id")
    with op.batch_alter_table("organisations") as batch_op:
        batch_op.drop_column("second_factor")
        batch_op.drop_column("details")
    op.drop_table("year_changes")
    op.drop_table("year_promotions")
    op.drop_table("import_uploads")
    op.drop_table("import_changes")
    op.drop_table("imports")
    op.drop_table("cards")
    op.drop_table("bells")
    op.drop_table("calendar_days")
    op.drop_table("invitations")
    op.drop_table("merges")
    op.drop_table("photos")
    op.drop_table("person_words")
