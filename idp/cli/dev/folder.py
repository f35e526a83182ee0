"""The ignored demo folder: database, keys, client secrets and the demo passwords, made once."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
from pathlib import Path
from typing import Any

from idp.app import Parts, build
from idp.cli.dev.addresses import DEFAULTS, Addresses
from idp.cli.keys import make_master_key
from idp.methods.password import hash_password
from idp.services.demo import ACCOUNTS, demo_school
from idp.services.sheets import first_password
from idp.settings import Settings
from idp.store import people


class Folder:
    def __init__(self, path: Path, addresses: Addresses, database_url: str) -> None:
        self.path = path
        self.addresses = addresses
        self._database_url = database_url or f"sqlite:///{path / 'idp.sqlite3'}"

    def idp_environment(self) -> dict[str, str]:
        return {
            "IDP_ENV": "dev",
            "IDP_ISSUER": self.addresses.idp,
            "IDP_DATABASE_URL": self._database_url,
            "IDP_KEYS_DIR": str(self.path / "keys"),
            "IDP_SECRET_FILE": str(self.path / "keys" / "master.key"),
            "IDP_LOG_FORMAT": os.environ.get("IDP_LOG_FORMAT", "text"),
            "IDP_FETCH_ALLOW": ",".join(self.addresses.of(name).removeprefix("http://") for name in DEFAULTS),
        }

    def client_environment(self, name: str) -> dict[str, str]:
        prefix = f"BILIM_{name.upper()}_"
        return {
            f"{prefix}ISSUER": self.addresses.idp,
            f"{prefix}BASE_URL": self.addresses.of(name),
            f"{prefix}DATABASE_URL": f"sqlite:///{self.path / f'{name}.sqlite3'}",
            f"{prefix}CLIENT_FILE": str(self._client_file(name)),
        }

    def clients(self) -> list[str]:
        """The clients that are installed, found as folders: the IdP imports none of them."""
        spec = importlib.util.find_spec("clients")
        roots = list(spec.submodule_search_locations or []) if spec else []
        return [name for name in DEFAULTS if any((Path(root) / name / "registration.json").is_file() for root in roots)]

    def prepare(self, settings: Settings) -> dict[str, str]:
        """Makes what is missing; returns demo usernames and passwords."""
        from idp.store.migrations import upgrade

        self.path.mkdir(parents=True, exist_ok=True)
        make_master_key(settings.secret_file)
        parts = build(settings)
        upgrade(parts.engine)
        parts.keys.init()
        accounts = self._accounts(parts)
        for name in self.clients():
            self._register(parts, name)
        parts.engine.dispose()
        return accounts

    def _accounts(self, parts: Parts) -> dict[str, str]:
        file = self.path / "accounts.json"
        if file.exists():
            return dict(json.loads(file.read_text()))
        accounts = {username: first_password() for username in ACCOUNTS}
        demo_school(
            parts.rosters, parts.people, parts.uow, parts.clock, passwords=accounts, hash_password=hash_password
        )
        _write_private(file, accounts)
        return accounts

    def _register(self, parts: Parts, name: str) -> None:
        if self._client_file(name).exists():
            return
        spec = importlib.util.find_spec(f"clients.{name}")
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent
        text = (folder / "registration.json").read_text(encoding="utf-8")
        document = json.loads(text.replace("{base_url}", self.addresses.of(name)))
        logo = folder / "static" / "img" / "logo.svg"
        if logo.is_file():
            document["logo_uri"] = "data:image/svg+xml;base64," + base64.b64encode(logo.read_bytes()).decode()
        if document["bilim_consent"] == "ask":
            # A vendor is switched on school by school; only the operator's own modules are on everywhere.
            with parts.uow.read() as tx:
                document["bilim_schools"] = people.schools(tx)
        added = parts.clients.add(document)
        _write_private(
            self._client_file(name), {"client_id": added.record["client_id"], "client_secret": added.client_secret}
        )

    def _client_file(self, name: str) -> Path:
        return self.path / f"{name}.client.json"


def _write_private(file: Path, content: dict[str, Any]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(content, stream, indent=1)
