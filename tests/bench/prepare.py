"""Makes what a measured server needs: schema, keys, one school, twenty pupils and the clients.

`python -m tests.bench.prepare --folder DIR --database-url URL`; the database must exist and be empty, and whatever was
in DIR before is removed. Beside `make bench` this serves the descriptions of Bilim ID for a foreign load harness
(`bilim-*.json`).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from idp.cli import cli
from idp.methods.password import hash_password
from idp.parts import build
from idp.settings import Settings
from idp.store import credentials
from tests.bench.walks import MACHINE, REDIRECT_URI, SCOPE, USERS, WEB
from tests.factories.rows import add_membership, add_person, add_school

CONSENT = ("bench-consent", "bench-consent-secret-0123456789abcdef01")
RS256 = ("bench-rs256", "bench-rs256-secret-0123456789abcdef0123")


def environment(folder: Path, database_url: str, issuer: str) -> dict[str, str]:
    """What `idp` commands and the server are started with."""
    return {
        "IDP_ISSUER": issuer,
        "IDP_DATABASE_URL": database_url,
        "IDP_KEYS_DIR": str(folder / "keys"),
        "IDP_SECRET_FILE": str(folder / "keys" / "master.key"),
    }


def prepare(folder: Path, database_url: str, issuer: str = "http://127.0.0.1:8000") -> None:
    """Fills an empty database by the commands an operator would use."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in (folder / "keys", folder / "clients"):
        shutil.rmtree(left, ignore_errors=True)
    with _as_environment(environment(folder, database_url, issuer)):
        _run("db", "upgrade")
        _run("keys", "init")
        school = _add_people(Settings.from_env(os.environ))
        (folder / "clients").mkdir()
        for document in _clients(school):
            file = folder / "clients" / f"{document['client_id']}.json"
            file.write_text(json.dumps(document), encoding="utf-8")
            _run("clients", "add", str(file))


def _add_people(settings: Settings) -> str:
    """user1 … user20 with the passwords pw-user1 … pw-user20; the id of their school."""
    parts = build(settings)
    names = [f"user{number}" for number in range(1, USERS + 1)]
    hashes = {name: hash_password(f"pw-{name}") for name in names}
    now = parts.clock.now()
    with parts.uow.write() as tx:
        school = add_school(tx, region="Алматы")
        people = {
            name: add_person(
                tx, name, family_name="Сынақов", given_name=name.title(), email=f"{name}@example.test", language="kk"
            )
            for name in names
        }
        for person in people.values():
            add_membership(tx, person, school, grade="07", is_primary=True)
        pairs = [(people[name], {"hash": hashes[name]}) for name in names]
        credentials.replace(tx, "password", pairs, must_change=False, now=now)
    parts.engine.dispose()
    return school


def _clients(school: str) -> list[dict[str, Any]]:
    def web(client: tuple[str, str], name: str, redirect_uri: str, **further: Any) -> dict[str, Any]:
        return {
            "client_id": client[0],
            "client_secret": client[1],
            "client_name": name,
            "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": f"{SCOPE} offline_access",
            "bilim_owner": "bench",
            "bilim_purpose": "measuring",
            "bilim_consent": "implicit",
            "bilim_schools": [school],
            **further,
        }

    return [
        web(WEB, "Bench", REDIRECT_URI),
        web(RS256, "Bench with RS256", REDIRECT_URI, id_token_signed_response_alg="RS256"),
        web(CONSENT, "Bench that asks", f"{REDIRECT_URI}2", bilim_consent="ask"),
        {
            "client_id": MACHINE[0],
            "client_secret": MACHINE[1],
            "client_name": "Bench machine",
            "grant_types": ["client_credentials"],
            "scope": "api",
            "bilim_owner": "bench",
            "bilim_purpose": "measuring",
            "bilim_schools": "all",
        },
    ]


def _run(*arguments: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        cli.main(list(arguments), standalone_mode=False)


@contextlib.contextmanager
def _as_environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.prepare", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="for the keys; made when missing")
    parser.add_argument("--database-url", required=True, help="an existing, empty database, or an SQLite address")
    parser.add_argument("--issuer", default="http://127.0.0.1:8000")
    given = parser.parse_args()
    prepare(given.folder.resolve(), given.database_url, given.issuer)


if __name__ == "__main__":
    main()
