"""`idp audit`: is the log as it was written, and how far is it sealed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from idp.cli import Work


@click.group()
def audit() -> None:
    """Verify the chain over audit events and take its checkpoints elsewhere."""


@audit.command()
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A file of checkpoints kept elsewhere, one a line; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def verify(work: Work, against: tuple[Path, ...], as_json: bool) -> None:
    """Find gaps, edits, deletions and moved links; name the tail that is not sealed yet. Exit 1 when any is found."""
    kept = [line.strip() for file in against for line in file.read_text().splitlines() if line.strip()]
    shows = sys.stderr.isatty()
    report = work.parts.audit_check.verify(
        kept, lambda links: click.echo(f"\r{links} links", err=True, nl=False) if shows else None
    )
    if shows and report.links:
        click.echo("\r", err=True, nl=False)
    facts = {**asdict(report), "is_whole": report.is_whole}
    if as_json:
        click.echo(json.dumps(facts, default=lambda moment: moment.isoformat()))
    else:
        _tell(facts)
    if not report.is_whole:
        raise SystemExit(1)


def _tell(facts: dict[str, Any]) -> None:
    click.echo(f"{facts['links']} links, {facts['checkpoints']} checkpoints")
    if facts["sealed_to"]:
        click.echo(f"sealed to {facts['sealed_to'].isoformat()}")
    if facts["unsealed"]:
        first, last = facts["unsealed_ids"]
        since = facts["unsealed_from"].isoformat()
        click.echo(f"not sealed yet: {facts['unsealed']} since {since}, events {first} to {last}")
    if facts["late"]:
        click.echo(f"sealed more than ten minutes behind their time: {facts['late']}")
    for problem in facts["problems"]:
        place = f" at link {problem['seq']}" if problem["seq"] else ""
        event = f" (event {problem['event_id']})" if problem["event_id"] else ""
        click.echo(f"{problem['kind']}{place}{event}: {problem['detail']}")
    hidden = facts["problem_count"] - len(facts["problems"])
    if hidden:
        click.echo(f"and {hidden} more")
    click.echo("the chain is whole" if facts["is_whole"] else f"the chain is broken: {facts['problem_count']} findings")


@audit.command()
@click.pass_obj
def checkpoint(work: Work) -> None:
    """Print the newest signed checkpoint, a line to keep on another machine."""
    found = work.parts.audit_chain.newest()
    if not found:
        raise click.ClickException("there is no checkpoint yet: a worker makes one")
    click.echo(found)
