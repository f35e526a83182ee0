"""Settings: one frozen record, read from the environment once, by `app` and `cli` only.

Every mistake is reported at once. Secrets are paths, never values. `docs/reference/settings.md` is generated from here.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingsError(ValueError):
    """Everything that is wrong with the environment, one line each."""


@dataclass(frozen=True, slots=True)
class Settings:
    issuer: str = "http://localhost:8000"
    """`IDP_ISSUER`: the public address of this IdP, https outside loopback, no trailing slash."""
    database_url: str = "sqlite:///bilim-id.sqlite3"
    """`IDP_DATABASE_URL`: SQLAlchemy address; SQLite by default, `postgresql+psycopg://…` for real."""
    keys_dir: Path = Path("keys")
    """`IDP_KEYS_DIR`: holds `trust/` and, in development, the master key."""
    secret_file: Path = Path("keys/master.key")
    """`IDP_SECRET_FILE`: 32 random bytes in base64 that seal every stored key; mode 0600."""
    trusted_proxies: int = 0
    """`IDP_TRUSTED_PROXIES`: how many reverse proxies in front may set X-Forwarded-For, -Proto and -Host."""
    extra_ca_file: Path | None = None
    """`IDP_EXTRA_CA_FILE`: further certificate authorities for outgoing https, in PEM."""
    fetch_allow: tuple[str, ...] = ()
    """`IDP_FETCH_ALLOW`: comma list of host:port excepted from the rule that private addresses are never fetched."""
    log_format: str = "json"
    """`IDP_LOG_FORMAT`: `json` or `text`."""
    env: str = "production"
    """`IDP_ENV`: `dev` or `production`; anything that weakens a check needs `dev`."""

    @property
    def is_dev(self) -> bool:
        return self.env == "dev"

    @property
    def is_https(self) -> bool:
        return self.issuer.startswith("https://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError naming every mistake."""
        mistakes: list[str] = []
        issuer = environ.get("IDP_ISSUER", "http://localhost:8000")
        parts = urlsplit(issuer)
        if parts.scheme not in ("http", "https") or not parts.hostname or issuer.endswith("/"):
            mistakes.append("IDP_ISSUER must be an http(s) address without a trailing slash")
        elif parts.query or parts.fragment:
            mistakes.append("IDP_ISSUER must have neither query nor fragment (OIDC Discovery §2)")
        env = environ.get("IDP_ENV", "production")
        if env not in ("dev", "production"):
            mistakes.append("IDP_ENV must be dev or production")
        elif env == "production" and parts.scheme == "http" and not _is_loopback(parts.hostname):
            mistakes.append("IDP_ISSUER must be https in production")
        log_format = environ.get("IDP_LOG_FORMAT", "json")
        if log_format not in ("json", "text"):
            mistakes.append("IDP_LOG_FORMAT must be json or text")
        proxies = environ.get("IDP_TRUSTED_PROXIES", "0")
        if not proxies.isdigit() or int(proxies) > 8:
            mistakes.append("IDP_TRUSTED_PROXIES must be a number from 0 to 8")
        keys_dir = Path(environ.get("IDP_KEYS_DIR", "keys"))
        ca_file = environ.get("IDP_EXTRA_CA_FILE")
        if ca_file and not Path(ca_file).is_file():
            mistakes.append("IDP_EXTRA_CA_FILE does not exist")
        if mistakes:
            raise SettingsError("\n".join(mistakes))
        return cls(
            issuer=issuer,
            database_url=environ.get("IDP_DATABASE_URL", "sqlite:///bilim-id.sqlite3"),
            keys_dir=keys_dir,
            secret_file=Path(environ.get("IDP_SECRET_FILE", str(keys_dir / "master.key"))),
            trusted_proxies=int(proxies),
            extra_ca_file=Path(ca_file) if ca_file else None,
            fetch_allow=tuple(part.strip() for part in environ.get("IDP_FETCH_ALLOW", "").split(",") if part.strip()),
            log_format=log_format,
            env=env,
        )

    def masked(self) -> dict[str, str]:
        """Effective values for `idp settings`, without the password of the database address."""
        values = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        parts = urlsplit(self.database_url)
        if parts.password:
            values["database_url"] = self.database_url.replace(f":{parts.password}@", ":***@")
        return values


def _is_loopback(host: str | None) -> bool:
    return host is not None and (host in _LOOPBACK or host.startswith("127."))


def read_master_key(path: Path) -> bytes:
    """The 32 bytes that seal stored keys. Refuses a file that others may read."""
    import base64

    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise SettingsError(f"no master key at {path}: run `idp keys init`") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{path} may be read by others: chmod 600")
    key = base64.b64decode(path.read_text().strip(), validate=True)
    if len(key) != 32:
        raise SettingsError(f"{path} must hold 32 bytes in base64")
    return key
