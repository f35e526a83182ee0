"""Every dangerous thing has one door: time, chance, SQL, printing, foreign addresses, secrets."""

from __future__ import annotations

import ast
import re

from tests.fakes.source import ROOT, dotted, name, python, texts

_CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
_CLOCKS |= {"time.monotonic", "time.perf_counter", "datetime.datetime.now", "datetime.date.today"}
_CHANCE = ("random.", "secrets.", "uuid.", "os.urandom")
_DOORS_TO_TIME_AND_CHANCE = {"idp/core/clock.py", "idp/core/ids.py"}
_SQL = {"sqlalchemy.text", "sqlalchemy.select", "sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete"}
_ADDRESS = re.compile(r"(?:https?:)?//([a-z0-9.-]+\.[a-z]{2,})", re.IGNORECASE)
_NAMESPACES = {"www.w3.org"}
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}")
_SECRETS = re.compile(
    r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|xox[abp]-[\w-]{10,}|npm_\w{36})\b"
)
_PLACES = re.compile(r"(?<![\w.])/(?:home|Users|root)/[a-z_][\w.-]*/", re.IGNORECASE)


def _calls(*rooms: str) -> list[tuple[str, str]]:
    """(path:line, dotted name) of every call."""
    return [
        (f"{name(path)}:{node.lineno}", dotted(node.func))
        for path, tree in python(*rooms)
        if name(path) not in _DOORS_TO_TIME_AND_CHANCE
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def test_time_comes_from_the_clock_only() -> None:
    assert [where for where, called in _calls("idp", "clients") if called in _CLOCKS] == []


def test_the_day_is_that_of_kazakhstan() -> None:
    """`now.date()` is the day in UTC: each night yesterday for five hours, so that what begins today does not hold."""
    in_utc = [
        f"{name(path)}:{node.lineno}"
        for path, tree in python("idp", "clients")
        if name(path) != "idp/core/clock.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "date"
        and ast.unparse(node.func.value).endswith(("now", "now()"))
    ]
    assert in_utc == []


def test_chance_comes_from_ids_only() -> None:
    """A generator with a seed, as the demo region has, is no chance."""
    chance = [(where, called) for where, called in _calls("idp", "clients") if called.startswith(_CHANCE)]
    assert [where for where, called in chance if called != "random.Random"] == []


def test_only_commands_print() -> None:
    printing = [where for where, called in _calls("idp", "clients") if called == "print"]
    assert [where for where in printing if not where.startswith(("idp/cli/", "clients/cli.py"))] == []


def test_only_the_store_makes_statements() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path, tree in python("idp")
        if not name(path).startswith("idp/store/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if f"{node.module}.{alias.name}" in _SQL
    ]
    assert found == []


def test_only_app_and_commands_read_the_environment() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path, tree in python("idp")
        if not name(path).startswith(
            # The last writes what a library asks at its import, and reads nothing.
            ("idp/cli/", "idp/app.py", "idp/store/backup.py", "idp/web/health.py", "idp/oneroster/xlsx.py")
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv")
    ]
    assert found == []


def test_no_page_points_to_a_foreign_host() -> None:
    """Neither a font, a script, a picture nor a link: each app serves everything from its own origin."""
    found = [
        f"{name(path)}: {host}"
        for path, text in texts()
        if path.suffix in (".html", ".css", ".js", ".svg") and not name(path).startswith(("tests/", "docs/"))
        for host in _ADDRESS.findall(text)
        if host not in _NAMESPACES
    ]
    assert found == []


def test_no_secret_and_no_place_of_one_machine_is_committed() -> None:
    found = []
    for path, text in texts():
        for number, line in enumerate(text.splitlines(), 1):
            if _SECRETS.search(line) or _PLACES.search(line) or f"{ROOT}/" in line:
                found.append(f"{name(path)}:{number}")
        if _PRIVATE_KEY.search(text):
            found.append(name(path))
    assert found == []


def test_the_lock_names_no_index() -> None:
    """The lock must work with whatever index a machine is set up for."""
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"^\s*--(?:extra-)?index-url|^\s*--find-links|https?://", lock, re.MULTILINE)
