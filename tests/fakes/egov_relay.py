"""A relay between a host and eGov Mobile, as far as the host sees it: real HTTP on this machine's own address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

_LONGEST_LINE = 30.0


@dataclass
class FakeRelay:
    """`documents` is what was handed over; `signature` what the phone brought; `foreign` names another host."""

    url: str = ""
    descriptions: list[str] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)
    signature: str = ""
    foreign: str = ""
    """Which of `dataURL`, `signURL`, `link` leads elsewhere."""
    named: dict[str, str] = field(default_factory=dict)
    """Said instead of what a right answer to a registration says."""
    is_broken: bool = False
    asked: int = 0
    """How often the signature was asked for."""
    line: threading.Event = field(default_factory=threading.Event)
    """Clear it, and a relay with no signature holds the line until it is set."""
    is_asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released for each question as it comes."""
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.line.set()

    @property
    def address(self) -> str:
        """host:port"""
        return self.url.removeprefix("http://")

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self.is_broken:
            return 200, b"<html>"
        if (method, path) == ("POST", "/api/egovQr"):
            self.descriptions.append(json.loads(body)["description"])
            return 200, json.dumps(self._registered()).encode()
        if (method, path) == ("POST", "/api/egovQr/data"):
            self.documents = json.loads(body)
            return 200, b"{}"
        if (method, path) == ("GET", "/api/egovQr/sign"):
            with self._counting:
                self.asked += 1
            self.is_asked.release()
            self.line.wait(_LONGEST_LINE)
            if not self.signature:
                return 404, b'{"message": "not yet"}'
            signed = json.loads(json.dumps(self.documents))
            signed["documentsToSign"][0]["document"]["file"]["data"] = self.signature
            return 200, json.dumps(signed).encode()
        return 404, b""

    def _registered(self) -> dict[str, str]:
        base = dict.fromkeys(("dataURL", "signURL", "link"), self.url)
        if self.foreign:
            base[self.foreign] = "http://127.0.0.2:1"
        phone = quote(f"{base['link']}/api/egovQr/phone", safe="")
        return {
            "dataURL": f"{base['dataURL']}/api/egovQr/data",
            "signURL": f"{base['signURL']}/api/egovQr/sign",
            "eGovMobileLaunchLink": f"https://m.egov.kz/mobileSign/?link={phone}&isi=1476128386",
            "expireAt": "1790000000000",
        } | self.named


@contextmanager
def egov_relay() -> Iterator[FakeRelay]:
    relay = FakeRelay()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond("GET")

        def do_POST(self) -> None:
            self._respond("POST")

        def _respond(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, answer = relay.answer(method, self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    relay.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        relay.line.set()
        server.shutdown()
        server.server_close()
