"""The database schema's history, run through Alembic's API; there is no alembic.ini.

Migrations expand first and contract a release later, so that two adjacent versions run side by side.
Alembic is imported inside the functions: only commands need it, and the server starts without it.
A new revision is drafted with `make migration m="what changes"`, then read and cleaned by a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

from idp.store.session import begin_writing

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0008"
"""The revision this code needs; a test compares it with the newest file in `versions/`."""

_FOLDER = Path(__file__).parent
_LOCK = 0x62696C696D
"""PostgreSQL advisory lock: two nodes that start an upgrade at once take turns."""


def current(connection: Connection) -> str:
    """The database's revision, or an empty string when it has none. Cheap enough for a readiness check."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Brings the database to `revision` in one transaction; does nothing when it is there already."""
    from alembic import command

    with _exclusive(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Takes the database back to `revision` (`base` for nothing at all); the data of what goes is lost."""
    from alembic import command

    with _exclusive(engine) as connection:
        command.downgrade(_config(connection), revision)


def check(engine: Engine) -> list[str]:
    """What is wrong with the schema, one line each: a wrong revision, or tables that differ from the models."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from idp.store import models
    from idp.store.base import Base

    assert models  # importing them fills the metadata
    with engine.connect() as connection:
        revision = current(connection)
        if revision != HEAD:
            return [f"revision is {revision or 'none'}, needed is {HEAD}: run `idp db upgrade`"]
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": Base.metadata})
        return [_describe(difference) for difference in compare_metadata(context, Base.metadata)]


def draft(message: str, *, revision: str, folder: Path = _FOLDER / "versions") -> Path:
    """Writes the revision that leads from the newest migration to the models, and returns its file."""
    from alembic import command

    from idp.store.session import open_engine

    engine = open_engine("sqlite://")
    with _exclusive(engine) as connection:
        command.upgrade(_config(connection), "head")
        script = command.revision(
            _config(connection), message, autogenerate=True, rev_id=revision, version_path=str(folder)
        )
    engine.dispose()
    path = getattr(script, "path", None)
    if path is None:
        raise RuntimeError("nothing was drafted")
    return Path(path)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _exclusive(engine: Engine) -> Iterator[Connection]:
    """One writer's transaction. SQLite rebuilds tables to alter them, so foreign keys rest until the end."""
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        driver: Any = connection.connection.driver_connection
        if sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with begin_writing(connection):
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                yield connection
                if sqlite and (broken := driver.execute("PRAGMA foreign_key_check").fetchall()):
                    raise RuntimeError(f"the migration broke foreign keys: {broken[:5]}")
        finally:
            if sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def _describe(difference: Any) -> str:
    """Alembic's tuples (or lists of them, for one column) in words."""
    parts = difference[0] if isinstance(difference, list) else difference
    return "the models differ: " + " ".join(str(part) for part in parts if part is not None)
