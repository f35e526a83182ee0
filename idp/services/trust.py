"""The certificates an operator chose to trust: files in `<keys_dir>/trust`, and `anchors.json` that vouches for each.

A file counts only when `anchors.json` lists it with the SHA-256 it really has, so that a certificate dropped into the
folder, or changed there, opens nothing. Test authorities are left out in production whoever put them there: their
private keys are public.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import ssl
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from idp.core.clock import Clock, SystemClock
from idp.core.errors import Conflict, Invalid
from idp.core.names import latin
from idp.eds.certificate import Certificate
from idp.eds.chain import TrustStore, is_test
from idp.eds.errors import EdsOff, EdsRefused
from idp.eds.ports import Backend
from idp.eds.self_test import choose

INDEX = "anchors.json"
SOON = timedelta(days=90)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Anchor:
    """One line of `anchors.json`."""

    file: str
    sha256: str
    """Hex, of the DER file."""
    subject: str
    """Its common name, to be read."""
    not_after: str
    """ISO 8601, as are all times here."""
    added_at: str = ""
    note: str = ""


class Trust:
    """Shared by all threads of a process; notices what other processes change."""

    def __init__(
        self, folder: Path, is_production: bool, clock: Clock | None = None, *, allow_legacy: bool = False
    ) -> None:
        self._folder = folder
        self._is_production = is_production
        self._clock = clock or SystemClock()
        self._allow_legacy = allow_legacy
        self._lock = threading.Lock()
        self._loaded: tuple[object, TrustStore] | None = None

    def add(self, file: Path, sha256: str, note: str = "") -> Anchor:
        """Takes a PEM or DER certificate of an authority in. Raises Invalid, Conflict.

        `sha256` is what the operator got over another channel: a download alone could come from anybody.
        """
        der = _to_der(file.read_bytes())
        wanted = re.sub(r"[\s:]", "", sha256).lower()
        found = hashlib.sha256(der).hexdigest()
        if found != wanted:
            raise Invalid("the certificate's SHA-256 is not the one you gave: nothing was added")
        certificate = self._acceptable(der)
        anchors = self.list()
        if any(anchor.sha256 == found for anchor in anchors):
            raise Conflict("this certificate is trusted already")
        anchor = Anchor(
            file=self._free_name(certificate, found),
            sha256=found,
            subject=certificate.common_name,
            not_after=certificate.not_after.isoformat(),
            added_at=self._clock.now().isoformat(timespec="seconds"),
            note=note,
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        _write(self._folder / anchor.file, der)
        _write(self._folder / INDEX, json.dumps(_as_json([*anchors, anchor]), ensure_ascii=False, indent=2).encode())
        return anchor

    def _acceptable(self, der: bytes) -> Certificate:
        try:
            certificate = Certificate.parse(der)
        except EdsRefused as error:
            raise Invalid(f"no certificate that can be read: {error.description}", detail=error.detail) from error
        if not certificate.is_ca or "key_cert_sign" not in certificate.key_usage:
            raise Invalid("this certificate is nobody's authority: it may not issue others")
        if self._is_production and is_test(certificate):
            raise Invalid("a test authority is never trusted in production: anybody can sign with its keys")
        if certificate.not_after < self._clock.now():
            raise Invalid(f"the certificate expired on {certificate.not_after:%Y-%m-%d}")
        return certificate

    def _free_name(self, certificate: Certificate, sha256: str) -> str:
        words = (latin(word) for word in re.findall(r"\w+", certificate.common_name))
        stem = "_".join(word for word in words if word)[:60] or "authority"
        return f"{stem}_{sha256[:8]}.cer" if (self._folder / f"{stem}.cer").exists() else f"{stem}.cer"

    def list(self) -> Sequence[Anchor]:
        """What `anchors.json` says. Raises Invalid when it cannot be read."""
        try:
            rows = json.loads((self._folder / INDEX).read_text(encoding="utf-8"))
            return [_anchor(row) for row in rows]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, KeyError) as error:
            raise Invalid(f"{INDEX} cannot be read", detail=f"{type(error).__name__}: {error}") from error

    def store(self, backend: Backend) -> TrustStore:
        """The authorities that count here, read again when a file of the folder has changed. Raises Invalid."""
        state = (backend.name, self._state())
        with self._lock:
            if self._loaded is None or self._loaded[0] != state:
                ders = [der for anchor in self.list() if (der := self._trusted(anchor)) is not None]
                self._loaded = (state, TrustStore(ders, backend, allow_legacy=self._allow_legacy))
            return self._loaded[1]

    def _trusted(self, anchor: Anchor) -> bytes | None:
        """The octets of a listed file, if they may be trusted here; what is wrong with others goes to the log."""
        der, problem = self._read(anchor)
        if problem:
            _log.error("a certificate is not trusted", extra={"file": anchor.file, "reason": problem})
            return None
        return der

    def _read(self, anchor: Anchor) -> tuple[bytes, str]:
        """The octets of a listed file, and why they do not count (empty when they do)."""
        try:
            der = (self._folder / anchor.file).read_bytes()
        except OSError:
            return b"", "the file is not there"
        if hashlib.sha256(der).hexdigest() != anchor.sha256:
            return der, "the file is not the one that was added: its SHA-256 differs"
        try:
            certificate = Certificate.parse(der)
        except EdsRefused as error:
            return der, f"no certificate that can be read: {error.description}"
        if self._is_production and is_test(certificate):
            return der, "a test authority, never trusted in production"
        return der, ""

    def _state(self) -> object:
        """Changes when a file of the folder does."""
        try:
            entries = [(entry.name, entry.stat()) for entry in os.scandir(self._folder)]
        except FileNotFoundError:
            return ()
        return tuple(sorted((name, found.st_mtime_ns, found.st_size, found.st_ino) for name, found in entries))

    def check(self) -> Sequence[str]:
        """Everything that is wrong, in words; empty when the ЭЦҚ can be on and stay on for a while."""
        try:
            anchors = self.list()
        except Invalid as error:
            return [f"{INDEX} cannot be read: {error.detail}"]
        problems = [] if anchors else ["no certificate is trusted: see README.md in that folder"]
        good: list[bytes] = []
        for anchor in anchors:
            der, problem = self._read(anchor)
            if not problem:
                good.append(der)
                problem = self._ageing(Certificate.parse(der))
            if problem:
                problems.append(f"{anchor.file}: {problem}")
        problems += self._strangers({anchor.file for anchor in anchors})
        try:
            problems += _broken_chains(TrustStore(good, choose(), allow_legacy=self._allow_legacy)) if good else []
        except EdsOff as error:
            problems.append(f"no library can check GOST signatures: {error.description}")
        return problems

    def _strangers(self, listed: set[str]) -> Sequence[str]:
        there = sorted(path.name for path in self._folder.glob("*") if path.suffix in (".cer", ".crt", ".pem", ".der"))
        return [f"{name}: not listed in {INDEX} and so not trusted" for name in there if name not in listed]

    def _ageing(self, certificate: Certificate) -> str:
        left: timedelta = certificate.not_after - self._clock.now()
        if left < timedelta(0):
            return f"expired on {certificate.not_after:%Y-%m-%d}"
        return f"expires on {certificate.not_after:%Y-%m-%d}, in {left.days} days" if left < SOON else ""


def _broken_chains(store: TrustStore) -> list[str]:
    problems = [f"{anchor.certificate.common_name}: {anchor.problem}" for anchor in store.anchors() if anchor.problem]
    if store.is_empty:
        problems.append("no issuing certificate below a trusted root: nobody can sign in with an ЭЦҚ")
    return problems


def _anchor(row: Any) -> Anchor:
    if not isinstance(row, dict):
        raise TypeError("a line is no object")
    anchor = Anchor(**{name: str(row.get(name, "")) for name in Anchor.__slots__})
    # A name that led out of the folder would let the index pin anything on this machine.
    if Path(anchor.file).name != anchor.file or not anchor.file.endswith(".cer"):
        raise ValueError("a file name is missing or leads elsewhere")
    return anchor


def _as_json(anchors: Sequence[Anchor]) -> list[dict[str, str]]:
    return [asdict(anchor) for anchor in anchors]


def _to_der(data: bytes) -> bytes:
    """DER of a file that is DER or holds one certificate in PEM. Raises Invalid."""
    if b"-----BEGIN" not in data:
        return data
    if data.count(b"-----BEGIN") != 1:
        raise Invalid("the file holds more than one certificate")
    try:
        return ssl.PEM_cert_to_DER_cert(data.decode("ascii").strip())
    except ValueError as error:
        raise Invalid("the file holds no certificate in PEM", detail=str(error)) from error


def _write(path: Path, content: bytes) -> None:
    """All or nothing: a reader never sees half a file."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
