"""A private key with the certificate that was made for it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import x509

from idp.cli.dev.nca.holder import Holder
from idp.cli.dev.nca.private_key import Mangle, PrivateKey, load_private_key


@dataclass(frozen=True, slots=True)
class Key:
    """`certificate` is DER; `chain` the DER certificates above it, the root last."""

    certificate: bytes
    chain: tuple[bytes, ...]
    private_key: PrivateKey = field(repr=False)
    subject: bytes = field(repr=False)
    """DER Name."""
    issuer: bytes = field(repr=False)
    serial: int
    not_before: datetime
    not_after: datetime
    holder: Holder | None = None

    def sign(self, data: bytes, mangle: Mangle = "") -> bytes:
        """With the algorithm of the key, in the octet order of the NCA."""
        return self.private_key.sign(data, mangle)

    @property
    def key_id(self) -> bytes:
        """SHA-1 of the key bits: its SKI."""
        return hashlib.sha1(self.private_key.key_bits(), usedforsecurity=False).digest()

    def extended_key_usage(self) -> list[str]:
        """Dotted OIDs."""
        found = x509.Certificate.load(self.certificate).extended_key_usage_value
        return [one.dotted for one in found] if found else []

    def numbers(self) -> dict[str, str]:
        """`iin` and `bin` as the certificate has them, empty where it has none."""
        found = {"iin": "", "bin": ""}
        for attribute in x509.Certificate.load(self.certificate).subject.chosen:
            value = str(attribute[0]["value"].native)
            for kind in found:
                if value.startswith(kind.upper()):
                    found[kind] = value[3:]
        return found

    def dump(self) -> dict[str, Any]:
        """For a private file: the private key is in it, in the clear."""
        return {
            "certificate": base64.b64encode(self.certificate).decode(),
            "chain": [base64.b64encode(one).decode() for one in self.chain],
            "private_key": self.private_key.dump(),
        }

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> Key:
        """Undoes `dump`; who the holder is stands in the certificate."""
        certificate = base64.b64decode(dumped["certificate"])
        parsed = x509.Certificate.load(certificate)
        return cls(
            certificate=certificate,
            chain=tuple(base64.b64decode(one) for one in dumped["chain"]),
            private_key=load_private_key(dumped["private_key"]),
            subject=parsed.subject.dump(),
            issuer=parsed.issuer.dump(),
            serial=parsed.serial_number,
            not_before=parsed["tbs_certificate"]["validity"]["not_before"].native,
            not_after=parsed["tbs_certificate"]["validity"]["not_after"].native,
        )
