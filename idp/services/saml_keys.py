"""Credentials of the SAML identity provider: a key and its certificate each, sealed in one piece beside the other keys.

Service providers take our metadata by hand as often as by themselves, so nothing here turns with time: the operator
takes each step of a rotation, when those who copy by hand have followed the one before.

    state     signing keys                                decryption keys
    next      published, does not sign                    published second, opens
    active    published first, signs                      published first, opens
    retired   published until the operator takes it away  opens for OPEN_FOR, then goes
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from idp.core.clock import Clock
from idp.services.keys import Keys, Makers
from idp.store import audit, keys
from idp.store.models.keys import StoredKey
from idp.store.session import UnitOfWork

if TYPE_CHECKING:
    from idp.xml.keys import Credential

SIGN, DECRYPT = "saml_sign", "saml_decrypt"
KINDS = ((SIGN, "rsa-sha256"), (SIGN, "ecdsa-sha256"), (DECRYPT, "rsa"))
"""Use and algorithm, those that most read first."""
SETTLE = timedelta(days=14)
"""How long a new key is published before it signs: as long as the metadata that we publish is valid."""
SHOW_AFTER = timedelta(days=1)
"""How long an old one stays published after its last signature."""
OPEN_FOR = timedelta(days=90)
"""How long a service provider may go on encrypting to an old key of ours."""
_STATES = ("active", "next", "retired")
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----\n"


def makers(clock: Clock, common_name: str) -> Makers:
    """What `Keys.init` makes, under the name of the host in the certificates, which nobody relies on."""
    return {(use, alg): lambda alg=alg: make(alg, common_name, clock.now()) for use, alg in KINDS}  # type: ignore[misc]


def make(alg: str, common_name: str, now: datetime) -> bytes:
    """A new key (PKCS#8) and its self-signed certificate, both PEM, one after the other."""
    from idp.xml.keys import generate

    made = generate(_signs_with(alg), common_name=common_name, now=now)
    text = base64.encodebytes(made.certificate)
    return made.private_key_pem + _CERTIFICATE + text + b"-----END CERTIFICATE-----\n"


def _signs_with(alg: str) -> str:
    """A key that only decrypts is kept in the same form as one that signs."""
    return "rsa-sha256" if alg == "rsa" else alg


class SamlKeys:
    """Follows the ring of `Keys`: read again when that has changed, parsed once a key."""

    def __init__(self, uow: UnitOfWork, clock: Clock, keys_: Keys, common_name: str) -> None:
        self._uow = uow
        self._clock = clock
        self._keys = keys_
        self._common_name = common_name
        self._lock = threading.Lock()
        self._version = ""
        self._parsed: dict[str, Credential] = {}
        self._by_use: dict[str, list[Credential]] = {}

    def signing(self) -> Sequence[Credential]:
        """Every signing credential to publish: what signs now before what will and what did, RSA before EC."""
        return self._credentials(SIGN)

    def decryption(self) -> Sequence[Credential]:
        """Every credential that may yet open something, the one to encrypt to first."""
        return self._credentials(DECRYPT)

    def version(self) -> str:
        """Changes when the credentials may have."""
        return self._keys.version()

    def waits_until(self) -> datetime | None:
        """From when on `rotate` takes the next step unasked; None when no rotation is under way."""
        return _step(self._rows())[1]

    def rotate(self, *, at_once: bool = False) -> list[str]:
        """The next step of the operator's rotation, if it is due; returns what it did, in words.

        First new keys are published beside the active ones; then they sign and the old ones stay published; then the
        old ones go. Safe on two nodes at once: the second finds the step taken.
        """
        now = self._clock.now()
        step, due_at = _step(self._rows())
        if due_at and due_at > now and not at_once:
            return []
        fresh = {kind: make(kind[1], self._common_name, now) for kind in KINDS} if step == "begin" else {}
        with self._uow.write() as tx:
            keys.hold(tx, (SIGN, DECRYPT))
            rows = _of_saml(keys.all_keys(tx))
            if _step(rows)[0] != step:
                return []
            steps = []
            for (use, alg), data in fresh.items():
                steps.append(
                    f"{use} {alg} next {self._keys.add(tx, use=use, alg=alg, data=data, state='next', now=now)}"
                )
            for row in rows:
                if step == "switch" and row.state == "active":
                    keys.retire(tx, row.kid, now=now, gone_at=now + OPEN_FOR if row.use == DECRYPT else None)
                    steps.append(f"{row.use} {row.alg} retired {row.kid}")
                elif step == "switch" and row.state == "next":
                    keys.activate(tx, row.kid, now=now)
                    steps.append(f"{row.use} {row.alg} active {row.kid}")
                elif step == "end" and row.state == "retired" and row.use == SIGN:
                    keys.delete(tx, row.kid)
                    steps.append(f"{row.use} {row.alg} gone {row.kid}")
            audit.record(tx, event="keys_rotated", now=now, data={"steps": steps})
        self._keys.forget()
        return steps

    def _credentials(self, use: str) -> list[Credential]:
        version = self._keys.version()
        if version != self._version:
            try:
                self._reload(version)
            except DBAPIError:
                if not self._by_use:
                    raise
        return self._by_use.get(use, [])

    def _reload(self, version: str) -> None:
        rows = sorted(self._rows(), key=_place)
        with self._lock:
            self._parsed = {row.kid: self._parsed.get(row.kid) or self._parse(row) for row in rows}
            self._by_use = {use: [self._parsed[row.kid] for row in rows if row.use == use] for use in (SIGN, DECRYPT)}
            self._version = version

    def _rows(self) -> list[StoredKey]:
        with self._uow.read() as tx:
            return _of_saml(keys.all_keys(tx))

    def _parse(self, row: StoredKey) -> Credential:
        from idp.xml.keys import Credential

        key, _, certificate = self._keys.open(row).partition(_CERTIFICATE)
        der = base64.b64decode(certificate.partition(b"-----END")[0])
        return Credential(key, der, _signs_with(row.alg))


def _of_saml(rows: list[StoredKey]) -> list[StoredKey]:
    return [row for row in rows if row.use in (SIGN, DECRYPT)]


def _place(row: StoredKey) -> tuple[int, int, float]:
    """What signs now stands before all others; among retired ones the youngest first."""
    return _STATES.index(row.state), KINDS.index((row.use, row.alg)), -row.created_at.timestamp()


def _step(rows: list[StoredKey]) -> tuple[str, datetime | None]:
    """Which step comes next, `begin`, `switch` or `end`, and how long it waits for those who copy by hand."""
    coming = [row.created_at for row in rows if row.state == "next"]
    old = [row.retire_at for row in rows if row.state == "retired" and row.use == SIGN and row.retire_at]
    if coming:
        return "switch", max(coming) + SETTLE
    return ("end", max(old) + SHOW_AFTER) if old else ("begin", None)
