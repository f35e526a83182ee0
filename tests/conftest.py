"""Fixtures that every test may use, and which tests are collected when.

    database_url, engine, uow     a migrated database of the test's own, once on SQLite and once on PostgreSQL
    sqlite_url, postgres_url      the same on one of them; empty_database_url has no table yet
    clock                         stands still until moved
    test_data                     the folder of shared data (with the marker `external`)
    effort, counted               how often to repeat, and the table of what was repeated

Tests marked `external` are collected when `BILIM_TEST_DATA` names the folder; with `--soak` (`make soak`)
only tests marked `soak` and tests that ask for `effort` are collected, without it all but those marked `soak`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["OPENPYXL_LXML"] = "False"  # As idp/oneroster/xlsx.py has it; tests import openpyxl before that.

import pytest
from sqlalchemy import Engine

from idp.core.clock import FixedClock
from idp.store.session import UnitOfWork, open_engine
from tests.fakes import economy, scope_rule
from tests.fakes.databases import PostgresServer, migrate, postgres_server
from tests.fakes.guards import Guards

_COUNTED = "counted"
_TEMPLATE = "bilim_template"
_totals: dict[str, int] = {}
economy.install()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long repetitions, and only those")
    parser.addoption("--soak-full", action="store_true", help="with --soak: no bound of time")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = [item for item in items if _is_wanted(config, item)]
    left = [item for item in items if item not in set(chosen)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = chosen


def _is_wanted(config: pytest.Config, item: pytest.Item) -> bool:
    is_long = item.get_closest_marker("soak") is not None
    if item.get_closest_marker("external") and not os.environ.get("BILIM_TEST_DATA"):
        return False
    if config.getoption("--soak"):
        return is_long or "effort" in getattr(item, "fixturenames", ())
    return not is_long or "soak" in str(config.option.markexpr)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Runs in the process that reports; user properties travel there from the workers of xdist."""
    if report.when == "teardown":
        for key, value in report.user_properties:
            if key == _COUNTED:
                name, times = str(value).rsplit("\t", 1)
                _totals[name] = _totals.get(name, 0) + int(times)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _totals:
        width = max(len(name) for name in _totals)
        terminalreporter.section("counted")
        for name, times in sorted(_totals.items()):
            terminalreporter.write_line(f"{name:<{width}}  {times:>12,}")


@pytest.fixture
def effort(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """`effort(small, full)` is `small`, under `--soak` `full`, under `--soak --soak-full` ten times `full`."""
    option = request.config.getoption
    return lambda small, full: full * (10 if option("--soak-full") else 1) if option("--soak") else small


@pytest.fixture
def counted(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """`counted("name", n)` adds `n` to that line of the table printed at the end."""
    return lambda name, times: request.node.user_properties.append((_COUNTED, f"{name}\t{times}"))


@pytest.fixture(autouse=True)
def guards(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guards]:
    """Fails a test that leaves the machine, works slowly inside a write transaction, or reads beyond a school."""
    watching = Guards(monkeypatch)
    watching.install()
    end_watch = scope_rule.watch(watching.refuse)
    yield watching
    end_watch()
    if watching.violations:
        pytest.fail("; ".join(watching.violations), pytrace=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """This process's PostgreSQL server, with a migrated template database."""
    with postgres_server() as server:
        migrate(server.create(_TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.copy(_TEMPLATE) as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "bilim-id.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{database_kind}_url"))


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.copy("template0") as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def uow(engine: Engine) -> UnitOfWork:
    return UnitOfWork(engine)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def test_data() -> Path:
    """The shared data; ask for it in tests marked `external`."""
    return Path(os.environ["BILIM_TEST_DATA"])
