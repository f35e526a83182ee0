"""`idp doctor`: is this installation fit to serve? One line per finding; exit 1 when something is wrong."""

from __future__ import annotations

import json

import click

from idp.cli import Work


@click.command()
@click.option("--stores", is_flag=True, help="List where data lives (order 456 clause 3, PD art. 12).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def doctor(work: Work, stores: bool, as_json: bool) -> None:
    """Check settings, database, schema, keys and the ЭЦҚ, which may be off without anything being wrong."""
    settings = work.settings
    if stores:
        answer = {
            "database": settings.masked()["database_url"],
            "keys": str(settings.keys_dir),
            "logs": "standard error",
        }
    else:
        answer = {"environment": settings.env, "ready": work.parts.check_ready() or "yes", **_eds(work)}
    for key, value in answer.items():
        if not as_json:
            click.echo(f"{key:12} {value}")
    if as_json:
        click.echo(json.dumps(answer))
    if answer.get("ready", "yes") != "yes":
        raise SystemExit(1)


def _eds(work: Work) -> dict[str, str]:
    """Whether signatures can be checked, and how many things about the trusted certificates want attention."""
    found = dict(work.parts.eds.status())
    problems = len(work.parts.trust.check())
    if found["eds"] == "on" and problems:
        found["eds"] = f"on; `idp trust check` names what wants attention: {problems}"
    return found
