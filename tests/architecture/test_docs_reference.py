"""The reference pages say what the code says: each table is compared with what it describes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import click
from flask import Flask

import idp.cli
from clients.cli import cli as client_commands
from clients.kit import tables as kit_tables
from clients.lms import store as lms_store
from clients.textbooks import store as textbooks_store
from idp.app import create_app
from idp.cli import data_map
from idp.cli.keys import make_master_key
from idp.cli.settings import markdown
from idp.core import errors as core_errors
from idp.oidc import errors as oidc_errors
from idp.oidc.discovery import metadata
from idp.oidc.scopes import ALL_CLAIMS, NAMED_ONLY, SCOPE_CLAIMS
from idp.parts import Parts, build
from idp.services.client_metadata import CHECKS
from idp.settings import Settings
from idp.store import models
from idp.store.base import Base
from idp.store.data_map import CLIENT_TABLES, NOBODY, TABLES
from idp.web.prepared import ProtocolDocuments
from tests.fakes.source import ROOT, python

_REFERENCE = ROOT / "docs/reference"
_CODE = re.compile(r"`([^`]+)`")
_WITHOUT_TEST = ("no copies of identity papers", "no biometrics", "never accept a private key")
"""What we keep by having no door for it."""
Error = TypeVar("Error", bound=Exception)


def _rows(page: str, *, under: str = "") -> Iterator[list[str]]:
    """Cells of every table row of a page, or of the section with this heading; headers and rules are left out."""
    text = (_REFERENCE / f"{page}.md").read_text(encoding="utf-8")
    if under:
        text = text.split(f"\n## {under}\n", 1)[1].split("\n## ", 1)[0]
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("|") and not line.startswith("|--") and not following.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def _first_code(rows: Iterable[list[str]]) -> list[str]:
    return [_CODE.findall(row[0])[0] for row in rows if _CODE.findall(row[0])]


def _parts(database_url: str, folder: Path) -> Parts:
    settings = Settings(database_url=database_url, keys_dir=folder, secret_file=folder / "master.key", env="dev")
    make_master_key(settings.secret_file)
    parts = build(settings)
    parts.keys.init()
    return parts


def _app(database_url: str, folder: Path) -> Flask:
    parts = _parts(database_url, folder)
    parts.engine.dispose()
    return create_app(parts.settings)


def test_endpoints_are_the_ones_of_the_app(sqlite_url: str, tmp_path: Path) -> None:
    app = _app(sqlite_url, tmp_path)
    served: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        served.setdefault(rule.rule, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    for path in ProtocolDocuments(app.extensions["house"].oidc)():
        served[path] = {"GET"}
    app.extensions["parts"].engine.dispose()
    documented = {}
    for section in ("For browsers", "For machines"):
        for row in _rows("endpoints", under=section):
            documented[_CODE.findall(row[0])[0]] = set(row[1].split())
    assert documented == served


def test_settings_are_generated() -> None:
    assert (_REFERENCE / "settings.md").read_text(encoding="utf-8") == markdown()


def test_client_settings_are_those_the_kit_reads() -> None:
    source = (ROOT / "clients/kit/settings.py").read_text(encoding="utf-8")
    read = {f"BILIM_<APP>_{name}" for name in re.findall(r"\{prefix\}([A-Z_]+)", source)}
    assert set(_first_code(_rows("client-settings"))) == read


def test_the_data_map_is_generated_and_has_every_table() -> None:
    assert (_REFERENCE / "data-map.md").read_text(encoding="utf-8") == data_map.markdown()
    assert TABLES.keys() == set(Base.metadata.tables)
    documented = [table for _client, table in CLIENT_TABLES]
    kept = [*kit_tables.metadata.tables, *textbooks_store.metadata.tables, *lms_store.metadata.tables]
    assert sorted(documented) == sorted(kept)


def test_a_table_that_points_to_a_person_says_what_it_holds_about_them() -> None:
    """Who wrote a row down (`made_by` and the like) is not whom it is about."""
    assert models
    about = {
        name
        for name, table in Base.metadata.tables.items()
        if any(key.column.table.name == "people" for column in table.columns for key in column.foreign_keys)
        or {"person_id", "child_id", "guardian_id"} & {column.name for column in table.columns}
    }
    silent = [name for name in sorted(about) if TABLES[name].people.startswith(NOBODY)]
    assert silent == []
    assert [name for name, facts in TABLES.items() if not all((facts.people, facts.why, facts.who, facts.keep))] == []


def test_claims_and_scopes_are_the_ones_we_release() -> None:
    scopes = {_CODE.findall(row[0])[0]: row[1] for row in _rows("claims", under="Scopes")}
    assert list(scopes) == list(SCOPE_CLAIMS)
    for scope, claims in SCOPE_CLAIMS.items():
        assert [word for word in _CODE.findall(scopes[scope]) if word in ALL_CLAIMS] == list(claims), scope
    about = [row for part in ("person", "school") for row in _rows("claims", under=f"About the {part}")]
    about += list(_rows("claims", under="About other people"))
    assert sorted(_first_code(about)) == sorted(ALL_CLAIMS)
    assert {_CODE.findall(row[0])[0] for row in about if "*" in row[0]} == set(NAMED_ONLY)


def test_discovery_names_no_claim_that_is_not_explained(sqlite_url: str, tmp_path: Path) -> None:
    app = _app(sqlite_url, tmp_path)
    supported = metadata(app.extensions["house"].oidc)["claims_supported"]
    app.extensions["parts"].engine.dispose()
    explained = {word for row in _rows("claims") for word in _CODE.findall(row[0])}
    assert [claim for claim in supported if claim not in explained] == []


def test_client_metadata_is_the_allow_list() -> None:
    assert sorted(_first_code(_rows("client-metadata"))) == sorted(CHECKS)


def test_every_error_is_explained() -> None:
    pages = (ROOT / "templates/errors/texts.html").read_text(encoding="utf-8")
    shown = set(re.findall(r'"([a-z_]+)" %\}', pages)) | {"server_error"}
    shown |= {kind.code for kind in _kinds(core_errors.BilimError) if kind.__module__ == core_errors.__name__}
    explained = set(_first_code(_rows("errors", under="Codes on pages")))
    assert explained == shown
    protocol = {oidc_errors.OidcError.error} | {kind.error for kind in _kinds(oidc_errors.OidcError)}
    assert set(_first_code(_rows("errors", under="Errors of the protocols"))) == protocol


def _kinds(error: type[Error]) -> Iterator[type[Error]]:
    """Every kind of an error, below it in the tree."""
    for kind in error.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_audit_events_are_the_words_in_the_code() -> None:
    recorded = set()
    for _, tree in python("idp"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record":
                named = [word.value for word in node.keywords if word.arg == "event"]
                recorded |= {word.value for word in (*named, *node.args[:1]) if isinstance(word, ast.Constant)}
    assert set(_first_code(_rows("audit-events"))) == recorded


def test_every_audit_event_has_a_word_for_people_and_is_one_of_the_log_s_filters() -> None:
    words = (ROOT / "templates" / "macros" / "audit_words.html").read_text()
    filters, labels = words.split("set events = [")[1].split("]")[0], words.split("macro event_label")[1]
    documented = set(_first_code(_rows("audit-events")))
    assert set(re.findall('"([a-z_]+)"', filters)) == documented
    assert set(re.findall('event == "([a-z_]+)"', labels.split("endmacro")[0])) == documented


def test_commands_and_their_options_are_listed() -> None:
    listed = {_CODE.findall(row[0])[0]: set(_CODE.findall(row[1])) for row in _rows("commands", under="idp")}
    assert listed == dict(_commands(idp.cli.cli, "idp"))
    listed = {_CODE.findall(row[0])[0]: set(_CODE.findall(row[1])) for row in _rows("commands", under="bilim-client")}
    for app in client_commands.commands:
        shared = {command.replace(" APP ", f" {app} "): options for command, options in listed.items()}
        own = {command: options for command, options in shared.items() if command.startswith(f"bilim-client {app} ")}
        assert own == dict(_commands(client_commands.commands[app], f"bilim-client {app}"))


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, set[str]]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            found = command.get_command(context, word)
            assert found is not None
            if not found.hidden:
                yield from _commands(found, f"{path} {word}")
        if not command.invoke_without_command:
            return
    options = {
        parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name
        for parameter in command.params
    }
    yield path, options


def test_make_targets_are_listed() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE)) - {"help"}
    listed = {_CODE.findall(row[0])[0].split()[1] for row in _rows("commands", under="make")}
    assert listed == targets


def test_the_roster_of_the_tutorial_imports_as_it_says(sqlite_url: str, tmp_path: Path) -> None:
    parts = _parts(sqlite_url, tmp_path)
    first, again = (parts.rosters.import_path(ROOT / "docs/tutorials/first-school") for _ in range(2))
    parts.engine.dispose()
    assert (first.problems.errors, first.problems.warnings) == (0, 0)
    assert first.kinds["users"].added == 5
    assert again.is_unchanged


def test_what_is_claimed_as_built_names_its_code_and_its_test() -> None:
    """Rows with a check mark; the paths themselves are looked up in test_docs.py."""
    bare = [
        " ".join(row)
        for page in ("specs", "order-456")
        for row in _rows(page)
        if any(cell.startswith("✅") for cell in row) and not any("`tests/" in cell for cell in row)
    ]
    assert [row for row in bare if not any(words in row for words in _WITHOUT_TEST)] == []
