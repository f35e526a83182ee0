"""A miniature NCA, the engine that trusts it, and counters of what a verification costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Unpack

import pytest

from idp.cli.dev.nca import Holder, Key, MiniNca
from idp.cli.dev.nca.departures import CmsDepartures, IssueDepartures, OcspDepartures
from idp.core.clock import FixedClock
from idp.eds.chain import TrustStore
from idp.eds.errors import NcaUnavailable, Revoked, StatusUnknown
from idp.eds.ports import Backend, Curve, Digest
from idp.eds.revocation import RevocationCheck
from idp.eds.self_test import choose
from idp.eds.verifier import Policy, Verifier

MOMENT = datetime.fromisoformat("2026-09-01T03:00:00+00:00")
PERSON = Holder("850101300005", "ТЕСТОВА", "ТЕСТ", "ТЕСТҚЫЗЫ")
"""The ИИН has a right date and check digit."""
HEAD = Holder("850101300005", "ТЕСТОВА", "ТЕСТ", organisation="«МЕКТЕП» КММ", bin="990140000007", role="head")
_ANYBODY = Policy()
CONTENT = b"Bilim ID: sign-in challenge\nA person signs this.\n"


class CountingBackend:
    """A backend that keeps account: verifications, and octets hashed."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.name = backend.name
        self.max_bytes = backend.max_bytes
        self.verifications = 0
        self.hashed = 0

    def streebog512(self) -> Digest:
        return _CountingDigest(self._backend.streebog512(), self._add)

    def gost94(self) -> Digest:
        return _CountingDigest(self._backend.gost94(), self._add)

    def holds(self, curve: Curve, public_key: tuple[int, int], digest: bytes, r: int, s: int) -> bool:
        self.verifications += 1
        return self._backend.holds(curve, public_key, digest, r, s)

    def _add(self, octets: int) -> None:
        self.hashed += octets


class _CountingDigest:
    def __init__(self, digest: Digest, add: Callable[[int], None]) -> None:
        self._digest = digest
        self._add = add

    def update(self, data: bytes, /) -> None:
        self._add(len(data))
        self._digest.update(data)

    def digest(self) -> bytes:
        return self._digest.digest()


@lru_cache(maxsize=8)
def nca_of(algorithm: str, *, is_test: bool = True) -> MiniNca:
    """One a process: making it costs 0.1 s."""
    return MiniNca.make(MOMENT, algorithm, is_test=is_test)


@dataclass
class Ground:
    """`ocsp` are departures of the next answers; `asked` counts them; `is_silent` is an NCA that does not answer."""

    nca: MiniNca
    allow_legacy: bool = False
    clock: FixedClock = field(default_factory=lambda: FixedClock(MOMENT))
    backend: CountingBackend = field(default_factory=lambda: CountingBackend(choose()))
    ocsp: OcspDepartures = field(default_factory=OcspDepartures)
    asked: int = 0
    is_silent: bool = False

    def __post_init__(self) -> None:
        self.trust = TrustStore(self.nca.anchors, self.backend, allow_legacy=self.allow_legacy)
        self.verifier = self.verifier_of(self.trust)

    def verifier_of(self, trust: TrustStore) -> Verifier:
        """With a memory of OCSP answers of its own."""
        revocation = RevocationCheck(self._ask, None, self.clock, self.backend, allow_legacy=self.allow_legacy)
        return Verifier(trust, self.backend, revocation, self.clock, allow_legacy=self.allow_legacy)

    def key(
        self, holder: Holder = PERSON, *, not_before: datetime = MOMENT - timedelta(hours=1),
        not_after: datetime | None = None, **departures: Unpack[IssueDepartures],
    ) -> Key:  # fmt: skip
        """Valid since an hour, for a year."""
        return self.nca.issue(holder, not_before=not_before, not_after=not_after, **departures)

    def cms(
        self, key: Key | None = None, content: bytes = CONTENT, *, timestamp: bool = False, encapsulate: bool = False,
        **departures: Unpack[CmsDepartures],
    ) -> bytes:  # fmt: skip
        """Signed, and stamped, now."""
        signer = key or self.key()
        now = self.clock.now()
        return self.nca.cms(signer, content, at=now, timestamp=timestamp, encapsulate=encapsulate, **departures)

    def _ask(self, request: bytes) -> bytes:
        self.asked += 1
        if self.is_silent:
            raise NcaUnavailable("silent")
        return self.nca.ocsp(request, self.clock.now(), **self.ocsp)


def refusal(
    ground: Ground, cms: bytes | str, error: type[Exception], *, content: bytes = CONTENT, policy: Policy = _ANYBODY
) -> None:
    """Asserts that the message is refused with exactly this error, and that the authority never heard of it."""
    asked = ground.asked
    with pytest.raises(error) as caught:
        ground.verifier.verify(cms, content, policy)
    assert caught.type is error, caught.value
    assert ground.asked == asked or error in (Revoked, StatusUnknown, NcaUnavailable)
