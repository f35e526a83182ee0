"""The IdP over https at a name that Chromium takes for a public one, so that its question about this computer comes.

Everything stays on loopback: the name leads there by `--host-resolver-rules`, and
`--ip-address-space-overrides` declares that one port public. The certificate is made here and signed by nobody.
"""

from __future__ import annotations

import hashlib
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from idp.cli.dev.demo_holders import make_demo_nca
from idp.cli.dev.stand_ins import stand_ins
from idp.core.clock import SystemClock
from idp.services.trust import Trust
from tests.browser.eds import Layer
from tests.fakes.databases import free_port, migrate
from tests.fakes.servers import Program, prepare_idp

HOST = "id.mektep12.example"


@dataclass(frozen=True)
class Public:
    """`issuer` is the address in the browser; `flags` make the browser see it as public."""

    issuer: str
    flags: tuple[str, ...]
    layer: Layer


@contextmanager
def running_public(folder: Path, *, is_there: bool = True) -> Iterator[Public]:
    """Strangers may sign in by ЭЦҚ; nobody else is known. Without `is_there` no NCALayer listens where it should."""
    port = free_port()
    issuer = f"https://{HOST}:{port}"
    demo = make_demo_nca(SystemClock().now())
    trust = Trust(folder / "trust", False, SystemClock())
    for file in demo.write_anchors(folder / "anchors"):
        trust.add(file, hashlib.sha256(file.read_bytes()).hexdigest())
    certificate, key = _certificate(folder)
    with (
        stand_ins(demo, issuer=issuer, ncalayer="127.0.0.1:0", nca="127.0.0.1:0") as both,
        socket.socket() as nobody,
    ):
        nobody.bind(("127.0.0.1", 0))  # Kept and not listened at: nobody else may take it meanwhile.
        layer = both.ncalayer.removeprefix("http://")
        environment = {
            "IDP_ENV": "dev",
            "IDP_ISSUER": issuer,
            "IDP_DATABASE_URL": f"sqlite:///{folder / 'idp.sqlite3'}",
            "IDP_KEYS_DIR": str(folder),
            "IDP_SECRET_FILE": str(folder / "master.key"),
            "IDP_NCALAYER_URL": f"ws://{layer if is_there else f'127.0.0.1:{nobody.getsockname()[1]}'}",
            "IDP_OCSP_URL": f"{both.nca}/ocsp",
            "IDP_FETCH_ALLOW": both.nca.removeprefix("http://"),
            "TMPDIR": str(folder),
        }
        migrate(environment["IDP_DATABASE_URL"])
        prepare_idp(environment)
        serve = ["idp.cli", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
        serve += ["--certfile", str(certificate), "--keyfile", str(key)]
        url = f"https://127.0.0.1:{port}"
        with Program(serve, environment, folder / "log", url, "/readyz", ca=certificate):
            flags = (
                f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
                f"--ip-address-space-overrides=127.0.0.1:{port}=public",
                "--ignore-certificate-errors",
            )
            yield Public(issuer, flags, Layer(f"{both.ncalayer}/"))


def _certificate(folder: Path) -> tuple[Path, Path]:
    """For HOST and loopback, signed by itself, good for a day; PEM files of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    now, name = SystemClock().now(), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "tls.crt", folder / "tls.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
