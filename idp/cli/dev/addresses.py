"""Where each part listens in development. Cookies do not know ports, hosts they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import click

DEFAULTS = {
    "idp": "http://localhost:8000",
    "cabinet": "http://localhost:8001",
    "canteen": "http://localhost:8002",
    "attendance": "http://localhost:8003",
    "textbooks": "http://localhost:8004",
    "lms": "http://localhost:8005",
    "ncalayer": "http://127.0.0.1:13580",
    "nca": "http://127.0.0.1:13581",
}
"""`ncalayer` and `nca` are stand-ins for what is not ours: NCALayer (plain ws and http) and the NCA."""


@dataclass(frozen=True, slots=True)
class Addresses:
    by_name: dict[str, str]

    @property
    def idp(self) -> str:
        return self.by_name["idp"]

    def of(self, name: str) -> str:
        return self.by_name[name]

    def bind(self, name: str) -> str:
        """`127.0.0.1:8001` for the server of a part."""
        parts = urlsplit(self.by_name[name])
        host = "127.0.0.1" if parts.hostname in ("localhost", None) else parts.hostname
        return f"{host}:{parts.port}"


def parse(pairs: Sequence[str]) -> Addresses:
    """`NAME=URL` pairs over the defaults; loopback addresses only, because demo passwords are printed."""
    found = dict(DEFAULTS)
    for pair in pairs:
        name, _, url = pair.partition("=")
        parts = urlsplit(url)
        if name not in DEFAULTS or parts.scheme != "http" or not parts.port:
            raise click.UsageError(f"--address takes NAME=http://HOST:PORT with NAME one of {', '.join(DEFAULTS)}")
        if parts.hostname != "localhost" and not (parts.hostname or "").startswith("127."):
            raise click.UsageError("--address must be on this machine (localhost or 127.x.x.x)")
        found[name] = url.rstrip("/")
    return Addresses(found)
