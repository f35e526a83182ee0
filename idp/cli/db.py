"""`idp db`: the schema, and whole copies of the database."""

from __future__ import annotations

import json
from pathlib import Path

import click

from idp.cli import Work

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def db() -> None:
    """Migrate, check, back up and restore the database."""


@db.command()
@click.pass_obj
def upgrade(work: Work) -> None:
    """Bring the schema to this version; safe to run again, and on two machines at once."""
    from idp.store import migrations

    with work.engine.connect() as connection:
        before = migrations.current(connection)
    migrations.upgrade(work.engine)
    click.echo(f"the schema is at {migrations.HEAD}" + ("" if before == migrations.HEAD else f", was at {before or 0}"))


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
@click.pass_obj
def check(work: Work, as_json: bool) -> None:
    """Tell whether the schema is what this version needs; exit 1 when it is not."""
    from idp.store import migrations

    problems = migrations.check(work.engine)
    if as_json:
        click.echo(json.dumps(problems))
    else:
        click.echo("\n".join(problems) or f"the schema is at {migrations.HEAD} and agrees with the models")
    if problems:
        raise click.exceptions.Exit(1)


@db.command()
@click.argument("file", type=_FILE)
@click.pass_obj
def backup(work: Work, file: Path) -> None:
    """Write a whole copy to FILE while the IdP runs. Keep it apart from the master key."""
    from idp.store import backup as copies

    copies.backup(work.engine, file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@db.command()
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="Replace a database in which people live already.")
@click.pass_obj
def restore(work: Work, file: Path, force: bool) -> None:
    """Put the copy in FILE in place of the database. Stop the IdP first."""
    from idp.store import backup as copies
    from idp.store import migrations

    copies.restore(work.engine, file, force=force)
    with work.engine.connect() as connection:
        revision = migrations.current(connection)
    click.echo(f"restored, the schema is at {revision or 'none'}")
    if revision != migrations.HEAD:
        click.echo("run `idp db upgrade` before serving")
