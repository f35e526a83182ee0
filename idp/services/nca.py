"""The way to the National Certification Authority: one question to its OCSP responder, and its lists as files.

Every failure is NcaUnavailable: whoever asks must be able to tell "the authority says no" from "nobody answered".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO
from urllib.parse import urlsplit

from idp.core.errors import Unavailable
from idp.eds.errors import NcaUnavailable
from idp.services.fetch import Fetcher

MAX_ANSWER_BYTES = 65_536
DOWNLOAD_SECONDS = 300.0
"""A list of 20 MB over a slow line; the worker does it, nobody waits."""


class Nca:
    def __init__(self, fetcher: Fetcher, ocsp_url: str) -> None:
        """`fetcher` is one of its own, that excepts `hosts(…)` and nothing else."""
        self._fetcher = fetcher
        self._ocsp_url = ocsp_url

    def ask(self, request: bytes) -> bytes:
        """The responder's answer to a DER OCSPRequest (RFC 6960 appendix A), within `fetch.TIMEOUT_SECONDS` in all.

        Raises NcaUnavailable. Never inside a write transaction.
        """
        try:
            return self._fetcher.post_bytes(
                self._ocsp_url,
                request,
                content_type="application/ocsp-request",
                accept="application/ocsp-response",
                max_bytes=MAX_ANSWER_BYTES,
            )
        except Unavailable as error:
            raise NcaUnavailable("the authority does not answer", detail=error.detail) from error

    def download(self, url: str, file: BinaryIO, max_bytes: int) -> int:
        """Writes what lies at a configured address into `file`; returns its size. Raises NcaUnavailable."""
        try:
            return self._fetcher.download(url, file, max_bytes=max_bytes, seconds=DOWNLOAD_SECONDS)
        except Unavailable as error:
            raise NcaUnavailable("the list cannot be had", detail=error.detail) from error


def hosts(urls: Iterable[str]) -> tuple[str, ...]:
    """`host:port` of addresses that the operator configured, which may be plain http: what they serve is signed."""
    found = []
    for url in urls:
        parts = urlsplit(url)
        found.append(f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}")
    return tuple(dict.fromkeys(found))
