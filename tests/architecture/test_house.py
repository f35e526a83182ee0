"""The manners of the house that a machine can watch: rooms introduce themselves, files stay small, words stay plain."""

from __future__ import annotations

import ast
import re

from tests.fakes.source import ROOT, files, functions, name, parsed, python, texts

_MOST_LINES = 400
_MOST_LINES_OF_A_FUNCTION = 60
_SIZED = {".py", ".html", ".js", ".css"}
_VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
_UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")


def test_every_room_opens_with_a_paragraph() -> None:
    rooms = [path for path in files() if path.name == "__init__.py" and name(path).startswith(("idp/", "clients/"))]
    silent = [name(path) for path in rooms if len((ast.get_docstring(parsed(path)) or "").split()) < 8]
    assert rooms
    assert not silent, f"these say too little about what they own: {silent}"


def test_every_file_of_code_opens_with_a_docstring() -> None:
    silent = [name(path) for path, tree in python("idp", "clients", "tests") if not ast.get_docstring(tree)]
    assert not silent


def test_no_file_is_longer_than_a_person_reads() -> None:
    sizes = {name(path): text.count("\n") for path, text in texts() if path.suffix in _SIZED}
    assert {path: size for path, size in sizes.items() if size > _MOST_LINES} == {}


def test_functions_fit_a_screen() -> None:
    """Migrations are exempt: one is a list of columns, not a course of thought."""
    long = {
        f"{name(path)}:{function.name}": size
        for path, tree in python("idp", "clients", "tests")
        if "migrations/versions" not in name(path)
        for function in functions(tree)
        if (size := (function.end_lineno or 0) - function.lineno + 1) > _MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_nothing_has_a_vague_name() -> None:
    vague = [name(path) for path in files() if _VAGUE.intersection(_words(path.relative_to(ROOT).as_posix()))]
    for path, tree in python("idp", "clients", "tests"):
        named = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef))
        vague += [f"{name(path)}: {node.name}" for node in named if _VAGUE.intersection(_words(node.name))]
    assert not [found for found in vague if "test_nothing_has_a_vague_name" not in found]


def _words(text: str) -> set[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    return set(re.split(r"[^a-z]+", spaced.lower()))


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{name(path)}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if _UNFINISHED.search(line)
    ]
    assert not found
    empty = [
        f"{name(path)}:{function.name}"
        for path, tree in python("idp", "clients")
        for function in functions(tree)
        if any(isinstance(node, ast.Raise) and "NotImplemented" in ast.unparse(node) for node in ast.walk(function))
    ]
    assert not empty
