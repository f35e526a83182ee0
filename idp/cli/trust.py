"""`idp trust`: which authorities of the NCA this installation believes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from idp.cli import Work

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def trust() -> None:
    """Add, list and check the NCA's certificates that signatures are verified against."""


@trust.command()
@click.argument("file", type=_FILE)
@click.option("--sha256", required=True, help="SHA-256 of the DER file in hex, got over another channel than FILE.")
@click.option("--note", default="", help="Where it comes from and who compared it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def add(work: Work, file: Path, sha256: str, note: str, as_json: bool) -> None:
    """Trust the certificate of an authority in FILE (DER or PEM)."""
    anchor = work.parts.trust.add(file, sha256, note)
    if as_json:
        click.echo(json.dumps(asdict(anchor)))
    else:
        click.echo(f"{anchor.file}: {anchor.subject}, until {anchor.not_after[:10]}")


@trust.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def list_(work: Work, as_json: bool) -> None:
    """Show what was added; `check` says what of it counts."""
    anchors = work.parts.trust.list()
    if as_json:
        click.echo(json.dumps([asdict(anchor) for anchor in anchors]))
        return
    for anchor in anchors:
        click.echo(f"{anchor.file}  {anchor.sha256}  {anchor.not_after[:10]}  {anchor.subject}  {anchor.note}".rstrip())


@trust.command()
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
@click.pass_obj
def check(work: Work, as_json: bool) -> None:
    """Tell whether signatures can be checked, and stay so for 90 days; exit 1 when not."""
    problems = work.parts.trust.check()
    if as_json:
        click.echo(json.dumps(problems))
    else:
        click.echo("\n".join(problems) or "every certificate is in order")
    if problems:
        raise click.exceptions.Exit(1)
