"""Who this service provider is: its signing key, its certificate and the secret of its cookies, in one file.

Made at the first start, readable by its owner only. Whoever moves the client to another machine takes the file along:
the certificate is what the IdP knows it by.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from clients.kit.settings import SettingsError
from idp.core.ids import new_id, new_secret

_BITS = 3072
_YEARS = timedelta(days=20 * 365)
"""Nobody checks its end: the key is trusted because the metadata names it (SAML Metadata Interoperability §2.5)."""


@dataclass(frozen=True, slots=True)
class Identity:
    private_key: str = field(repr=False)
    """PEM, as the certificate."""
    certificate: str
    secret: str = field(repr=False)

    @classmethod
    def make(cls, host: str, now: datetime) -> Identity:
        key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + _YEARS)
            .sign(key, hashes.SHA256())
        )
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return cls(pem.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode(), new_secret())

    @classmethod
    def kept(cls, path: Path, *, host: str, now: datetime) -> Identity:
        """The identity in the file, made when there is none. Raises SettingsError for a file that is not right."""
        if not path.exists():
            cls.make(host, now)._write(path)
        return cls._read(path)

    def _write(self, path: Path) -> None:
        """Whole or not at all; of two processes that start at once the first one's stays."""
        values = {"private_key": self.private_key, "certificate": self.certificate, "secret": self.secret}
        draft = path.with_name(f"{path.name}.{new_id()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                json.dump(values, stream, indent=1)
            try:
                os.link(draft, path)
            except FileExistsError:
                return
            finally:
                draft.unlink()
        except OSError as error:
            raise SettingsError(f"{path} cannot be written: {error.strerror}") from None

    @classmethod
    def _read(cls, path: Path) -> Identity:
        try:
            mode = path.stat().st_mode
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise SettingsError(f"{path} cannot be read as JSON") from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingsError(f"{path} may be read by others: chmod 600")
        names = ("private_key", "certificate", "secret")
        if not isinstance(data, dict) or not all(isinstance(data.get(name), str) and data[name] for name in names):
            raise SettingsError(f"{path} must hold private_key, certificate and secret")
        return cls(*(data[name] for name in names))
