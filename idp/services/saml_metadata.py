"""Our own signed metadata, built when it is asked for and kept for hours: no signature a request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from idp.core.clock import Clock

if TYPE_CHECKING:
    from idp.saml.server import Server

KEEP = timedelta(hours=3)
"""Half of the cacheDuration that it announces."""
NAMES = {"kk": "Білім ID", "ru": "Bilim ID", "en": "Bilim ID"}
DESCRIPTIONS = {
    "kk": "Мектептегі барлық қызметке бір логинмен кіру",
    "ru": "Единый вход во все сервисы школы",
    "en": "One sign-in for every service of the school",
}


class SamlMetadata:
    """`version` changes when the keys do, and then the document is built anew at once."""

    def __init__(
        self,
        server: Callable[[], Server],
        clock: Clock,
        version: Callable[[], str],
        *,
        operator: str,
        contact: str = "",
    ) -> None:
        self._server = server
        self._clock = clock
        self._version = version
        self._operator = operator
        self._contact = contact
        self._lock = threading.Lock()
        self._kept: tuple[str, datetime, bytes] | None = None

    def __call__(self) -> bytes:
        """The document as it goes out, with its signature."""
        now, version = self._clock.now(), self._version()
        with self._lock:
            kept = self._kept
            if kept is None or kept[0] != version or not now - KEEP < kept[1] <= now:
                kept = self._kept = (version, now, self._build(now))
        return kept[2]

    def _build(self, now: datetime) -> bytes:
        from idp.saml.metadata import IdpDisplay, build

        server = self._server()
        names = _named(self._operator)
        display = IdpDisplay(
            names=names,
            descriptions=DESCRIPTIONS,
            information_urls=dict.fromkeys(names, server.issuer + "/"),
            organization=dict.fromkeys(names, self._operator),
            technical_contact=self._contact,
            security_contact=self._contact,
        )
        return build(server, now=now, display=display)


def _named(operator: str) -> Mapping[str, str]:
    """How people are to find it in a list of hundreds: by who runs it, where that says more than the product."""
    if operator in NAMES.values():
        return NAMES
    return {language: f"{operator} ({name})" for language, name in NAMES.items()}
