"""Learns by watching what each request of the real application sends to its database, so that the floor can do it too.

Every path is walked twice in this process. What differs between the two walks (ids, hashes, challenges) must be made
fresh at every replay; everything else is kept as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event

from idp.store.session import is_writing
from tests.bench.walks import AUTHORIZE, DISCOVERY, INTROSPECT, JWKS, TOKEN, USERINFO, Visitor
from tests.bench.wire import Answer


@dataclass(slots=True)
class Statement:
    """A Core statement with the values it was given, by name."""

    clause: Any
    values: dict[str, Any]


@dataclass(slots=True)
class Transaction:
    writes: bool
    statements: list[Statement] = field(default_factory=list)


@dataclass(slots=True)
class Hop:
    """One request: what it ran, and what it answered."""

    transactions: list[Transaction]
    answer: Answer


class Watch:
    """Notes every transaction of an engine while it is looked at."""

    def __init__(self, engine: Engine) -> None:
        self.transactions: list[Transaction] = []
        self._open: dict[int, Transaction] = {}
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "after_execute", self._executed)
        event.listen(engine, "before_cursor_execute", self._compiled)

    def _begin(self, connection: Connection) -> None:
        transaction = Transaction(is_writing(connection))
        self._open[id(connection)] = transaction
        self.transactions.append(transaction)

    def _executed(
        self,
        connection: Connection,
        clause: Any,
        many: Sequence[Any],
        values: Mapping[str, Any],
        _options: Any,
        _result: Any,
    ) -> None:
        if many:
            raise RuntimeError(f"many rows at once cannot be replayed: {clause}")
        self._open[id(connection)].statements.append(Statement(clause, dict(values)))

    def _compiled(
        self, _connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        if context.compiled is None and not statement.startswith("BEGIN"):
            raise RuntimeError(f"a statement past Core cannot be replayed: {statement}")

    def take(self) -> list[Transaction]:
        taken, self.transactions = self.transactions, []
        return taken


class Inside:
    """A wire straight into the application. Hops are named so that the floor can tell them apart by what it is sent.

    A hop behind an authorization is named after it (`token after`, `token with`): the values they share are theirs.
    """

    def __init__(self, app: Flask, issuer: str, watch: Watch) -> None:
        self._client = app.test_client(use_cookies=False)
        self._issuer = issuer
        self._watch = watch
        self._behind = ""
        self.hops: dict[str, Hop] = {}

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        self._watch.take()
        response = self._client.open(
            target, method=method, headers=dict(headers), data=body, base_url=self._issuer, buffered=True
        )
        answer = Answer(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            tuple(response.headers.getlist("Set-Cookie")),
            response.get_data(),
        )
        self.hops[self._name(method, target, headers, body)] = Hop(self._watch.take(), answer)
        return answer

    def _name(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> str:
        path = target.partition("?")[0]
        if path == AUTHORIZE:
            after = "interaction=" in target
            self._behind = "after" if after else "with" if "bilim_id=" in headers.get("Cookie", "") else "stranger"
            return f"authorize {self._behind}"
        if path == TOKEN and b"client_credentials" not in body:
            return f"{'refresh' if b'grant_type=refresh_token' in body else 'code'} {self._behind}"
        if path in (DISCOVERY, JWKS):
            return path
        if path in (INTROSPECT, USERINFO):
            return f"{method} {path} {self._behind}"
        return f"{method} {path}"


def walk(app: Flask, issuer: str, watch: Watch) -> dict[str, Hop]:
    """Every request of every path once, by name."""
    inside = Inside(app, issuer, watch)
    visitor = Visitor(inside, 0)
    visitor.get(DISCOVERY)
    visitor.get(JWKS)
    visitor.machine_token()
    for begin in (visitor.sign_in, visitor.sign_on):
        begin()
        visitor.introspect()
        visitor.userinfo()
        visitor.refresh()
    return inside.hops


ORIGINS = {"authorize stranger": "interaction", "POST /login/password": "session"}
"""Hops whose fresh values belong to one chain of requests. Those of the others belong to the code they begin with."""


def fresh_values(first: Mapping[str, Hop], second: Mapping[str, Hop]) -> dict[str, str]:
    """The texts of the second walk that were others in the first, and the chain each belongs to.

    `request` is the chain of values that only one hop uses, such as the id of an audit event.
    """
    seen: dict[str, str] = {}
    hops_of: dict[str, set[str]] = defaultdict(set)
    if list(first) != list(second):
        raise RuntimeError("two walks took different ways")
    for name in second:
        pairs = zip(_statements(first[name]), _statements(second[name]), strict=True)
        for before, now in pairs:
            if str(before.clause) != str(now.clause):
                raise RuntimeError(f"two walks ran different statements at {name}")
            for key, value in now.values.items():
                if isinstance(value, str) and value != before.values[key]:
                    seen.setdefault(value, ORIGINS.get(name, "code"))
                    hops_of[value].add(name)
    return {value: chain if len(hops_of[value]) > 1 else "request" for value, chain in seen.items()}


def _statements(hop: Hop) -> list[Statement]:
    return [statement for transaction in hop.transactions for statement in transaction.statements]


def record(app: Flask, engine: Engine, issuer: str) -> tuple[dict[str, Hop], dict[str, str]]:
    """The hops of the last of three walks (the first one fills caches), and its fresh values."""
    watch = Watch(engine)
    walk(app, issuer, watch)
    first = walk(app, issuer, watch)
    second = walk(app, issuer, watch)
    return second, fresh_values(first, second)
