"""Registers the courses of `clients/lms`, which know the IdP by SAML: they describe themselves, as any product does."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from idp.cli.dev.folder import Folder
from idp.parts import Parts
from idp.store import people

_OWNER = "Bilim ID"
_SECONDS = 60


def described_by_itself(home: Folder, name: str) -> bytes:
    """Its metadata, asked for as anybody's: by its own command, in a process of its own."""
    command = [sys.executable, "-m", "clients.cli", name, "metadata"]
    environment = os.environ | home.client_environment(name)
    done = subprocess.run(command, env=environment, capture_output=True, timeout=_SECONDS, check=False)
    if done.returncode:
        raise click.ClickException(f"{name} did not describe itself: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def register_lms(parts: Parts, metadata: bytes, *, base_url: str, logo: str = "") -> None:
    """As a vendor: people are asked, each school of the demo has it on. Safe to run again; at another address it is
    another service, and the former one goes."""
    from idp.saml.presets import PRESETS

    with parts.uow.read() as tx:
        schools = people.schools(tx)
    preset = PRESETS["lms"]
    records = parts.saml_enrolment.from_file(
        metadata,
        settings=preset.settings,
        attributes=preset.attributes,
        owner=_OWNER,
        purpose="Пәндер бойынша тапсырмалар: беру, тапсыру, бағалау",
        schools=schools,
        start_url=f"{base_url}/login",
        logo_uri=logo,
        replace=True,
    )
    now = {record["entity_id"] for record in records}
    for known in parts.saml_providers.list():
        if known["owner"] == _OWNER and known["entity_id"] not in now:
            parts.saml_providers.remove(known["client_id"])
