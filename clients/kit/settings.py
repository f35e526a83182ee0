"""Settings of one client, read from the environment once. Every mistake is reported at once; secrets are paths."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PORTS = {"cabinet": 8001, "canteen": 8002, "attendance": 8003, "textbooks": 8004, "lms": 8005}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingsError(ValueError):
    """Everything that is wrong with the environment, one line each."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What `idp clients add` printed: who this client is to the IdP."""

    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class ClientSettings:
    app: str
    """`cabinet`, `textbooks` …: also the cookie's name and the prefix of the variables."""
    issuer: str
    """`BILIM_<APP>_ISSUER`: the IdP's address, no trailing slash."""
    base_url: str
    """`BILIM_<APP>_BASE_URL`: this client's own public address, no trailing slash; redirect addresses start with it."""
    database_url: str
    """`BILIM_<APP>_DATABASE_URL`: SQLAlchemy address of the client's own database."""
    client_file: Path
    """`BILIM_<APP>_CLIENT_FILE`: JSON with client_id and client_secret; mode 0600."""
    bind: str
    """`BILIM_<APP>_BIND`: host:port to listen on; loopback by default."""
    log_format: str = "json"
    """`BILIM_<APP>_LOG_FORMAT`: `json` or `text`."""

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, _, port = self.bind.rpartition(":")
        return host.strip("[]"), int(port)

    @classmethod
    def from_env(cls, app: str, environ: Mapping[str, str]) -> ClientSettings:
        """Raises SettingsError naming every mistake."""
        prefix = f"BILIM_{app.upper()}_"
        port = PORTS[app]
        found = cls(
            app=app,
            issuer=environ.get(f"{prefix}ISSUER", "http://localhost:8000"),
            base_url=environ.get(f"{prefix}BASE_URL", f"http://localhost:{port}"),
            database_url=environ.get(f"{prefix}DATABASE_URL", f"sqlite:///bilim-{app}.sqlite3"),
            client_file=Path(environ.get(f"{prefix}CLIENT_FILE", f"bilim-{app}.client.json")),
            bind=environ.get(f"{prefix}BIND", f"127.0.0.1:{port}"),
            log_format=environ.get(f"{prefix}LOG_FORMAT", "json"),
        )
        mistakes = [
            *_address_mistakes(f"{prefix}ISSUER", found.issuer),
            *_address_mistakes(f"{prefix}BASE_URL", found.base_url),
        ]
        host, _, number = found.bind.rpartition(":")
        if not host or not number.isascii() or not number.isdigit() or int(number) > 65535:
            mistakes.append(f"{prefix}BIND must be host:port")
        if found.log_format not in ("json", "text"):
            mistakes.append(f"{prefix}LOG_FORMAT must be json or text")
        if mistakes:
            raise SettingsError("\n".join(mistakes))
        return found


def _address_mistakes(name: str, address: str) -> list[str]:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or address.endswith("/"):
        return [f"{name} must be an http(s) address without a trailing slash"]
    if parts.query or parts.fragment or parts.username:
        return [f"{name} must have neither query nor fragment nor user"]
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not parts.hostname.startswith("127."):
        return [f"{name} must be https outside this machine"]
    return []


def read_credentials(path: Path) -> Credentials:
    """The client's id and secret. Refuses a file that others may read; raises SettingsError."""
    try:
        mode = path.stat().st_mode
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"no client file at {path}: register the client with `idp clients add`") from None
    except ValueError:
        raise SettingsError(f"{path} is not JSON") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{path} may be read by others: chmod 600")
    if not isinstance(data, dict):
        raise SettingsError(f"{path} must hold an object")
    client_id, client_secret = data.get("client_id"), data.get("client_secret")
    if not isinstance(client_id, str) or not isinstance(client_secret, str) or not client_id or not client_secret:
        raise SettingsError(f"{path} must hold client_id and client_secret")
    return Credentials(client_id, client_secret)
