"""The `idp` command: one file per command group. Exit 0 done, 1 refused or failed, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from typing import Any

import click

from idp.core import logs
from idp.core.errors import BilimError
from idp.settings import Settings, SettingsError


class Work:
    """What commands receive: settings and parts, built when first asked for."""

    @cached_property
    def settings(self) -> Settings:
        return Settings.from_env(os.environ)

    @cached_property
    def parts(self) -> Any:
        from idp.parts import build

        return build(self.settings)

    @property
    def engine(self) -> Any:
        return self.parts.engine


_GROUPS = {
    "audit": "audit",
    "clients": "clients",
    "db": "db",
    "demo": "demo",
    "dev": "dev",
    "doctor": "doctor",
    "keys": "keys",
    "people": "people",
    "saml": "saml",
    "serve": "serve",
    "settings": "settings",
    "trust": "trust",
    "worker": "worker",
}


class Groups(click.Group):
    """Imports a command's file only when it is called, so that `idp keys` does not load a PDF library."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _GROUPS:
            return None
        from importlib import import_module

        command = getattr(import_module(f"idp.cli.{_GROUPS[cmd_name]}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Groups, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="bilim-id", prog_name="idp")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Bilim ID: one login for the whole school."""
    ctx.obj = Work()


def main() -> None:
    logs.configure("text")
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(1)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except SettingsError as error:
        click.echo(f"The environment is not right:\n{error}", err=True)
        sys.exit(2)
    except BilimError as error:
        click.echo(f"{error.code}: {error}", err=True)
        sys.exit(1)
