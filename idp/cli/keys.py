"""`idp keys`: the master key file, signing keys and their rotation."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import click

from idp.cli import Work
from idp.core.ids import random_bytes
from idp.store import keys as stored


def make_master_key(path: Path) -> bool:
    """Writes 32 random bytes in base64, readable by the owner only; False when the file is there already."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(random_bytes(32)).decode() + "\n")
    return True


@click.group()
def keys() -> None:
    """Make, list and rotate keys."""


@keys.command()
@click.pass_obj
def init(work: Work) -> None:
    """Make the master key file and every key that is missing. Safe to run again."""
    path = work.settings.secret_file
    if make_master_key(path):
        click.echo(f"made the master key {path}: keep a copy off this machine")
    made = work.parts.keys.init()
    click.echo(f"made {len(made)} keys" if made else "all keys are there")


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def list_(work: Work, as_json: bool) -> None:
    """Show every key's id, use, algorithm and state; never the key."""
    with work.parts.uow.read() as tx:
        rows = [
            {
                "kid": row.kid,
                "use": row.use,
                "alg": row.alg,
                "state": row.state,
                "active_from": row.active_from.isoformat(),
                "gone_at": row.gone_at.isoformat() if row.gone_at else None,
            }
            for row in stored.all_keys(tx)
        ]
    if as_json:
        click.echo(json.dumps(rows))
    else:
        for row in rows:
            click.echo("  ".join(str(value or "-") for value in row.values()))


@keys.command()
@click.option("--now", is_flag=True, help="Make and activate new signing keys at once; the old ones stay in JWKS.")
@click.option(
    "--secret", type=click.Choice(["iin"]), help="Begin to replace the keys of sealed ИИН; the worker ends it."
)
@click.option("--saml", is_flag=True, help="The next step with SAML's keys, which only this command replaces.")
@click.pass_obj
def rotate(work: Work, now: bool, secret: str | None, saml: bool) -> None:
    """Take the next step of rotation, if one is due."""
    if secret and (now or saml):
        raise click.UsageError("--secret takes its time: other nodes must hear of each step")
    if saml:
        _rotate_saml(work, at_once=now)
        return
    steps = work.parts.iin_rotation.begin() if secret else work.parts.keys.rotate(at_once=now)
    for step in steps or ["nothing is due"]:
        click.echo(step)


def _rotate_saml(work: Work, *, at_once: bool) -> None:
    for step in work.parts.saml_keys.rotate(at_once=at_once):
        click.echo(step)
    if waits := work.parts.saml_keys.waits_until():
        click.echo(f"the next step is due from {waits.isoformat(timespec='minutes')} on, or with --now")
