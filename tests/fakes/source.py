"""The checkout as tests of the architecture read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("idp", "clients", "templates", "tests", "docs", "keys", ".ci")
_FILES = (
    *("README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "requirements.lock", "wsgi.py"),
    *(".gitignore", ".editorconfig"),
)
_SKIPPED = {"__pycache__", "node_modules", ".hypothesis"}
_TEXT = {".py", ".md", ".html", ".css", ".js", ".mjs", ".json", ".toml", ".lock", ".po", ".pot", ".svg", ".txt", ".csv"}
_TEXT |= {".yml", ".yaml", ".xml", ".cfg", ".mako", ".lua", ""}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, without what tools make."""
    found = [ROOT / name for name in _FILES if (ROOT / name).is_file()]
    for folder in _FOLDERS:
        found += (path for path in sorted((ROOT / folder).rglob("*")) if path.is_file())
    return tuple(path for path in found if not _SKIPPED.intersection(path.parts) and path.suffix not in (".pyc", ".mo"))


def texts() -> Iterator[tuple[Path, str]]:
    """(path, content) of every text file."""
    for path in files():
        if path.suffix in _TEXT and path.name != "master.key":
            yield path, path.read_text(encoding="utf-8")


def python(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """(path, syntax tree) of the Python files below these folders, such as `idp/store`."""
    for path in files():
        if path.suffix == ".py" and any(name(path).startswith(f"{room}/") for room in rooms):
            yield path, parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name(path: Path) -> str:
    """The path as messages show it, from the top of the checkout."""
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.expr) -> str:
    """`datetime.now` of the expression `datetime.now`; an empty string for anything that is not a dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""
