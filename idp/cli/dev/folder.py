"""The ignored demo folder: where its things lie, and whether it was prepared for what is to be started now.

Imports nothing heavy: a second start is to be ready in seconds.
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

from idp.cli.dev.addresses import DEFAULTS, Addresses

OPERATOR_BIN = "980340000015"
"""Made up: fails its check digit."""
SCHOOL = 2
"""Rises when the demo school gets more than it had, so that a folder of before is filled up."""


class Folder:
    def __init__(self, path: Path, addresses: Addresses, database_url: str) -> None:
        self.path = path
        self.addresses = addresses
        self._database_url = database_url or f"sqlite:///{path / 'idp.sqlite3'}"

    def idp_environment(self) -> dict[str, str]:
        nca = self.addresses.of("nca")
        return {
            "IDP_ENV": "dev",
            "IDP_ISSUER": self.addresses.idp,
            "IDP_DATABASE_URL": self._database_url,
            "IDP_KEYS_DIR": str(self.path / "keys"),
            "IDP_SECRET_FILE": str(self.path / "keys" / "master.key"),
            "IDP_LOG_FORMAT": os.environ.get("IDP_LOG_FORMAT", "text"),
            "IDP_FETCH_ALLOW": ",".join(self.addresses.of(name).removeprefix("http://") for name in DEFAULTS),
            "IDP_NCALAYER_URL": "ws" + self.addresses.of("ncalayer").removeprefix("http"),
            "IDP_OCSP_URL": f"{nca}/ocsp",
            "IDP_CRL_URL": f"{nca}/crl/base.crl,{nca}/crl/delta.crl",
            "IDP_OPERATOR_BIN": OPERATOR_BIN,
        }

    @property
    def nca(self) -> Path:
        """Where the miniature NCA and the demo keys lie."""
        return self.path / "nca"

    def client_environment(self, name: str) -> dict[str, str]:
        prefix = f"BILIM_{name.upper()}_"
        return {
            f"{prefix}ISSUER": self.addresses.idp,
            f"{prefix}BASE_URL": self.addresses.of(name),
            f"{prefix}DATABASE_URL": f"sqlite:///{self.path / f'{name}.sqlite3'}",
            f"{prefix}CLIENT_FILE": str(self.client_file(name)),
        }

    def clients(self) -> list[str]:
        """The clients that are installed, found as folders: the IdP imports none of them."""
        return [name for name in DEFAULTS if self.speaks_saml(name) or self.registration(name).is_file()]

    def speaks_saml(self, name: str) -> bool:
        """Whether a client is a SAML service provider: it describes itself when asked, and has no registration."""
        return (self.of_client(name) / "saml" / "__init__.py").is_file()

    def registration(self, name: str) -> Path:
        """Where a client keeps the metadata it registers with."""
        return self.of_client(name) / "registration.json"

    def of_client(self, name: str) -> Path:
        """Where the files of an installed client lie."""
        spec = importlib.util.find_spec("clients")
        roots = list(spec.submodule_search_locations or []) if spec else []
        return Path(roots[0] if roots else "clients") / name

    def client_file(self, name: str) -> Path:
        return self.path / f"{name}.client.json"

    def accounts(self) -> dict[str, str]:
        """Demo usernames and passwords, empty before the first start."""
        file = self.path / "accounts.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def is_prepared(self) -> bool:
        """True when it was made for this schema, these addresses and these clients."""
        file = self.path / "prepared.json"
        has_all = file.exists() and (self.nca / "keys.json").exists()
        return has_all and json.loads(file.read_text()) == self._state()

    def note_prepared(self, accounts: dict[str, str]) -> None:
        write_private(self.path / "accounts.json", accounts)
        write_private(self.path / "prepared.json", self._state())

    def _state(self) -> dict[str, Any]:
        versions = Path(__file__).parents[2] / "store" / "migrations" / "versions"
        return {
            "database": self._database_url,
            "school": SCHOOL,
            "migrations": sorted(path.name for path in versions.glob("*.py")),
            "addresses": self.addresses.by_name,
            "clients": {name: self._registered_by(name) for name in self.clients()},
        }

    def _registered_by(self, name: str) -> str:
        return "saml" if self.speaks_saml(name) else self.registration(name).read_text(encoding="utf-8")


def write_private(file: Path, content: dict[str, Any] | list[Any]) -> None:
    """JSON that only its owner may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(content, stream, indent=1)
