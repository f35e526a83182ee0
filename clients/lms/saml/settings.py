"""Settings of a SAML service provider beside those of every client; read from the environment once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from clients.kit.settings import ClientSettings, SettingsError


@dataclass(frozen=True, slots=True)
class SamlSettings:
    metadata_file: Path
    """`BILIM_<APP>_IDP_METADATA`: the IdP's metadata as the operator put it there, read again when it changes.

    Unset, this is a copy that we keep beside the client's file of what the issuer publishes at `/saml/metadata`.
    """
    is_copy: bool
    certificate: str = ""
    """`BILIM_<APP>_IDP_CERTIFICATE`: PEM or DER file; the metadata must be signed with its key. Here as PEM."""

    @classmethod
    def from_env(cls, own: ClientSettings, environ: Mapping[str, str]) -> SamlSettings:
        """Raises SettingsError."""
        prefix = f"BILIM_{own.app.upper()}_"
        named = environ.get(f"{prefix}IDP_METADATA", "")
        copy = own.client_file.with_name(f"{own.client_file.name.removesuffix('.client.json')}.idp-metadata.xml")
        pinned = environ.get(f"{prefix}IDP_CERTIFICATE", "")
        certificate = _certificate(f"{prefix}IDP_CERTIFICATE", Path(pinned)) if pinned else ""
        if named and not Path(named).is_file():
            raise SettingsError(f"{prefix}IDP_METADATA: no file at {named}")
        return cls(Path(named) if named else copy, not named, certificate)


def _certificate(name: str, path: Path) -> str:
    try:
        data = path.read_bytes()
        is_pem = b"-----BEGIN" in data
        found = x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
    except (OSError, ValueError):
        raise SettingsError(f"{name}: no certificate in {path}") from None
    return found.public_bytes(Encoding.PEM).decode()
