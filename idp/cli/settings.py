"""`idp settings`: what this process would run with, and the reference page of every setting."""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import fields

import click

from idp.cli import Work
from idp.settings import Settings

_HEADING = """\
# Settings

The environment of the `idp` command, read once at start by `idp/settings.py`. All mistakes are reported at once.
`idp settings` prints the effective values. Secrets are paths to files, never values.

This page is generated: `idp settings --markdown > docs/reference/settings.md`; a test compares.
Settings of the clients are in [client-settings.md](client-settings.md).

| variable | default | meaning |
|---|---|---|
"""


def markdown() -> str:
    """docs/reference/settings.md, from the fields of `Settings` and the docstring below each."""
    defaults = {field.name: field.default for field in fields(Settings)}
    lines = []
    for name, text in _docstrings().items():
        variable, _, meaning = " ".join(text.split()).partition(": ")
        default = defaults[name]
        shown = ",".join(default) if isinstance(default, tuple) else "" if default is None else str(default)
        shown = f"`{shown}`" if shown else ""
        lines.append(f"| {variable} | {shown} | {meaning.replace('|', '&#124;')} |\n")
    return _HEADING + "".join(lines)


def _docstrings() -> dict[str, str]:
    """The string below each annotated field, by the field's name; Python keeps these only in the source."""
    body = ast.parse(inspect.getsource(Settings)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            assert isinstance(following, ast.Expr), f"{statement.target.id} has no docstring"
            assert isinstance(following.value, ast.Constant)
            found[statement.target.id] = str(following.value.value)
    return found


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--markdown", "as_markdown", is_flag=True, help="The reference page of all settings.")
@click.pass_obj
def settings(work: Work, as_json: bool, as_markdown: bool) -> None:
    """Print effective settings; secrets are masked."""
    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    values = work.settings.masked()
    if as_json:
        click.echo(json.dumps(values))
    else:
        for key, value in values.items():
            click.echo(f"{key:16} {value}")
