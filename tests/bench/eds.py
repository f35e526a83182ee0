"""What the ЭЦҚ costs: one bare verification of each library, and one sign-in through the whole application.

`python -m tests.bench.eds ROUNDS` prints JSON. All figures are milliseconds of CPU of this one process, measured in
turns, so that a busy machine slows each alike. A sign-in is the POST of NCALayer's answer: CMS, certificate, a fresh
OCSP answer, two transactions, the session. What the browser and the authority calculate is not counted.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from idp.app import create_app
from idp.core.clock import FixedClock
from idp.eds import algorithms, gost
from idp.eds.certificate import Certificate
from idp.eds.ports import Backend
from idp.eds.self_test import choose
from idp.store.migrations import upgrade
from idp.store.session import open_engine
from tests.factories.citizens import Citizens, house
from tests.fakes.browser import Forms

PAGE = "/login/eds_ncalayer"
_DOCUMENT = re.compile(r'data-document="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Verification:
    """A genuine signature of the NCA over a certificate, ready for the bare arithmetic."""

    key: gost.GostKey
    digest: bytes
    r: int
    s: int
    signature: bytes

    @classmethod
    def of(cls, certificate: Certificate, issuer: Certificate, backend: Backend) -> Verification:
        assert isinstance(issuer.key, gost.GostKey)
        digest = algorithms.digest(backend, algorithms.STREEBOG512, certificate.tbs)
        r, s = gost.split_signature(issuer.key.curve, certificate.signature)
        return cls(issuer.key, digest, r, s, certificate.signature)

    def by(self, backend: Backend) -> None:
        assert backend.holds(self.key.curve, (self.key.x, self.key.y), self.digest, self.r, self.s)

    def by_gostcrypto(self) -> None:
        """The library that the others are compared with. It reads numbers with the high octet first."""
        from gostcrypto import gostsignature

        curve = gostsignature.CURVES_R_1323565_1_024_2019["id-tc26-gost-3410-12-512-paramSetA"]
        signer = gostsignature.new(gostsignature.MODE_512, curve)
        size = self.key.curve.size
        public = self.key.x.to_bytes(size, "big") + self.key.y.to_bytes(size, "big")
        octets = self.r.to_bytes(size, "big") + self.s.to_bytes(size, "big")
        assert signer.verify(public, self.digest[::-1], octets)


class SignIns:
    """A parent who signs in again and again, each time so late that the authority has to be asked anew."""

    def __init__(self, folder: Path) -> None:
        self._clock = FixedClock()
        url = f"sqlite:///{folder / 'idp.sqlite3'}"
        engine = open_engine(url)
        upgrade(engine)
        engine.dispose()
        with house(url, folder, self._clock) as parts:
            settings = parts.settings
        self._citizens = Citizens(self._app_parts(settings), self._clock)
        self._citizens.person()
        self._key = self._citizens.key()
        self._asking = 0.0
        answer = self._citizens.parts.nca.ask

        def ask(request: bytes) -> bytes:
            began = time.process_time()
            try:
                return answer(request)
            finally:
                self._asking += time.process_time() - began

        self._citizens.parts.nca.ask = ask  # type: ignore[method-assign]

    def _app_parts(self, settings: Any) -> Any:
        self._app = create_app(settings, self._clock)
        return self._app.extensions["parts"]

    @property
    def certificates(self) -> tuple[Certificate, Certificate]:
        return Certificate.parse(self._key.certificate), Certificate.parse(self._citizens.nca.anchors[1])

    def once(self) -> float:
        """CPU milliseconds of one POST, without what the authority calculated."""
        self._clock.moment += timedelta(minutes=6)
        client = self._app.test_client()
        page = client.get(PAGE).text
        found = _DOCUMENT.search(page)
        assert found
        form = Forms()
        form.feed(page)
        fields = next(values for _, values in form.forms if "signature" in values)
        fields["signature"] = self._citizens.signature(self._key, base64.b64decode(found[1]))
        self._asking = 0.0
        begun = time.process_time()
        answer = client.post(PAGE, data=fields)
        spent = time.process_time() - begun - self._asking
        assert answer.status_code == 303, answer.text
        assert self._asking > 0
        return spent * 1000


def _timed(call: Callable[[], None]) -> float:
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


def measure(rounds: int) -> dict[str, Any]:
    """Medians over `rounds`; gostcrypto takes a third of a second each, so it gets a tenth of the turns."""
    with tempfile.TemporaryDirectory(prefix="bilim-bench-") as folder:
        signing_in = SignIns(Path(folder))
        default, fallback = choose(), choose("ecdsa")
        verification = Verification.of(*signing_in.certificates, default)
        signing_in.once()
        taken: dict[str, list[float]] = {"default": [], "fallback": [], "gostcrypto": [], "sign_in": []}
        for turn in range(rounds):
            taken["sign_in"].append(signing_in.once())
            taken["default"].append(_timed(lambda: verification.by(default)))
            taken["fallback"].append(_timed(lambda: verification.by(fallback)))
            if turn % 10 == 0:
                taken["gostcrypto"].append(_timed(verification.by_gostcrypto))
    middle = {name: median(values) for name, values in taken.items()}
    return {
        "default": default.name,
        "fallback": fallback.name,
        "cpu_ms": middle,
        "sign_in_in_verifications": middle["sign_in"] / middle["default"],
        "times_faster_than_gostcrypto": middle["gostcrypto"] / middle["default"],
    }


def markdown(found: dict[str, Any]) -> str:
    """The two figures that matter, and what they are made of."""
    cpu = found["cpu_ms"]
    return "\n".join(
        (
            "| ЭЦҚ | CPU ms | compared |",
            "|---|---:|---|",
            f"| one GOST verification, {found['default']} | {cpu['default']:.2f} | "
            f"{found['times_faster_than_gostcrypto']:.0f} × faster than gostcrypto |",
            f"| one GOST verification, {found['fallback']} | {cpu['fallback']:.2f} | |",
            f"| one GOST verification, gostcrypto | {cpu['gostcrypto']:.0f} | |",
            f"| one sign-in (POST, chain and responder known) | {cpu['sign_in']:.2f} | "
            f"{found['sign_in_in_verifications']:.2f} × one verification |",
        )
    )


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    print(json.dumps(measure(int(sys.argv[1]))))  # noqa: T201 the parent process reads it
