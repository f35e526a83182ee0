"""A relay between us and eGov Mobile, for hosts without an agreement of their own (SIGEX-style, nca.md §6).

It only transports: what comes back is verified like anything a stranger brings. It sees the text that is signed and
who signed it, which is why a host of its own is better. Addresses it names are used only when they are its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from idp.core.errors import Unavailable
from idp.services.egov_words import signature_in
from idp.services.fetch import Fetcher

ASK_SECONDS = 2.0
"""One look for a signature: the relay would hold the line until there is one, and a server thread with it."""
_MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Errand:
    """Addresses at the relay: for the documents, for the signature, and the one the phone opens."""

    documents: str
    signature: str
    phone: str


class EgovRelay:
    def __init__(self, fetcher: Fetcher, base: str) -> None:
        self._fetcher = fetcher
        self._base = base
        self._origin = urlsplit(base)[:2]

    def register(self, description: str) -> Errand:
        """Raises Unavailable when the relay does not answer as it should, or names an address that is not its own."""
        answer = self._post(f"{self._base}/api/egovQr", {"description": description})
        if not isinstance(answer, dict):
            raise Unavailable("the relay does not answer as it should", detail="no object")
        try:
            launch = urlsplit(str(answer.get("eGovMobileLaunchLink", "")))
            phone = parse_qs(launch.query).get("link", [""])[0]
        except ValueError as error:
            raise Unavailable("the relay does not answer as it should", detail="no address") from error
        return Errand(self._own(answer.get("dataURL")), self._own(answer.get("signURL")), self._own(phone))

    def offer(self, errand: Errand, documents: dict[str, Any]) -> None:
        """Hands the documents over. Raises Unavailable."""
        self._post(errand.documents, documents)

    def ask(self, address: str) -> str:
        """The signature, or an empty string while there is none. A relay that is away is one that has none yet."""
        found = BytesIO()
        try:
            self._fetcher.download(self._own(address), found, max_bytes=_MAX_BYTES, seconds=ASK_SECONDS)
            return signature_in(json.loads(found.getvalue())) or ""
        except (Unavailable, ValueError, RecursionError):
            return ""

    def _post(self, url: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        answer = self._fetcher.post_bytes(
            url, data, content_type="application/json", accept="application/json", max_bytes=_MAX_BYTES
        )
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise Unavailable("the relay does not answer as it should", detail="no JSON") from error

    def _own(self, address: object) -> str:
        """A relay that is broken or broken into must not send our requests, or the phone, elsewhere."""
        try:
            parts = urlsplit(str(address or ""))
        except ValueError:
            parts = urlsplit("")
        if parts[:2] != self._origin or not parts.netloc:
            raise Unavailable("the relay names a foreign address", detail=str(address)[:200])
        return parts.geturl()
