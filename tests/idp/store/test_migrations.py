"""Migrations and models are two descriptions of one schema; they must agree on every database we run on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, select, text

from idp.store import migrations
from idp.store.base import Base
from idp.store.models.people import Guardianship, Person
from idp.store.session import UnitOfWork, open_engine
from tests.factories.console import add_guardianship
from tests.factories.rows import add_person, add_school


def test_migrations_and_models_agree(engine: Engine) -> None:
    assert migrations.check(engine) == []
    assert set(Base.metadata.tables) == set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_needed_revision_is_the_newest_file() -> None:
    names = sorted(path.name for path in (Path(migrations.__file__).parent / "versions").glob("*.py"))
    assert names[-1].startswith(f"{migrations.HEAD}_")


def test_a_database_without_tables_says_what_to_do(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    assert migrations.check(engine) == [f"revision is none, needed is {migrations.HEAD}: run `idp db upgrade`"]
    engine.dispose()


def test_down_to_nothing_and_up_again_gives_the_same_schema(engine: Engine) -> None:
    migrations.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    migrations.upgrade(engine)
    assert migrations.check(engine) == []


def test_an_upgrade_of_a_current_database_changes_nothing(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    migrations.upgrade(engine)
    assert inspect(engine).get_table_names() == before


def test_a_column_the_models_do_not_know_is_reported(engine: Engine) -> None:
    with UnitOfWork(engine).write() as tx:
        tx.connection.execute(text("ALTER TABLE leases ADD COLUMN surprise INTEGER"))
    (problem,) = migrations.check(engine)
    assert "remove_column" in problem
    assert "surprise" in problem


def test_constraints_carry_the_names_of_the_convention(engine: Engine) -> None:
    inspector = inspect(engine)
    assert inspector.get_pk_constraint("people")["name"] == "pk_people"
    assert {index["name"] for index in inspector.get_indexes("grants")} >= {"ix_grants_session_id"}
    assert [key["name"] for key in inspector.get_foreign_keys("credentials")] == ["fk_credentials_person_id_people"]


def test_a_failed_migration_leaves_the_old_schema(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(empty_database_url)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE outbox (in_the_way INTEGER)"))
        connection.commit()
    with pytest.raises(Exception, match="outbox"):
        migrations.upgrade(engine)
    assert inspect(engine).get_table_names() == ["outbox"]
    engine.dispose()


def test_a_draft_without_changes_of_the_models_is_empty(tmp_path: Path) -> None:
    """Otherwise the next author finds somebody else's forgotten change in their own migration."""
    engine = open_engine(f"sqlite:///{tmp_path / 'draft.sqlite3'}")
    migrations.upgrade(engine)
    assert migrations.check(engine) == []
    engine.dispose()


def test_links_that_were_there_pause_at_eighteen_too(engine: Engine) -> None:
    born = {"leap": date(2008, 2, 29), "plain": date(2010, 9, 1), "unknown": None}
    with UnitOfWork(engine).write() as tx:
        school, parent = add_school(tx), add_person(tx, "parent")
        for name, day in born.items():
            add_guardianship(tx, school, add_person(tx, name, birth_date=day), parent)
    migrations.downgrade(engine, "0004")
    migrations.upgrade(engine)
    with UnitOfWork(engine).read() as tx:
        query = select(Person.username, Guardianship.of_age_on).join(Person, Person.id == Guardianship.child_id)
        found = {row[0]: row[1] for row in tx.connection.execute(query.where(Guardianship.child_id.is_not(None)))}
    assert found == {"leap": date(2026, 2, 28), "plain": date(2028, 9, 1), "unknown": None}
