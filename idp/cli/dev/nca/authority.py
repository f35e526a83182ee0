"""The miniature NCA itself: two authorities, a responder, a time-stamping authority, and what it has revoked."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Unpack

from idp.cli.dev.nca import certificates, cms, crl, ocsp, timestamp
from idp.cli.dev.nca.departures import (
    CmsDepartures,
    CrlDepartures,
    IssueDepartures,
    OcspDepartures,
    TimestampDepartures,
)
from idp.cli.dev.nca.holder import Holder, Role
from idp.cli.dev.nca.key import Key
from idp.cli.dev.nca.ocsp import HOLD, Asked, Standing
from idp.cli.dev.nca.private_key import RSA, SUITES, Suite, make_private_key
from idp.core.errors import NotFound
from idp.core.ids import random_bytes

_YEARS = timedelta(days=3652)
_YEAR = timedelta(days=365)
_REMOVE_FROM_CRL = 8


class MiniNca:
    """`root` → `ca` → people, `responder`, `tsa`. Made by `make` or `load`."""

    def __init__(self, suite: Suite, parts: Mapping[str, Key], *, is_test: bool, state: Mapping[str, Any]) -> None:
        self.suite = suite
        self.is_test = is_test
        self.root, self.ca, self.responder, self.tsa = (parts[name] for name in ("root", "ca", "responder", "tsa"))
        self.issued: set[int] = set(state.get("issued", ()))
        self._revoked: dict[int, tuple[datetime, int]] = {
            int(serial): (datetime.fromisoformat(at), reason) for serial, at, reason in state.get("revoked", ())
        }
        self._number = int(state.get("number", 0))
        self._base_number = int(state.get("base_number", 0))
        self._in_base: set[int] = set(state.get("in_base", ()))

    @classmethod
    def make(cls, now: datetime, algorithm: str = "gost2015", *, is_test: bool = True, label: str = "") -> MiniNca:
        """Valid from a day before `now` for ten years. `is_test=False` leaves TEST out of every name: such anchors look
        like the NCA's own. `label` tells two of one kind apart."""
        suite = SUITES[algorithm]
        kind = "RSA" if suite is RSA else "GOST"
        ending = " ".join(part for part in (f"({kind})", label, "DEV TEST" if is_test else "2022") if part)
        since, until = now - timedelta(days=1), now + _YEARS
        root = certificates.authority(
            f"НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ {ending}", make_private_key(suite.name), since, until, None
        )
        ca = certificates.authority(
            f"ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ {ending}", make_private_key(suite.name), since, until, root
        )
        parts = {"root": root, "ca": ca}
        services: tuple[tuple[str, str, Role], ...] = (
            ("responder", "OCSP RESPONDER", "ocsp"),
            ("tsa", "TIME-STAMPING AUTHORITY", "tsa"),
        )
        for name, common, role in services:
            holder = Holder("", "", "", organisation=f"ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ {ending}", role=role)
            key = make_private_key(suite.name)
            parts[name] = certificates.issue(holder, ca, key, since, until, {"common_name": common})
        return cls(suite, parts, is_test=is_test, state={})

    @property
    def anchors(self) -> tuple[bytes, bytes]:
        """Root and NCA, DER."""
        return self.root.certificate, self.ca.certificate

    def issue(
        self, holder: Holder, *, not_before: datetime | None = None, not_after: datetime | None = None,
        **departures: Unpack[IssueDepartures],
    ) -> Key:  # fmt: skip
        """A certificate of one year from the making of this NCA, unless told otherwise."""
        since = not_before or self.ca.not_before
        until = not_after or since + _YEAR
        signer = departures.get("signed_by", self.ca)
        if signer == "foreign":
            signer = MiniNca.make(since, self.suite.name, is_test=self.is_test, label="ӨЗГЕ").ca
        elif signer == "same_name":
            # As a forger would: the names of the true authorities, keys of their own.
            signer = MiniNca.make(since, self.suite.name, is_test=self.is_test).ca
        elif signer == "self":
            signer = self.ca
        private_key = certificates.new_private_key(self.suite, departures)
        key = certificates.issue(holder, signer, private_key, since, until, departures)
        self.issued.add(key.serial)
        return key

    def cms(
        self, key: Key, content: bytes, *, at: datetime | None = None, encapsulate: bool = False,
        timestamp: bool = False, **departures: Unpack[CmsDepartures],
    ) -> bytes:  # fmt: skip
        """A signature over `content`; `at` (signing time, and that of the timestamp) is a day after `not_before`."""
        moment = at or key.not_before + timedelta(days=1)
        stamp = (lambda signature: self.timestamp(self.suite.digest(signature), moment)) if timestamp else None
        return cms.signed_data(key, content, moment, departures, encapsulate=encapsulate, stamp=stamp)

    def timestamp(self, imprint: bytes, now: datetime, **departures: Unpack[TimestampDepartures]) -> bytes:
        """A token over a digest (Streebog-512 of the signature octets; SHA-256 with RSA)."""
        serial = int.from_bytes(random_bytes(7), "big")
        return timestamp.token(imprint, self.suite.digest_oid, now, serial, self.tsa, departures)

    def timestamp_reply(self, request: bytes, now: datetime) -> bytes:
        """TimeStampResp for a TimeStampReq. Raises ValueError when it is none."""
        imprint, oid, nonce = timestamp.asked(request)
        serial = int.from_bytes(random_bytes(7), "big")
        return timestamp.reply(timestamp.token(imprint, oid, now, serial, self.tsa, {}, nonce=nonce))

    def ocsp(self, request: bytes, now: datetime, **departures: Unpack[OcspDepartures]) -> bytes:
        """Raises ValueError when the request is none, NotFound when it asks about another authority's certificates."""
        about = ocsp.asked(request)
        if not self.is_asked(about):
            raise NotFound("another authority issued that")
        return ocsp.answer(about, self._standing(about.serial), self.ca, self.responder, now, departures)

    def is_asked(self, about: Asked) -> bool:
        key_bits = self.ca.private_key.key_bits()
        return hashlib.new(about.digest, key_bits, usedforsecurity=False).digest() == about.issuer_key_hash

    def _standing(self, serial: int) -> Standing:
        if serial in self._revoked:
            at, reason = self._revoked[serial]
            return Standing("hold" if reason == HOLD else "revoked", at, reason)
        return Standing("good" if serial in self.issued else "not_known")

    def revoke(self, key: Key, at: datetime, reason: int = 1) -> None:
        """`reason` as RFC 5280 §5.3.1 numbers it: 1 keyCompromise, 4 superseded, 6 certificateHold."""
        self._revoked[key.serial] = (at, reason)

    def release(self, key: Key) -> None:
        """Ends a hold; the next delta says so."""
        self._revoked.pop(key.serial, None)

    def number_from(self, number: int) -> None:
        """Lists are numbered upwards from here: numbers never go back (RFC 5280 §5.2.3), also not after a restart."""
        self._number = max(self._number, number)

    def crl(self, now: datetime, *, delta: bool = False, **departures: Unpack[CrlDepartures]) -> bytes:
        """Each call numbers up; a delta holds what changed since the last base."""
        self._number += 1
        entries = [(serial, at, reason) for serial, (at, reason) in self._revoked.items()]
        if not delta:
            self._base_number, self._in_base = self._number, set(self._revoked)
            return crl.revocation_list(entries, self._number, None, now, self.ca, departures)
        changed = [one for one in entries if one[0] not in self._in_base]
        changed += [(serial, now, _REMOVE_FROM_CRL) for serial in self._in_base - set(self._revoked)]
        return crl.revocation_list(changed, self._number, self._base_number, now, self.ca, departures)

    def save(self, folder: Path) -> None:
        """Into a folder that only its owner may enter: private keys lie there in the clear."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        parts = {name: getattr(self, name).dump() for name in ("root", "ca", "responder", "tsa")}
        state = {
            "issued": sorted(self.issued),
            "revoked": [(serial, at.isoformat(), reason) for serial, (at, reason) in self._revoked.items()],
            "number": self._number,
            "base_number": self._base_number,
            "in_base": sorted(self._in_base),
        }
        content = {"algorithm": self.suite.name, "is_test": self.is_test, "parts": parts, "state": state}
        descriptor = os.open(folder / "nca.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump(content, stream)

    @classmethod
    def load(cls, folder: Path) -> MiniNca:
        content = json.loads((folder / "nca.json").read_text())
        parts = {name: Key.load(dumped) for name, dumped in content["parts"].items()}
        return cls(SUITES[content["algorithm"]], parts, is_test=content["is_test"], state=content["state"])
