"""Rights of two memberships never merge: a statement on school-bound rows is bound to a Scope or to one person.

Two rules watch it. Here, every public function of `idp/store` whose statements touch a table with `school_id` must be
*called* with a bound: a `Scope`, or the key of something that belongs to one person or grant (`person_id`,
`session_id`, ...). In `tests/fakes/scope_rule.py`, every statement that any test executes must *carry* one in its SQL.
A bare row id is no bound: that is how one school reads another's rows by guessing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sqlalchemy import delete, select, update

from idp.store import models
from idp.store.base import Base
from idp.store.models.grants import Grant
from idp.store.models.people import Enrolment, Guardianship, Membership, Person
from tests.fakes import scope_rule
from tests.fakes.scope_rule import UNBOUND
from tests.fakes.source import dotted, functions, name, python

assert models  # importing them fills the registry

_BOUNDS = {"person_id", "child_id", "guardian_id", "session_id", "grant_id", "membership_id"}


def _school_bound() -> set[str]:
    """Names of model classes with a `school_id`."""
    return {mapper.class_.__name__ for mapper in Base.registry.mappers if "school_id" in mapper.local_table.c}


def _names(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _touched(tree: ast.Module) -> dict[str, set[str]]:
    """What each top-level name of a module leads to, through constants and other functions of the module."""
    direct: dict[str, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            direct[node.name] = _names(ast.Module([*node.body], []))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for written in _names(target):
                    direct[written] = _names(node.value)
    reached = {key: set(value) for key, value in direct.items()}
    for _ in direct:
        for value in reached.values():
            for known in list(value & direct.keys()):
                value |= direct[known]
    return reached


def _is_bound(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    scoped = any(argument.annotation and dotted(argument.annotation) == "Scope" for argument in arguments)
    return scoped or bool(_BOUNDS & {argument.arg for argument in arguments})


def _runs_statements(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Others only make conditions, for a statement that is looked at where it is."""
    return any(argument.annotation and dotted(argument.annotation) == "Tx" for argument in function.args.args)


def _unbound() -> Iterator[str]:
    school_bound = _school_bound()
    for path, tree in python("idp/store"):
        if "/models/" in name(path) or "/migrations/" in name(path):
            continue
        touched = _touched(tree)
        for function in functions(tree):
            if function.name.startswith("_") or function.name not in touched or not _runs_statements(function):
                continue
            if touched[function.name] & school_bound and not _is_bound(function):
                yield f"{name(path)}:{function.name}"


def test_school_bound_tables_are_known() -> None:
    assert {"Membership", "SchoolClass", "Enrolment", "Guardianship", "ClientSchool"} <= _school_bound()


def test_what_touches_school_bound_rows_takes_a_bound() -> None:
    assert sorted(set(_unbound()) - UNBOUND.keys()) == []


def test_exemptions_still_exist() -> None:
    known = {f"{name(path)}:{function.name}" for path, tree in python("idp/store") for function in functions(tree)}
    assert UNBOUND.keys() <= known


def test_the_watch_tells_bound_from_unbound_statements() -> None:
    """The watch over executed SQL must itself be watched: a rule that never fires protects nobody."""
    bare = select(Membership.id).where(Membership.id == "x")
    by_school = bare.where(Membership.school_id.in_(["y"]))
    by_join = select(Enrolment.id).join(Person, Person.id == Enrolment.person_id)
    by_grant = select(Membership.role).join(Grant, Grant.membership_id == Membership.id).where(Grant.code_hash == "x")
    assert scope_rule.unbound_table(bare) == "memberships"
    assert scope_rule.unbound_table(update(Membership).where(Membership.id == "x").values(grade="7")) == "memberships"
    assert scope_rule.unbound_table(delete(Guardianship).where(Guardianship.id == "x")) == "guardianships"
    assert scope_rule.unbound_table(select(Person.id).where(Person.id.in_(bare))) == "memberships"
    assert scope_rule.unbound_table(by_join) == "enrolments"
    assert scope_rule.unbound_table(by_join.where(Person.id == "x")) == "enrolments"
    assert scope_rule.unbound_table(by_join.where(Enrolment.person_id == "x")) == ""
    assert scope_rule.unbound_table(by_school) == ""
    assert scope_rule.unbound_table(by_grant) == ""
