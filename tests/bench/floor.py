"""The floor: what each path must cost at least. `python -m tests.bench.floor PORT` serves it as `idp serve` serves us.

Bare Flask views that run the recorded Core statements (`record.py`), built before, in the same transactions, make the
same signatures with PyJWT and parsed keys, verify the tokens they are shown, compute one argon2id hash for a password,
and answer the same bytes. No check, no CSRF, no log, no metric, no header beyond Flask's own.

The chains of fresh values travel in what the visitor carries anyway: the interaction's id, the cookie, the code, the
refresh token and the `jti` begin with the 32 hex digits they are made from.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jwt
from argon2 import PasswordHasher
from flask import Flask, Response, request
from sqlalchemy import Engine

from idp.app import create_app
from idp.core.ids import new_id
from idp.settings import Settings
from idp.store.session import begin_writing, open_engine
from tests.bench.record import Hop, Statement, record
from tests.bench.walks import AUTHORIZE, DISCOVERY, INTROSPECT, JWKS, TOKEN, USERINFO

Seeds = Mapping[str, str]
_SEED = 32
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@functools.cache
def _hash_of(username: str) -> str:
    return _hasher.hash(f"pw-{username}")


def _fresh(seed: str, value: str) -> str:
    """Another value of the same length, always the same for one seed. Ids keep the time they begin with."""
    digest = hashlib.blake2b(value.encode(), key=seed.encode(), digest_size=32).hexdigest()
    return seed[:12] + digest[12:32] if len(value) == 32 else (digest * 2)[: len(value)]


class Replay:
    """The transactions of one hop, ready to run."""

    def __init__(self, hop: Hop, engine: Engine, chains: Mapping[str, str]) -> None:
        is_sqlite = engine.dialect.name == "sqlite"
        self._readers = engine if is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._engine = engine
        self._transactions = [
            (one.writes, [_split(statement, chains) for statement in one.statements]) for one in hop.transactions
        ]

    def run(self, seeds: Seeds) -> None:
        for writes, statements in self._transactions:
            if writes:
                with self._engine.connect() as connection, begin_writing(connection):
                    _execute(connection, statements, seeds)
            else:
                with self._readers.connect() as connection:
                    _execute(connection, statements, seeds)


def _split(statement: Statement, chains: Mapping[str, str]) -> tuple[Any, dict[str, Any], list[tuple[str, str, str]]]:
    """(statement, values that stay, (name, value, chain) of the others). A rotated hash is replaced by itself."""
    values = dict(statement.values)
    if "b_next_hash" in values:
        values["b_next_hash"] = values["b_refresh_hash"]
    fresh = [
        (name, value, chains[value]) for name, value in values.items() if isinstance(value, str) if value in chains
    ]
    return statement.clause, values, fresh


def _execute(connection: Any, statements: Iterable[tuple[Any, dict[str, Any], Any]], seeds: Seeds) -> None:
    for clause, values, fresh in statements:
        bound = values | {name: _fresh(seeds[chain], value) for name, value, chain in fresh}
        result = connection.execute(clause, bound)
        if result.returns_rows and not result.fetchall() and not clause.is_select:
            raise RuntimeError(f"spent nothing: {clause}")


class Tokens:
    """Signs the recorded tokens again, and verifies what it signed."""

    def __init__(self, ring: Any) -> None:
        self._ring = ring

    def template(self, token: str) -> Callable[[str], str]:
        """A function that signs the token's claims with the given `jti`, if they have one."""
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
        key = self._ring.signing(header["alg"]).private_key
        further = {"kid": header["kid"], "typ": header.get("typ", "JWT")}

        def sign(jti: str) -> str:
            now = claims | {"jti": jti.ljust(len(claims["jti"]), "A")} if jti and "jti" in claims else claims
            return jwt.encode(now, key, algorithm=header["alg"], headers=further)

        return sign

    def verified_jti(self, token: str) -> str:
        kid = jwt.get_unverified_header(token)["kid"]
        options: Any = {"verify_aud": False, "verify_exp": False}
        return str(jwt.decode(token, self._ring.verifying(kid).public_key, ["ES256"], options)["jti"])


def create_floor(settings: Settings) -> Flask:
    """Records the real application on this database, forgets it, and serves its floor."""
    real = create_app(settings)
    parts = real.extensions["parts"]
    hops, chains = record(real, parts.engine, settings.issuer)
    parts.engine.dispose()
    engine = open_engine(settings.database_url)  # Without the listeners of the recording.
    replays = {name: Replay(hop, engine, chains) for name, hop in hops.items()}
    tokens = Tokens(parts.keys.ring())
    app = Flask("floor")
    for target in (DISCOVERY, JWKS):
        app.add_url_rule(target, target, _same_bytes(hops[target].answer.body), methods=["GET"])
    _add_pages(app, hops, replays)
    _add_token_endpoints(app, hops, replays, tokens)
    return app


def _same_bytes(body: bytes) -> Callable[[], Response]:
    return lambda: Response(body, content_type="application/json")


def _add_pages(app: Flask, hops: Mapping[str, Hop], replays: Mapping[str, Replay]) -> None:
    @app.get(AUTHORIZE)
    def authorize() -> Response:
        cookie = request.cookies.get("bilim_id", "")[:_SEED]
        begun = request.args.get("interaction", "")
        made = new_id()
        name = "authorize " + ("after" if begun else "with" if cookie else "stranger")
        is_code = bool(begun or cookie)
        replays[name].run(
            {"interaction": begun or made, "session": cookie, "code": made if is_code else "", "request": new_id()}
        )
        return _answer(hops[name], "code" if is_code else "i", made + ("a" if begun else "w") if is_code else made)

    def page(name: str) -> Callable[[], Response]:
        def view() -> Response:
            begun = request.args.get("i", "")
            replays[name].run({"interaction": begun, "request": new_id()})
            return _answer(hops[name], "i", begun)

        return view

    for name in hops:
        method, _, target = name.partition(" ")
        if method == "GET" and target.startswith("/login"):
            app.add_url_rule(target, name, page(name), methods=["GET"])

    @app.post("/login/password")
    def password() -> Response:
        username, begun, made = request.form["username"], request.form["i"], new_id()
        _hasher.verify(_hash_of(username), request.form["password"])
        replays["POST /login/password"].run({"interaction": begun, "session": made, "request": new_id()})
        response = _answer(hops["POST /login/password"], "interaction", begun)
        response.headers.remove("Set-Cookie")
        for cookie in hops["POST /login/password"].answer.cookies:
            response.headers.add("Set-Cookie", re.sub("^bilim_id=[^;]{32}", f"bilim_id={made}", cookie))
        return response


def _answer(hop: Hop, parameter: str, value: str) -> Response:
    """The recorded answer with another value of one parameter, as long as the recorded one."""
    location = hop.answer.headers.get("location", "")
    found = re.search(rf'(?:[?&]{parameter}=|name="{parameter}" value=")([\w-]+)', location + hop.answer.body.decode())
    assert found is not None, f"no {parameter} in the answer"
    old, new = found[1], value.ljust(len(found[1]), "A")
    body = hop.answer.body.replace(old.encode(), new.encode())
    response = Response(body, hop.answer.status, content_type=hop.answer.headers["content-type"])
    if location:
        response.headers["Location"] = location.replace(old, new)
    for cookie in hop.answer.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def _add_token_endpoints(app: Flask, hops: Mapping[str, Hop], replays: Mapping[str, Replay], tokens: Tokens) -> None:
    answers = {name: json.loads(hop.answer.body) for name, hop in hops.items() if "oauth/" in name or " " in name
               if hop.answer.headers["content-type"].startswith("application/json")}  # fmt: skip
    signers = {
        name: {key: tokens.template(value) for key, value in answer.items() if key in ("access_token", "id_token")}
        for name, answer in answers.items()
    }

    @app.post(TOKEN)
    def token() -> Any:
        grant_type = request.form["grant_type"]
        spent = request.form.get("code") or request.form.get("refresh_token") or ""
        name = f"POST {TOKEN}"
        if spent:
            name = f"{'code' if grant_type == 'authorization_code' else 'refresh'} {_variant(spent)}"
        replays[name].run({"code": spent[:_SEED], "request": new_id()})
        chain = spent[: _SEED + 1]
        signed = {key: sign(chain) for key, sign in signers[name].items()}
        if spent:
            signed["refresh_token"] = chain.ljust(86, "A")
        return answers[name] | signed

    @app.post(INTROSPECT)
    def introspect() -> Any:
        return _shown(f"POST {INTROSPECT}", request.form["token"])

    @app.get(USERINFO)
    def userinfo() -> Any:
        return _shown(f"GET {USERINFO}", request.headers["Authorization"].removeprefix("Bearer "))

    def _shown(name: str, token: str) -> Any:
        jti = tokens.verified_jti(token)
        name = f"{name} {_variant(jti)}"
        replays[name].run({"code": jti[:_SEED], "request": new_id()})
        return answers[name]


def _variant(carried: str) -> str:
    return "after" if carried[_SEED] == "a" else "with"


def serve_floor() -> Flask:
    """The factory the server calls. What recording left behind is taken out of the collector's sight."""
    floor = create_floor(Settings.from_env(os.environ))
    gc.collect()
    gc.freeze()
    return floor


def main() -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "tests.bench.floor:serve_floor",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        backlog=1024,
        factory=True,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
