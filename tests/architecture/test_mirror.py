"""Tests mirror the source: whoever changes `idp/oidc/pkce.py` finds its tests in `tests/idp/oidc/test_pkce.py`."""

from __future__ import annotations

import ast

from tests.fakes.source import ROOT, files, name, parsed

_ROOMS = (
    "core", "xml", "jose", "eds", "oidc", "saml", "oneroster", "methods", "store", "services", "documents", "jobs",
)  # fmt: skip
_WITHOUT_BEHAVIOUR = {
    "ports.py": "interfaces only; mypy checks the fit",
    "method.py": "the interface of sign-in methods and its records",
    "errors.py": "an exception tree; its words are tested where they are raised",
}
_COVERED_ELSEWHERE = {
    "idp/store/migrations": "tests/idp/store/test_migrations.py runs them all",
    "idp/store/models": "tests/idp/store/test_migrations.py compares them with the migrations",
    "idp/core/context.py": "one variable",
}


def test_every_test_file_has_its_source() -> None:
    lost = []
    for path in files():
        if path.name.startswith("test_") and name(path).startswith(("tests/idp/", "tests/clients/")):
            folder = ROOT / path.parent.relative_to(ROOT / "tests")
            subject = path.stem.removeprefix("test_")
            if not (folder / f"{subject}.py").is_file() and not (folder / subject).is_dir():
                lost.append(name(path))
    assert lost == []


def test_every_source_of_an_engine_has_its_tests() -> None:
    bare = []
    for path in files():
        if path.suffix != ".py" or not name(path).startswith(tuple(f"idp/{room}/" for room in _ROOMS)):
            continue
        if path.name in _WITHOUT_BEHAVIOUR or name(path).startswith(tuple(_COVERED_ELSEWHERE)):
            continue
        mirrored = ROOT / "tests" / path.parent.relative_to(ROOT) / f"test_{path.stem}.py"
        if _does_something(parsed(path)) and not mirrored.is_file():
            bare.append(name(path))
    assert bare == []


def _does_something(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree))


def test_exemptions_still_exist() -> None:
    assert [path for path in _COVERED_ELSEWHERE if not (ROOT / path).exists()] == []
