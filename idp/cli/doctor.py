"""`idp doctor`: is this installation fit to serve? One line per finding; exit 1 when something is wrong."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import click

from idp.cli import Work


@click.command()
@click.option("--stores", is_flag=True, help="List where data lies (order 456 clause 3, PD art. 12).")
@click.option("--data-map", is_flag=True, help="The reference page of every table and what it says about people.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def doctor(work: Work, stores: bool, data_map: bool, as_json: bool) -> None:
    """Check settings, database, schema, keys and the ЭЦҚ, which may be off without anything being wrong."""
    if data_map:
        from idp.cli.data_map import markdown

        click.echo(markdown(), nl=False)
        return
    settings = work.settings
    if stores:
        answer = _stores(work)
    else:
        answer = {"environment": settings.env, "ready": work.parts.check_ready() or "yes", **_eds(work)}
        if answer["ready"] == "yes":
            answer["only_by_eds"] = _only_by_eds(work, is_off=not answer["eds"].startswith("on"))
    for key, value in answer.items():
        if not as_json:
            click.echo(f"{key:14} {value}")
    if as_json:
        click.echo(json.dumps(answer))
    if answer.get("ready", "yes") != "yes":
        raise SystemExit(1)


def _stores(work: Work) -> dict[str, str]:
    """Every place where data of this installation lies or passes, without any password. What stands outside of it (the
    folder of copies, a log host) the operator names in `IDP_STORES`."""
    settings = work.settings
    place = urlsplit(settings.database_url)
    found = {
        "database": settings.masked()["database_url"],
        "database_host": place.hostname or "this machine",
        "keys": str(settings.keys_dir.resolve()),
        "master_key": str(settings.secret_file.resolve()),
        "trust": str((settings.keys_dir / "trust").resolve()),
        "logs": "standard error",
        "queue": "the database",
        "mail": urlsplit(settings.smtp_url).hostname or "none",
    }
    return found | {f"told_{number}": place for number, place in enumerate(settings.stores, start=1)}


def _eds(work: Work) -> dict[str, str]:
    """Whether signatures can be checked, and how many things about the trusted certificates want attention."""
    found = dict(work.parts.eds.status())
    problems = len(work.parts.trust.check())
    if found["eds"] == "on" and problems:
        found["eds"] = f"on; `idp trust check` names what wants attention: {problems}"
    return found


def _only_by_eds(work: Work, *, is_off: bool) -> str:
    """People without any other way in: with the ЭЦҚ off, the school office has to help each of them."""
    number = work.parts.sign_in.second.only_by_eds()
    return str(number) + ("; locked out until it is on or the school office helps" if number and is_off else "")
