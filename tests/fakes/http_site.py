"""A web server on loopback whose every answer a test decides: right, wrong, slow, or none.

    with http_site({"/ocsp": lambda request: Page(nca.ocsp(request, NOW))}) as site:
        Nca(Fetcher(allow=(site.host,)), f"{site.url}/ocsp")

`SILENT` and `DRIPPING` hold their visitor until the site closes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Page:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    """Content-Length, when it is to differ from the truth."""


SILENT = Page(status=-1)
DRIPPING = Page(status=-2)
"""One octet of a header at a time, for ever."""
Answer = Callable[[bytes], Page]


@dataclass
class Site:
    host: str
    asked: list[tuple[str, str, bytes, Mapping[str, str]]]
    """(method, path, body, headers) of every request."""

    @property
    def url(self) -> str:
        return f"http://{self.host}"


@contextmanager
def http_site(pages: Mapping[str, Answer | Page]) -> Iterator[Site]:
    closing = threading.Event()
    site = Site("", [])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, body: bytes) -> None:
            site.asked.append((self.command, self.path, body, dict(self.headers)))
            found = pages[self.path]
            page = found if isinstance(found, Page) else found(body)
            with suppress(OSError):
                self._send(page)

        def _send(self, page: Page) -> None:
            if page is SILENT:
                closing.wait()
                return
            if page is DRIPPING:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not closing.wait(0.02):
                    self.wfile.write(b"x")
                return
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(page.body) if page.announced is None else page.announced))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
