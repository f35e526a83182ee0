"""What a test run need not do again for each of its thousands of apps: compile a template or a statement, parse an
address, make an RSA key, wait for a disk.

Nothing is faked: templates are compiled by Jinja and statements by SQLAlchemy once per process, the keys are real and
few, and databases lie in memory where the machine has a file system there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from werkzeug.routing import Rule

from idp.jose import keyring
from idp.services import keys, saml_keys

_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3
_POOL = 4
"""More keys than any test rotates through."""


class _Compiled(BytecodeCache):
    """Code by template and its source's checksum."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], object] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))  # type: ignore[assignment]

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


class _Statements(dict[tuple[Any, ...], Any]):
    """Compiled statements by kind of database instead of by engine: every test has an engine of its own."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


def install() -> None:
    """For the whole process and its children; calling it twice changes nothing."""
    if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"], tempfile.tempdir = str(_MEMORY), None
    if "bytecode_cache" not in Flask.jinja_options:
        Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Compiled()}
        statements = _Statements()
        event.listen(
            Engine, "engine_connect", lambda connection: connection.execution_options(compiled_cache=statements)
        )
        Rule._parse_rule = _parsed_once(Rule._parse_rule)  # type: ignore[assignment, method-assign]
        keys.generate_pem = _few(keyring.generate_pem, "RS256")  # type: ignore[attr-defined]
        saml_keys.make = _few(saml_keys.make, *(alg for _use, alg in saml_keys.KINDS))


def _parsed_once(plain: Callable[[Rule, str], Iterable[Any]]) -> Callable[[Rule, str], Iterable[Any]]:
    """The parts of an address by its text: every app of a run has the same three hundred."""
    known: dict[str, tuple[list[Any], list[tuple[bool, str]], dict[str, Any]]] = {}

    def parse(self: Rule, rule: str) -> Iterable[Any]:
        if rule not in known:
            before = len(self._trace)
            parts = list(plain(self, rule))
            known[rule] = parts, self._trace[before:], dict(self._converters)
            return parts
        parts, trace, converters = known[rule]
        self._trace.extend(trace)
        self._converters.update(converters)
        self.arguments.update(converters)
        return parts

    return parse


def _few(make: Callable[..., bytes], *algorithms: str) -> Callable[..., bytes]:
    """Makes keys of these algorithms from a pool each, and all others anew."""
    made: dict[str, list[bytes]] = {alg: [] for alg in algorithms}
    turns = {alg: cycle(range(_POOL)) for alg in algorithms}

    def from_pool(alg: str, *about: Any) -> bytes:
        if alg not in made:
            return make(alg, *about)
        place = next(turns[alg])
        while len(made[alg]) <= place:
            made[alg].append(make(alg, *about))
        return made[alg][place]

    return from_pool
