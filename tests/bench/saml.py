"""What a SAML sign-on costs: one bare xmlsec signature, and one whole request through the application.

`python -m tests.bench.saml ROUNDS URL` prints JSON; the database of the URL must be empty. All figures are milliseconds
of CPU of this one process, measured in turns, so that a busy machine slows each alike. A sign-on is a GET of /saml/sso
by a browser with a session, from the octets of the query to the page that posts the assertion. The bare signature is
RSA-2048 with SHA-256 over an assertion as large, its template made and filled by xmlsec.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from lxml import etree
from xmlsec import Key as XmlsecKey
from xmlsec import SignatureContext, constants, template, tree

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.parts import build
from idp.saml import names
from idp.saml.names import q
from idp.settings import Settings
from idp.store.migrations import upgrade
from idp.store.session import open_engine
from idp.xml.keys import Credential
from tests.factories.saml_ground import SamlGround, form
from tests.factories.saml_house import SamlHouse

AIMS = {"plain": 4.0, "encrypted": 6.0}
"""In bare signatures."""
_TITLES = {"plain": "one sign-on, the assertion signed", "encrypted": "the same, signed and encrypted"}


class SignOns:
    """A pupil with a session who opens two services again and again; `sizes` are octets of the pages."""

    def __init__(self, folder: Path, url: str) -> None:
        engine = open_engine(url)
        upgrade(engine)
        engine.dispose()
        settings = Settings(database_url=url, keys_dir=folder, secret_file=folder / "master.key", env="dev")
        make_master_key(settings.secret_file)
        parts = build(settings)
        parts.keys.init()
        parts.engine.dispose()
        self._app = create_app(settings)
        house = SamlHouse(self._app)
        key = house.service("other", 1).credential.certificate
        metadata = {"encryption_certificates": (key,)}
        self._services = {
            "plain": house.service("plain", 2),
            "encrypted": SamlGround(self._app, "https://sealed.example/saml", number=1, metadata=metadata),
        }
        cookies = [house.browser.client.get_cookie(name) for name in ("bilim_id", "bilim_flow")]
        self._cookie = "; ".join(f"{one.key}={one.value}" for one in cookies if one)
        self.credential: Credential = house.parts.saml.credential("rsa-sha256")
        house.browser.go(self._services["plain"].address())
        self.assertion = _assertion(form(house.browser)[1]["SAMLResponse"])

    def once(self, name: str) -> float:
        """CPU milliseconds of one request."""
        path, _, query = self._services[name].address(is_signed=False).partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "HTTP_COOKIE": self._cookie,
            "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "HTTP_HOST": "localhost:8000",
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
        }  # fmt: skip
        answered: list[str] = []
        began = time.process_time()
        body = b"".join(self._app.wsgi_app(environ, lambda status, _headers, _info=None: answered.append(status)))  # type: ignore[arg-type]
        spent = time.process_time() - began
        assert answered[0].startswith("200"), answered
        assert b"SAMLResponse" in body
        return spent * 1000


class BareSignature:
    """xmlsec alone, its key parsed beforehand."""

    def __init__(self, credential: Credential, assertion: bytes) -> None:
        self._key = XmlsecKey.from_memory(credential.private_key_pem, constants.KeyDataFormatPem)
        self._assertion = assertion

    def once(self) -> float:
        root = etree.fromstring(self._assertion)
        began = time.process_time()
        signature = template.create(root, constants.TransformExclC14N, constants.TransformRsaSha256, ns="ds")
        root.insert(1, signature)
        reference = template.add_reference(signature, constants.TransformSha256, uri=f"#{root.get('ID')}")
        template.add_transform(reference, constants.TransformEnveloped)
        template.add_transform(reference, constants.TransformExclC14N)
        tree.add_ids(root, ["ID"])
        context = SignatureContext()
        context.key = self._key
        context.sign(signature)
        return (time.process_time() - began) * 1000


def _assertion(message: str) -> bytes:
    """One of ours without its signature."""
    root = etree.fromstring(base64.b64decode(message))
    assertion = root.find(q(names.SAML, "Assertion"))
    assert assertion is not None
    signature = assertion.find(q(names.DS, "Signature"))
    if signature is not None:
        assertion.remove(signature)
    return etree.tostring(assertion)


def measure(rounds: int, url: str) -> dict[str, Any]:
    """Medians over `rounds`; the ratio is that of each turn with the bare signatures on both sides of it."""
    with tempfile.TemporaryDirectory(prefix="bilim-bench-") as folder:
        sign_ons = SignOns(Path(folder), url or f"sqlite:///{folder}/idp.sqlite3")
        bare = BareSignature(sign_ons.credential, sign_ons.assertion)
        turns: dict[str, Callable[[], float]] = {
            "plain": lambda: sign_ons.once("plain"),
            "encrypted": lambda: sign_ons.once("encrypted"),
        }
        for turn in turns.values():
            turn()
        taken: dict[str, list[float]] = {"bare": [bare.once()], "plain": [], "encrypted": []}
        ratios: dict[str, list[float]] = {"plain": [], "encrypted": []}
        for _ in range(rounds):
            for name, turn in turns.items():
                spent = turn()
                taken["bare"].append(bare.once())
                taken[name].append(spent)
                ratios[name].append(spent / (sum(taken["bare"][-2:]) / 2))
    return {
        "cpu_ms": {name: median(values) for name, values in taken.items()},
        "in_signatures": {name: median(values) for name, values in ratios.items()},
        "assertion_octets": len(sign_ons.assertion),
    }


def markdown(found: dict[str, Any]) -> str:
    """What a sign-on costs in bare signatures, and what it may."""
    lines = ["| SAML | CPU ms | in bare signatures | at most |", "|---|---:|---:|---:|"]
    lines.append(f"| one bare xmlsec signature, RSA-2048 | {found['cpu_ms']['bare']:.2f} | 1 | |")
    for name, aim in AIMS.items():
        ratio = found["in_signatures"][name]
        lines.append(f"| {_TITLES[name]} | {found['cpu_ms'][name]:.2f} | **{ratio:.2f}** | {aim:g} |")
    return "\n".join(lines)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    found = measure(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
    print(json.dumps(found))  # noqa: T201 the parent process reads it
