"""`idp db`, as an operator types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from idp.cli import Work
from idp.cli.db import db
from idp.cli.keys import make_master_key
from idp.store import credentials, feed, migrations
from idp.store.session import UnitOfWork, open_engine
from tests.factories.rows import add_person

Run = Callable[..., Result]


def _runner(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Run:
    monkeypatch.setenv("IDP_DATABASE_URL", database_url)
    return lambda *arguments: CliRunner().invoke(db, [str(part) for part in arguments], obj=Work())


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    return _runner(monkeypatch, database_url)


@pytest.fixture
def run_on_nothing(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    return _runner(monkeypatch, empty_database_url)


def test_check_of_nothing_fails_and_upgrade_mends_it(run_on_nothing: Run) -> None:
    before = run_on_nothing("check")
    assert before.exit_code == 1
    assert "idp db upgrade" in before.output
    assert f"the schema is at {migrations.HEAD}, was at 0" in run_on_nothing("upgrade").output
    assert run_on_nothing("check").exit_code == 0


def test_an_upgrade_twice_says_the_same(run: Run) -> None:
    assert run("upgrade").output == run("upgrade").output == f"the schema is at {migrations.HEAD}\n"


def test_check_prints_problems_as_json(run: Run, database_url: str) -> None:
    assert json.loads(run("check", "--json").output) == []
    engine = open_engine(database_url)
    with UnitOfWork(engine).write() as tx:
        tx.connection.execute(text("DROP TABLE leases"))
    engine.dispose()
    result = run("check", "--json")
    assert result.exit_code == 1
    assert any("leases" in problem for problem in json.loads(result.output))


def test_a_backup_is_refused_over_people_and_goes_in_with_force(run: Run, uow: UnitOfWork, tmp_path: Path) -> None:
    with uow.write() as tx:
        add_person(tx)
    copy = tmp_path / "copy"
    assert f"{copy}: " in run("backup", copy).output
    refused = run("restore", copy)
    assert refused.exit_code == 1
    assert "not empty" in str(refused.exception)
    assert f"restored, the schema is at {migrations.HEAD}" in run("restore", copy, "--force").output


def test_a_drill_restores_an_encrypted_copy_elsewhere_and_finds_it_whole(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users, consents, keys and the audit trail come back, keys open, the chain holds; the live one is untouched."""
    monkeypatch.setenv("IDP_SECRET_FILE", str(tmp_path / "master.key"))
    run, key, copy = _runner(monkeypatch, sqlite_url), tmp_path / "backup.key", tmp_path / "copy"
    make_master_key(tmp_path / "master.key")
    parts = Work().parts
    parts.keys.init()
    person_came = parts.clock.now()
    with parts.uow.write() as tx:
        person = add_person(tx)
        credentials.replace(tx, "password", [(person, {"hash": "x"})], must_change=False, now=parts.clock.now())
    parts.audit_chain.seal()
    parts.engine.dispose()
    assert run("make-key", key).exit_code == 0
    assert "encrypted" in run("backup", copy, "--to-key", key).output
    assert (copy.stat().st_mode & 0o777, b"aigerim" in copy.read_bytes()) == (0o600, False)
    assert run("drill", copy).exit_code == 1
    drilled = run("drill", copy, "--key", key, "--json")
    found = json.loads(drilled.output)
    assert (drilled.exit_code, found["problems"], found["counts"]["people"]) == (0, [], [1, 1])
    assert found["links"] >= 1
    assert [path.name for path in tmp_path.glob(".copy.*")] == []
    with open_engine(sqlite_url).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_links_no_update"))
        connection.execute(text("UPDATE audit_links SET hash = 'forged'"))
    assert run("backup", tmp_path / "forged").exit_code == 0
    assert "audit trail" in run("drill", tmp_path / "forged").output
    assert run("restore", copy, "--key", key, "--force").exit_code == 0
    with parts.uow.read() as tx:
        assert feed.was_restored(tx, since=person_came), "readers of the feed must begin anew"


def test_wrong_usage_is_exit_2(run: Run) -> None:
    assert run("restore").exit_code == 2
