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
    work.parts.holidays.seed()
    work.parts.person_words()
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


@db.command("make-key")
@click.argument("file", type=_FILE)
def make_key(file: Path) -> None:
    """Make the key that copies are encrypted under. Keep it apart from the copies: without it they are lost."""
    from idp.store import sealed_files

    sealed_files.make_key(file)
    click.echo(f"made {file}")


@db.command()
@click.argument("file", type=_FILE)
@click.option("--to-key", type=_FILE, help="Encrypt the copy under the key in this file.")
@click.pass_obj
def backup(work: Work, file: Path, to_key: Path | None) -> None:
    """Write a whole copy to FILE while the IdP runs. Keep it apart from the master key."""
    from idp.core.errors import Conflict
    from idp.store import backup as copies
    from idp.store import sealed_files

    if to_key is None:
        copies.backup(work.engine, file)
    else:
        key = sealed_files.read_key(to_key)
        if file.exists():
            raise Conflict(f"{file} exists already")
        with sealed_files.private_file(file) as plain, sealed_files.private_file(file) as sealed:
            plain.unlink()
            copies.backup(work.engine, plain)
            sealed.unlink()
            sealed_files.seal(key, plain, sealed)
            sealed.chmod(0o600)
            sealed.replace(file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes{', encrypted' if to_key else ''}")


@db.command()
@click.argument("file", type=_FILE)
@click.option("--key", type=_FILE, help="The key that FILE is encrypted under.")
@click.option("--force", is_flag=True, help="Replace a database in which people live already.")
@click.pass_obj
def restore(work: Work, file: Path, key: Path | None, force: bool) -> None:
    """Put the copy in FILE in place of the database. Stop the IdP first."""
    from idp.store import backup as copies
    from idp.store import feed, migrations, sealed_files

    with sealed_files.opened(sealed_files.read_key(key) if key else None, file) as plain:
        copies.restore(work.engine, plain, force=force)
    with work.engine.connect() as connection:
        revision = migrations.current(connection)
    if copies.has_feed(work.engine):
        with work.parts.uow.write() as tx:
            feed.mark_restored(tx, now=work.parts.clock.now())
    click.echo(f"restored, the schema is at {revision or 'none'}")
    if revision != migrations.HEAD:
        click.echo("run `idp db upgrade` before serving")


@db.command()
@click.argument("file", type=_FILE)
@click.option("--key", type=_FILE, help="The key that FILE is encrypted under.")
@click.option("--into", help="Address of an empty database to restore into; needed for a copy of PostgreSQL.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def drill(work: Work, file: Path, key: Path | None, into: str | None, as_json: bool) -> None:
    """Restore FILE elsewhere and look whether users, consents, keys and the audit trail are whole. Exit 1 when not.

    The database that serves is only counted, never touched.
    """
    from dataclasses import asdict, replace
    from tempfile import TemporaryDirectory

    from idp.parts import build
    from idp.services.restore_drill import look
    from idp.store import backup as copies
    from idp.store import sealed_files

    with TemporaryDirectory(prefix="bilim-drill-") as folder:
        address = into or f"sqlite:///{folder}/copy.sqlite3"
        parts = build(replace(work.settings, database_url=address))
        try:
            with sealed_files.opened(sealed_files.read_key(key) if key else None, file) as plain:
                copies.restore(parts.engine, plain)
            found = look(
                parts.uow,
                check_ready=parts.check_ready,
                secret=parts.keys.secret,
                verify=parts.audit_check.verify,
                live=work.parts.uow,
            )
        finally:
            parts.engine.dispose()
    if as_json:
        click.echo(json.dumps(asdict(found), default=lambda moment: moment.isoformat()))
    else:
        for table, (copied, live) in found.counts.items():
            click.echo(f"{table:16} {copied:>10,}{f' of {live:,} today' if live is not None else ''}")
        click.echo(f"audit trail      {found.links:>10,} links verified")
        click.echo(f"newest event     {found.newest_event.isoformat() if found.newest_event else 'none'}")
        click.echo("\n".join(found.problems) or "the copy is whole")
    if found.problems:
        raise click.exceptions.Exit(1)
