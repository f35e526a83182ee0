"""`idp clients`: registers the applications that may ask this IdP who somebody is."""

from __future__ import annotations

import json
from typing import IO, Any

import click


@click.group()
def clients() -> None:
    """Applications that people sign in to."""


@clients.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--replace", is_flag=True, help="Overwrite a client with the same client_id.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def add(work: Any, file: IO[str], replace: bool, as_json: bool) -> None:
    """Add the client that FILE describes (RFC 7591 names, and bilim_ ones; - reads standard input).

    Prints what was stored. A secret that was made is printed this once.
    """
    try:
        document = json.load(file)
    except ValueError as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise click.ClickException(f"{file.name} must hold one JSON object")
    added = work.parts.clients.add(document, replace=replace)
    record = added.record | ({"client_secret": added.client_secret} if added.client_secret else {})
    _print(record, as_json=as_json)
    if added.client_secret and not as_json:
        click.echo("The secret is shown this once.", err=True)


@clients.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@click.pass_obj
def list_(work: Any, as_json: bool) -> None:
    """List all clients."""
    rows = work.parts.clients.list()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        state = "off" if row["is_disabled"] else f"until {row['end_date']}" if row["end_date"] else "on"
        click.echo(f"{row['client_id']:36}  {row['profile']:7}  {state:16}  {row['client_name']} ({row['owner']})")


@clients.command()
@click.argument("client_id")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show(work: Any, client_id: str, as_json: bool) -> None:
    """Show what is stored about a client, without its secret."""
    _print(work.parts.clients.show(client_id), as_json=as_json)


@clients.command()
@click.argument("client_id")
@click.pass_obj
def disable(work: Any, client_id: str) -> None:
    """Switch a client off: it is refused in every flow from now on."""
    work.parts.clients.disable(client_id)
    click.echo(f"{client_id} is switched off")


def _print(record: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    for name, value in record.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        click.echo(f"{name}: {shown}")
