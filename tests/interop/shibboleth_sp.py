"""Debian's Shibboleth SP: shibd and Apache on loopback, of a configuration of the test's own, gone when the test ends.

Nothing of the system's Apache is read or run. As root both run as Debian's user `_shibd`.
"""

from __future__ import annotations

import base64
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import requests

from idp.xml.keys import Credential
from tests.factories.saml_metadata import credential
from tests.fakes.components import missing
from tests.fakes.databases import free_port

_TEMPLATES = Path(__file__).with_name("shibboleth")
_MODULE = Path("/usr/lib/apache2/modules/mod_shib.so")
_PROGRAMS = ("shibd", "apache2")
_START_SECONDS = 30
_STOP_SECONDS = 15
_PAGE = "<!--#printenv -->"


@dataclass(frozen=True)
class Addresses:
    """Where the two service providers of one Shibboleth SP are: hosts of their own, so that they share no cookie."""

    reading: str
    library: str

    @classmethod
    def free(cls) -> Addresses:
        return cls(f"http://127.0.0.2:{free_port()}", f"http://127.0.0.3:{free_port()}")

    def hosts(self) -> tuple[str, str]:
        """`host:port` of each."""
        return self.reading.removeprefix("http://"), self.library.removeprefix("http://")


class ShibbolethSp:
    """Both programs and the folder that holds all they read and write but Debian's own files."""

    def __init__(self, folder: Path, issuer: str, at: Addresses, idp_certificate: bytes) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.at = at
        reading, library = at.hosts()
        values = {
            "folder": folder, "issuer": issuer, "reading": at.reading, "library": at.library,
            "reading_bind": reading, "library_bind": library,
        }  # fmt: skip
        for template in _TEMPLATES.iterdir():
            (folder / template.name).write_text(Template(template.read_text()).substitute(values))
        (folder / "idp.pem").write_text(pem(idp_certificate))
        for number, use in enumerate(("signing", "encryption"), start=20):
            _write_credential(folder, use, credential(number))
        pages = folder / "pages" / "protected"
        pages.mkdir(parents=True)
        (pages / "page.shtml").write_text(_PAGE)

    def start(self) -> None:
        """Returns when the first service provider answers. Raises AssertionError with the logs when none does."""
        self._give_away()
        self._run("shibd", "-F", "-f", "-c", str(self._folder / "shibboleth2.xml"), "-p", str(self._folder / "pid"))
        self._wait("shibd", (self._folder / "shibd.sock").exists)
        self._run("apache2", "-DFOREGROUND", "-f", str(self._folder / "apache.conf"))
        self._wait("apache2", self._answers)

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _give_away(self) -> None:
        """The folder to the user that the programs run as."""
        if os.geteuid() == 0:
            owner = pwd.getpwnam("_shibd")
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _run(self, name: str, *arguments: str) -> None:
        program = _program(name)
        assert program is not None
        lower = ["--reuid=_shibd", "--regid=_shibd", "--clear-groups"] if os.geteuid() == 0 else []
        guard = ["setpriv", *lower, "--pdeathsig=TERM"] if shutil.which("setpriv") else []
        with (self._folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(
                [*guard, program, *arguments], stdout=log, stderr=log, cwd=self._folder, start_new_session=True
            )
        self._processes.append(started)

    def _wait(self, name: str, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not is_ready():
            if self._processes[-1].poll() is not None or time.monotonic() > deadline:
                logs = "\n".join(path.read_text(errors="replace") for path in self._folder.glob("*.log"))
                raise AssertionError(f"{name} did not become ready:\n{logs}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.at.reading}/Shibboleth.sso/Metadata", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False


@contextmanager
def running_shibboleth(issuer: str, at: Addresses, idp_certificate: bytes) -> Iterator[ShibbolethSp]:
    """One that knows the IdP at `issuer` by its metadata, whose signature `idp_certificate` (DER) verifies."""
    if not _MODULE.exists() or not all(_program(name) for name in _PROGRAMS):
        missing("the Shibboleth SP is not installed: run `make test` as root, or install Debian's libapache2-mod-shib")
    folder = Path(tempfile.mkdtemp(prefix="bilim-id-shibboleth-"))
    running = ShibbolethSp(folder, issuer, at, idp_certificate)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str | None:
    """Debian puts both where only root looks."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def _write_credential(folder: Path, name: str, made: Credential) -> None:
    (folder / f"{name}.key").write_bytes(made.private_key_pem)
    (folder / f"{name}.pem").write_text(pem(made.certificate))


def pem(certificate: bytes) -> str:
    """A DER certificate as text."""
    text = "\n".join(textwrap.wrap(base64.b64encode(certificate).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"
