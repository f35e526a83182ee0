"""The product checks signatures and makes none: what signs with GOST stays in the development command and in tests.

A key of a citizen belongs in their NCALayer or phone; code that can sign has no business near a server (E8).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.fakes.source import name, python

_HOME = "idp/cli/dev/"
_SIGNING = {"gcry_pk_sign", "gcry_pk_genkey"}


def _elsewhere() -> Iterator[tuple[str, ast.Module]]:
    """Everything of the product but the development command."""
    for path, tree in python("idp", "clients"):
        if not name(path).startswith(_HOME):
            yield name(path), tree


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_else_imports_the_development_command() -> None:
    guilty = {path for path, tree in _elsewhere() for found in _imported(tree) if found.startswith("idp.cli.dev")}
    assert not guilty


def test_nothing_else_calls_what_signs_with_gost() -> None:
    guilty = set()
    for path, tree in _elsewhere():
        for node in ast.walk(tree):
            words = {getattr(node, "attr", ""), getattr(node, "id", "")}
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            if words & _SIGNING:
                guilty.add(path)
    assert not guilty


def test_the_arithmetic_of_gost_is_reached_by_its_backends_only() -> None:
    """`ecdsa` and `gostcrypto` can sign too: who imports them is listed here."""
    users = {
        path
        for path, tree in _elsewhere()
        for found in _imported(tree)
        if found.split(".")[0] in ("ecdsa", "gostcrypto")
    }
    assert users == {"idp/eds/ecdsa_backend.py"}
