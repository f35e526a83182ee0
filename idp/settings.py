"""Settings: one frozen record, read from the environment once, by `app` and `cli` only.

Every mistake is reported at once. Secrets are paths, never values. `docs/reference/settings.md` is generated from here.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,125}[a-z0-9])?")


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
    kdp_url: str = ""
    """`IDP_KDP_URL`: the state service of access control (КДП), for consents given there. Not proven: no protocol of it
    is public. Empty: that way is off."""
    export_limit_person: int = 5000
    """`IDP_EXPORT_LIMIT_PERSON`: rows about people that one person may list and export in a day; half of it raises an
    alert."""
    export_limit_client: int = 0
    """`IDP_EXPORT_LIMIT_CLIENT`: rows that one client may read from the feed in a day; 0 for five times the people of
    its schools, and never less than 20 000."""
    second_factor: str = "none"
    """`IDP_SECOND_FACTOR`: of whom a second step is asked after the password: `none`, `staff` or `everybody` (staff and
    parents; never pupils). A school may settle it for itself."""
    smtp_url: str = ""
    """`IDP_SMTP_URL`: the mail server, `smtps://USER:PASSWORD@HOST:PORT`, `smtp://…?starttls=1`, or plain `smtp://` on
    this machine or under `dev`. Empty: no mail is sent, and what needs it is not offered."""
    mail_from: str = ""
    """`IDP_MAIL_FROM`: the sender's address of our mail, such as `Bilim ID <id@school.example>`."""
    retention_people_days: int = 1826
    """`IDP_RETENTION_PEOPLE_DAYS`: how long after somebody has left every school their name, contacts and ИИН are kept;
    five years is our own choice, no act names a number."""
    saml_scope: str = ""
    """`IDP_SAML_SCOPE`: the domain right of the @ in SAML's scoped values, such as `mektep12.example`; services keep
    accounts under it, so it stays. Empty: the host of the issuer."""
    contact_mail: str = ""
    """`IDP_CONTACT_MAIL`: whom other operators write to about faults and security, published in the SAML metadata.
    Empty: nobody is named."""
    stores: tuple[str, ...] = ()
    """`IDP_STORES`: comma list of further places where data lies (folder of backups, log host), for
    `idp doctor --stores` alone."""
    env: str = "production"
    """`IDP_ENV`: `dev` or `production`; anything that weakens a check needs `dev`."""

    @property
    def is_dev(self) -> bool:
        return self.env == "dev"

    @property
    def is_https(self) -> bool:
        return self.issuer.startswith("https://")

    @property
    def domain(self) -> str:
        """Right of the @ in scoped values (SAML's shibmd:Scope)."""
        return self.saml_scope or urlsplit(self.issuer).hostname or ""

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
        mistakes += _mail_mistakes(environ)
        mistakes += _limit_mistakes(environ)
        mistakes += _saml_mistakes(environ)
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
            kdp_url=environ.get("IDP_KDP_URL", "").rstrip("/"),
            export_limit_person=int(environ.get("IDP_EXPORT_LIMIT_PERSON", "5000")),
            export_limit_client=int(environ.get("IDP_EXPORT_LIMIT_CLIENT", "0")),
            second_factor=environ.get("IDP_SECOND_FACTOR", "none"),
            smtp_url=environ.get("IDP_SMTP_URL", ""),
            mail_from=environ.get("IDP_MAIL_FROM", ""),
            retention_people_days=int(environ.get("IDP_RETENTION_PEOPLE_DAYS", "1826")),
            saml_scope=environ.get("IDP_SAML_SCOPE", ""),
            contact_mail=environ.get("IDP_CONTACT_MAIL", ""),
            stores=_words(environ.get("IDP_STORES", "")),
            env=env,
        )

    def masked(self) -> dict[str, str]:
        """Effective values for `idp settings`, without the passwords in addresses."""
        values = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        for name in ("database_url", "smtp_url"):
            parts = urlsplit(values[name])
            if parts.password:
                values[name] = values[name].replace(f":{parts.password}@", ":***@")
        return values


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _limit_mistakes(environ: Mapping[str, str]) -> list[str]:
    mistakes = []
    for name, least in (("IDP_EXPORT_LIMIT_PERSON", 1), ("IDP_EXPORT_LIMIT_CLIENT", 0)):
        value = environ.get(name, "1")
        if not (value.isascii() and value.isdigit() and least <= int(value[:10]) < 10**9):
            mistakes.append(f"{name} must be a number of rows")
    kept = environ.get("IDP_RETENTION_PEOPLE_DAYS", "1826")
    if not (kept.isascii() and kept.isdigit() and 1 <= int(kept[:6]) < 100_000):
        mistakes.append("IDP_RETENTION_PEOPLE_DAYS must be a number of days")
    return mistakes


def _saml_mistakes(environ: Mapping[str, str]) -> list[str]:
    mistakes = []
    if not _DOMAIN.fullmatch(environ.get("IDP_SAML_SCOPE") or "x"):
        mistakes.append("IDP_SAML_SCOPE must be a domain in lower-case ASCII")
    mail = environ.get("IDP_CONTACT_MAIL") or "x@x"
    if not (mail.isascii() and mail.isprintable() and mail.count("@") == 1) or " " in mail:
        mistakes.append("IDP_CONTACT_MAIL must be one address")
    return mistakes


def _signature_mistakes(environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the settings of the ЭЦҚ."""
    mistakes = []
    for name in ("IDP_OCSP_URL", "IDP_CRL_URL", "IDP_EGOV_RELAY_URL", "IDP_KDP_URL"):
        parts = [urlsplit(url) for url in _words(environ.get(name, ""))]
        if any(one.scheme not in ("http", "https") or not one.hostname for one in parts):
            mistakes.append(f"{name} must hold http(s) addresses")
    kdp = urlsplit(environ.get("IDP_KDP_URL", ""))
    if kdp.scheme == "http" and not _is_loopback(kdp.hostname):
        mistakes.append("IDP_KDP_URL must be https: an ИИН travels there")
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


def _mail_mistakes(environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the settings of mail and of the second factor."""
    mistakes = []
    if environ.get("IDP_SECOND_FACTOR", "none") not in ("none", "staff", "everybody"):
        mistakes.append("IDP_SECOND_FACTOR must be none, staff or everybody")
    url, sender = environ.get("IDP_SMTP_URL", ""), environ.get("IDP_MAIL_FROM", "")
    if not url:
        return mistakes
    parts = urlsplit(url)
    try:
        is_address = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.path.strip("/") or parts.query not in ("", "starttls=1"):
        mistakes.append("IDP_SMTP_URL must be smtp(s)://[USER:PASSWORD@]HOST[:PORT][?starttls=1]")
    is_open = parts.scheme == "smtp" and not parts.query and not _is_loopback(parts.hostname)
    if is_address and is_open and environ.get("IDP_ENV", "production") != "dev":
        mistakes.append("IDP_SMTP_URL must be smtps:// or ask for starttls=1 outside this machine")
    if "@" not in sender or any(letter in sender for letter in "\r\n"):
        mistakes.append("IDP_MAIL_FROM must be an address where IDP_SMTP_URL is set")
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
