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
    ocsp_url: str = "http://ocsp.pki.gov.kz"
    """`IDP_OCSP_URL`: where the NCA tells whether a certificate is revoked (RFC 6960). Answers are signed, so http
    will do."""
    crl_urls: tuple[str, ...] = ()
    """`IDP_CRL_URL`: comma list of revocation lists (base, then delta) that the worker imports each hour; used when
    OCSP does not answer. Empty: OCSP alone."""
    ncalayer_url: str = "wss://127.0.0.1:13579"
    """`IDP_NCALAYER_URL`: where NCALayer listens on the person's own computer; pages may connect there and nowhere
    else."""
    eds_legacy: bool = False
    """`IDP_EDS_LEGACY`: `1` also accepts GOST 34.310-2004 certificates, which are no longer issued."""
    eds_second_factor: tuple[str, ...] = ("staff",)
    """`IDP_EDS_SECOND_FACTOR`: comma list of whom a password is asked of beside an ЭЦҚ: `staff`, `file` (a key not
    known to lie in hardware or a cloud: a file is easily copied), or `none`."""
    egov_relay_url: str = ""
    """`IDP_EGOV_RELAY_URL`: a relay that carries signing requests to eGov Mobile for hosts without an agreement of
    their own. Empty: the phone asks this host."""
    operator_bin: str = ""
    """`IDP_OPERATOR_BIN`: the БИН of the operator, shown by eGov Mobile; without it (and without a relay) that method
    is off."""
    operator_name: str = "Bilim ID"
    """`IDP_OPERATOR_NAME`: who runs this installation, as eGov Mobile and consents name it."""
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
        mistakes += _signature_mistakes(environ)
        if mistakes:
            raise SettingsError("\n".join(mistakes))
        return cls(
            issuer=issuer,
            database_url=environ.get("IDP_DATABASE_URL", "sqlite:///bilim-id.sqlite3"),
            keys_dir=keys_dir,
            secret_file=Path(environ.get("IDP_SECRET_FILE", str(keys_dir / "master.key"))),
            trusted_proxies=int(proxies),
            extra_ca_file=Path(ca_file) if ca_file else None,
            fetch_allow=_words(environ.get("IDP_FETCH_ALLOW", "")),
            log_format=log_format,
            ocsp_url=environ.get("IDP_OCSP_URL", "http://ocsp.pki.gov.kz"),
            crl_urls=_words(environ.get("IDP_CRL_URL", "")),
            ncalayer_url=environ.get("IDP_NCALAYER_URL", "wss://127.0.0.1:13579"),
            eds_legacy=environ.get("IDP_EDS_LEGACY", "0") == "1",
            eds_second_factor=tuple(set(_words(environ.get("IDP_EDS_SECOND_FACTOR", "staff"))) - {"none"}),
            egov_relay_url=environ.get("IDP_EGOV_RELAY_URL", "").rstrip("/"),
            operator_bin=environ.get("IDP_OPERATOR_BIN", ""),
            operator_name=environ.get("IDP_OPERATOR_NAME", "Bilim ID"),
            env=env,
        )

    def masked(self) -> dict[str, str]:
        """Effective values for `idp settings`, without the password of the database address."""
        values = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        parts = urlsplit(self.database_url)
        if parts.password:
            values["database_url"] = self.database_url.replace(f":{parts.password}@", ":***@")
        return values


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _signature_mistakes(environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the settings of the ЭЦҚ."""
    mistakes = []
    for name in ("IDP_OCSP_URL", "IDP_CRL_URL", "IDP_EGOV_RELAY_URL"):
        parts = [urlsplit(url) for url in _words(environ.get(name, ""))]
        if any(one.scheme not in ("http", "https") or not one.hostname for one in parts):
            mistakes.append(f"{name} must hold http(s) addresses")
    layer = urlsplit(environ.get("IDP_NCALAYER_URL", "wss://127.0.0.1:13579"))
    if layer.scheme not in ("ws", "wss") or not _is_loopback(layer.hostname) or layer.path.strip("/") or layer.query:
        mistakes.append("IDP_NCALAYER_URL must be ws(s)://HOST:PORT on the person's own computer")
    if environ.get("IDP_EDS_LEGACY", "0") not in ("0", "1"):
        mistakes.append("IDP_EDS_LEGACY must be 0 or 1")
    if not set(_words(environ.get("IDP_EDS_SECOND_FACTOR", "staff"))) <= {"staff", "file", "none"}:
        mistakes.append("IDP_EDS_SECOND_FACTOR holds staff, file or none")
    if (
        environ.get("IDP_OPERATOR_BIN", "0" * 12).isdigit() is False
        or len(environ.get("IDP_OPERATOR_BIN", "0" * 12)) != 12
    ):
        mistakes.append("IDP_OPERATOR_BIN must have 12 digits")
    return mistakes


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
