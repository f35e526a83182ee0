"""cli/clients: add, list, show, disable."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from idp.cli.clients import clients
from idp.core.clock import FixedClock
from idp.core.errors import Invalid
from idp.services.clients import Clients
from idp.store.session import UnitOfWork
from tests.factories.relying_party import SECRET, document, without


class Shell:
    def __init__(self, uow: UnitOfWork, clock: FixedClock, folder: Path) -> None:
        self._work = SimpleNamespace(parts=SimpleNamespace(clients=Clients(uow, clock)))
        self._folder = folder

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(clients, arguments, obj=self._work)

    def file(self, text: str) -> str:
        path = self._folder / "client.json"
        path.write_text(text)
        return str(path)


@pytest.fixture
def shell(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> Shell:
    return Shell(uow, clock, tmp_path)


def test_what_was_stored_is_printed_and_a_made_secret_once(shell: Shell) -> None:
    made = shell.run("add", shell.file(json.dumps(without(document(), "client_secret"))), "--json")
    assert made.exit_code == 0
    record = json.loads(made.stdout)
    assert len(record["client_secret"]) >= 43
    shown = shell.run("show", "textbooks", "--json")
    assert json.loads(shown.stdout) == without(record, "client_secret")


def test_a_given_secret_is_not_printed(shell: Shell) -> None:
    made = shell.run("add", shell.file(json.dumps(document())))
    assert made.exit_code == 0
    assert SECRET not in made.output
    assert "Атамұра" in made.output


def test_a_client_is_listed_and_switched_off(shell: Shell) -> None:
    shell.run("add", shell.file(json.dumps(document())))
    assert "textbooks" in shell.run("list").output
    assert shell.run("disable", "textbooks").exit_code == 0
    assert json.loads(shell.run("list", "--json").output)[0]["is_disabled"] is True


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_file_that_holds_no_object_is_refused(shell: Shell, text: str) -> None:
    assert shell.run("add", shell.file(text)).exit_code == 1


def test_a_wrong_document_names_its_mistakes(shell: Shell) -> None:
    failed = shell.run("add", shell.file(json.dumps(document(scope=7))))
    assert isinstance(failed.exception, Invalid)
    assert "scope" in str(failed.exception)
    assert shell.run("list", "--json").output.strip() == "[]"
