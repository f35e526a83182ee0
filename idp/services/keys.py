"""Keys: made, sealed under the master key, rotated next → active → retired → gone; every node sees one rotation.

JWKS shows the first three states, so a key is known to clients before it signs and until its last token expires
(OIDC Core §10.1.1).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import DBAPIError

from idp.core.clock import Clock, monotonic
from idp.core.errors import Conflict, Unavailable
from idp.core.ids import keyed_hash, new_id, random_bytes
from idp.jose.keyring import KeyRing, SigningKey, generate_pem
from idp.store import audit, keys
from idp.store.models.keys import StoredKey
from idp.store.session import Tx, UnitOfWork

ALGORITHMS = ("ES256", "RS256")
SECRET_USES = (
    "pairwise", "token", "iin_lookup", "iin_seal", "cookie", "evidence", "credential_seal", "card_number", "invitation",
)  # fmt: skip
PUBLISH_BEFORE = timedelta(hours=24)
"""How long a new key is shown in JWKS before it signs."""
SIGN_FOR = timedelta(days=90)
SHOW_AFTER = timedelta(hours=24)
"""How long a retired key is shown: longer than any token it signed lives."""
_CACHE_SECONDS = 30.0
_REREAD_SECONDS = 1.0
_log = logging.getLogger(__name__)


Makers = Mapping[tuple[str, str], Callable[[], bytes]]
"""How a key of a use and an algorithm is made, for keys that others than this file read (`saml_keys.py`)."""


class Keys:
    """Reads, opens and caches the stored keys. Parsed once a change."""

    def __init__(
        self, uow: UnitOfWork, clock: Clock, master: Callable[[], bytes], makers: Makers | None = None
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._master = master
        self._makers = makers or {}
        self._lock = threading.Lock()
        self._version = ""
        self._read_at = -_CACHE_SECONDS
        self._ring = KeyRing([])
        self._secrets: dict[str, tuple[bytes, ...]] = {}
        self._active: set[tuple[str, str]] = set()
        self._parsed: dict[str, SigningKey] = {}

    def ring(self, unknown_kid: str = "") -> KeyRing:
        """The signing keys, at most 30 s old; read again at once for a `kid` this node has not seen."""
        if monotonic() - self._read_at > _CACHE_SECONDS or (unknown_kid and self._ring.verifying(unknown_kid) is None):
            try:
                self._reload()
            except DBAPIError:
                # What is published must stay readable while the database is away; nothing can be issued without it.
                if not self._version:
                    raise
                _log.warning("the keys could not be read again")
        return self._ring

    def version(self) -> str:
        """Changes when the ring does."""
        self.ring()
        return self._version

    def secret(self, use: str) -> bytes:
        """32 bytes for one of SECRET_USES, the same on every node; for ever, but for those that `versions` tells of."""
        if use not in self._secrets:
            self._reload()
        if use not in self._secrets:
            raise Unavailable("keys are not initialised", detail=f"no secret {use}: run `idp keys init`")
        return self._secrets[use][0]

    def versions(self, use: str) -> tuple[bytes, ...]:
        """What is written with, then every other version that something may be read with; at most 30 s old."""
        self.ring()
        self.secret(use)
        return self._secrets[use]

    def demand_made(self) -> None:
        """Raises Unavailable unless everything is there that `init` makes: one may be newer than the installation."""
        self.ring()
        lacking = [f"{use} {alg}".rstrip() for use, alg in self._wanted() if (use, alg) not in self._active]
        if lacking:
            raise Unavailable("keys are not initialised", detail=f"no {', '.join(lacking)}: run `idp keys init`")

    def _reload(self) -> None:
        with self._lock:
            if monotonic() - self._read_at < _REREAD_SECONDS and self._version:
                return
            with self._uow.read() as tx:
                version = keys.version(tx)
                rows = keys.all_keys(tx) if version != self._version else None
            if rows is not None:
                signing = [row for row in rows if row.use == "sign"]
                self._parsed = {row.kid: self._parse(row) for row in signing}
                self._ring = KeyRing(list(self._parsed.values()))
                self._secrets = self._versions(rows)
                self._active = {(row.use, row.alg) for row in rows if row.state == "active"}
                self._version = version
            self._read_at = monotonic()

    def _versions(self, rows: list[StoredKey]) -> dict[str, tuple[bytes, ...]]:
        """By use, the active version first. Secrets have no algorithm."""
        ordered = sorted(rows, key=lambda row: row.state != "active")
        uses = {row.use for row in rows if row.state == "active" and not row.alg}
        return {use: tuple(self.open(row) for row in ordered if row.use == use) for use in uses}

    def _parse(self, row: StoredKey) -> SigningKey:
        known = self._parsed.get(row.kid)
        if known is not None:
            return SigningKey(row.kid, row.alg, row.state, known.private_key)
        return SigningKey.from_pem(row.kid, row.alg, row.state, self.open(row))

    def open(self, row: StoredKey) -> bytes:
        """What was sealed. Raises Unavailable when the master key does not fit."""
        try:
            return AESGCM(self._master()).decrypt(row.sealed[:12], row.sealed[12:], row.kid.encode())
        except InvalidTag:
            raise Unavailable("keys cannot be opened", detail=f"the master key does not fit {row.kid}") from None

    def _seal(self, kid: str, data: bytes) -> bytes:
        nonce = random_bytes(12)
        return nonce + AESGCM(self._master()).encrypt(nonce, data, kid.encode())

    def init(self) -> list[str]:
        """Makes what is missing: every secret and one active key per algorithm. Returns the ids of what it made."""
        with self._uow.read() as tx:
            have = {(row.use, row.alg) for row in keys.all_keys(tx) if row.state != "retired"}
        fresh = {kind: make() for kind, make in self._wanted().items() if kind not in have}
        made: list[str] = []
        now = self._clock.now()
        with self._uow.write() as tx:
            have = {(row.use, row.alg) for row in keys.all_keys(tx) if row.state != "retired"}
            for (use, alg), data in fresh.items():
                if (use, alg) not in have:
                    made.append(self.add(tx, use=use, alg=alg, data=data, state="active", now=now))
            if made:
                audit.record(tx, event="keys_made", now=now, data={"kids": made})
        self.forget()
        return made

    def _wanted(self) -> dict[tuple[str, str], Callable[[], bytes]]:
        secrets = {(use, ""): partial(random_bytes, 32) for use in SECRET_USES}
        return secrets | {("sign", alg): partial(generate_pem, alg) for alg in ALGORITHMS} | dict(self._makers)

    def rotate(self, *, at_once: bool = False) -> list[str]:
        """One step of rotation, safe to call at any time on any node; returns what it did, in words.

        A missing `next` key is made when the active one nears its end; a published one becomes active when its time
        has come; the old one retires and later goes. `at_once` makes and activates new keys now.
        """
        now = self._clock.now()
        with self._uow.read() as tx:
            rows = [row for row in keys.all_keys(tx) if row.use == "sign"]
        wanted = [alg for alg in ALGORITHMS if at_once or self._is_due(rows, alg, now)]
        pems = {alg: generate_pem(alg) for alg in wanted if not _of(rows, alg, "next")}
        steps: list[str] = []
        with self._uow.write() as tx:
            rows = [row for row in keys.all_keys(tx) if row.use == "sign"]
            for alg, pem in pems.items():
                if not _of(rows, alg, "next"):
                    kid = self.add(
                        tx, use="sign", alg=alg, data=pem, state="next", now=now, active_from=now + PUBLISH_BEFORE
                    )
                    steps.append(f"{alg} next {kid}")
            tx.session.expire_all()
            rows = [row for row in keys.all_keys(tx) if row.use == "sign"]
            for following in [row for row in rows if row.state == "next" and (at_once or row.active_from <= now)]:
                for current in _of(rows, following.alg, "active"):
                    keys.retire(tx, current.kid, now=now, gone_at=now + SHOW_AFTER)
                    steps.append(f"{current.alg} retired {current.kid}")
                keys.activate(tx, following.kid, now=now)
                steps.append(f"{following.alg} active {following.kid}")
            gone = keys.delete_gone(tx, now=now)
            if gone:
                steps.append(f"{gone} gone")
            if steps:
                audit.record(tx, event="keys_rotated", now=now, data={"steps": steps})
        self.forget()
        return steps

    def begin_rotation(self, uses: Sequence[str]) -> list[str]:
        """Makes a new version of these secrets, with which nothing is written yet; returns what it did, in words.

        Raises Conflict while an older rotation of them is under way.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            if any(row.use in uses and row.state != "active" for row in keys.all_keys(tx)):
                raise Conflict("a rotation of this secret is under way", code="rotation_under_way")
            steps = []
            for use in uses:
                kid = self.add(tx, use=use, alg="", data=random_bytes(32), state="next", now=now)
                steps.append(f"{use} next {kid}")
            audit.record(tx, event="keys_rotated", now=now, data={"steps": steps})
        self.forget()
        return steps

    def continue_rotation(self, uses: Sequence[str], *, settle: timedelta, run: Callable[[], bool]) -> list[str]:
        """The next step of what `begin_rotation` began, when every node has had `settle` to hear of the last one.

        The new version is written with from then on; `run` rewrites what the old one wrote and says whether nothing is
        left; then the old one goes. Returns what it did, in words.
        """
        now = self._clock.now()
        with self._uow.read() as tx:
            rows = [row for row in keys.all_keys(tx) if row.use in uses]
        coming = [row for row in rows if row.state == "next"]
        old = [row for row in rows if row.state == "retired"]
        since = max((row.created_at if coming else row.active_from for row in rows if row not in old), default=now)
        if since + settle > now or not (coming or old):
            return []
        self.forget()
        if not coming and not run():
            return []
        with self._uow.write() as tx:
            steps = []
            for row in coming:
                for current in [one for one in rows if one.use == row.use and one.state == "active"]:
                    keys.retire(tx, current.kid, now=now, gone_at=None)
                    steps.append(f"{row.use} retired {current.kid}")
                keys.activate(tx, row.kid, now=now)
                steps.append(f"{row.use} active {row.kid}")
            for row in () if coming else old:
                keys.delete(tx, row.kid)
                steps.append(f"{row.use} gone {row.kid}")
            audit.record(tx, event="keys_rotated", now=now, data={"steps": steps})
        self.forget()
        return steps

    def _is_due(self, rows: list[StoredKey], alg: str, now: datetime) -> bool:
        active = _of(rows, alg, "active")
        return not active or max(row.active_from for row in active) + SIGN_FOR - PUBLISH_BEFORE <= now

    def add(
        self, tx: Tx, *, use: str, alg: str, data: bytes, state: str, now: datetime, active_from: datetime | None = None
    ) -> str:
        """Seals and stores a key; returns its id."""
        kid = new_id()
        sealed = self._seal(kid, data)
        keys.add(tx, kid=kid, use=use, alg=alg, sealed=sealed, state=state, now=now, active_from=active_from or now)
        return kid

    def forget(self) -> None:
        """The next question reads the table again."""
        with self._lock:
            self._read_at = -_CACHE_SECONDS
            self._version = ""


def _of(rows: list[StoredKey], alg: str, state: str) -> list[StoredKey]:
    return [row for row in rows if row.alg == alg and row.state == state]


class IinVault:
    """Seals ИИН for storage and hashes them for lookup; neither can be undone without the stored keys."""

    def __init__(self, keys_: Keys) -> None:
        self._keys = keys_

    def seal(self, person_id: str, iin: str) -> bytes:
        """AES-256-GCM, bound to the person so that sealed numbers cannot be swapped between rows."""
        nonce = random_bytes(12)
        return nonce + AESGCM(self._keys.secret("iin_seal")).encrypt(nonce, iin.encode(), person_id.encode())

    def open(self, person_id: str, sealed: bytes) -> str:
        """The number again, for a client with a recorded basis."""
        for key in self._keys.versions("iin_seal"):
            try:
                return AESGCM(key).decrypt(sealed[:12], sealed[12:], person_id.encode()).decode()
            except InvalidTag:
                continue
        raise Unavailable("a number cannot be opened", detail=f"no key fits the ИИН of {person_id}")

    def is_current(self, person_id: str, sealed: bytes) -> bool:
        """Whether it is sealed with the version that is written with."""
        try:
            AESGCM(self._keys.versions("iin_seal")[0]).decrypt(sealed[:12], sealed[12:], person_id.encode())
        except InvalidTag:
            return False
        return True

    def lookup(self, iin: str) -> bytes:
        """The keyed hash stored beside it."""
        return keyed_hash(self._keys.secret("iin_lookup"), iin)

    def lookups(self, iin: str) -> tuple[bytes, ...]:
        """Every hash that may be stored for it: the one of `lookup` first, more while the key is being rotated.

        Asked for before a transaction, for the keys may have to be read again.
        """
        return tuple(keyed_hash(key, iin) for key in self._keys.versions("iin_lookup"))
