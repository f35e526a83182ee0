"""The NCA over http: OCSP, timestamps and revocation lists of both demo hierarchies."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from idp.cli.dev.demo_nca import DemoNca
from idp.core.clock import Clock
from idp.core.errors import NotFound

_MAX_REQUEST = 64 * 1024
_OCSP, _TSP, _CRL, _CERTIFICATE = (
    "application/ocsp-response", "application/timestamp-reply", "application/pkix-crl", "application/pkix-cert",
)  # fmt: skip


def nca_server(host: str, port: int, demo: DemoNca, clock: Clock) -> ThreadingHTTPServer:
    """Bound, not yet serving. Port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply(*got(self.path, demo, clock))

        def do_POST(self) -> None:
            size = self.headers.get("Content-Length", "")
            if not size.isdigit() or int(size) > _MAX_REQUEST:
                self.close_connection = True
                self._reply(413, "text/plain", b"")
                return
            self._reply(*posted(self.path, self.rfile.read(int(size)), demo, clock))

        def _reply(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the IdP's own log tells what it asked."""

    return ThreadingHTTPServer((host, port), Handler)


def got(path: str, demo: DemoNca, clock: Clock) -> tuple[int, str, bytes]:
    """`/crl/base.crl`, `/crl/delta.crl`, `/cert/nca.cer`; those of the RSA hierarchy begin with `rsa_`."""
    folder, _, name = path.lstrip("/").partition("/")
    nca = demo.authorities["rsa" if name.startswith("rsa_") else "gost2015"]
    name = name.removeprefix("rsa_")
    if folder == "crl" and name in ("base.crl", "delta.crl"):
        return 200, _CRL, nca.crl(clock.now(), delta=name == "delta.crl")
    if (folder, name) == ("cert", "nca.cer"):
        return 200, _CERTIFICATE, nca.ca.certificate
    return 404, "text/plain", b""


def posted(path: str, body: bytes, demo: DemoNca, clock: Clock) -> tuple[int, str, bytes]:
    """`/ocsp` and `/tsp`."""
    try:
        if path == "/tsp":
            return 200, _TSP, demo.authorities["gost2015"].timestamp_reply(body, clock.now())
        if path != "/ocsp":
            return 404, "text/plain", b""
        for nca in demo.authorities.values():
            try:
                return 200, _OCSP, nca.ocsp(body, clock.now())
            except NotFound:
                continue
    except (ValueError, TypeError, KeyError):
        return 400, "text/plain", b""
    # unauthorized (RFC 6960 §4.2.1): no responder here for that authority.
    return 200, _OCSP, bytes.fromhex("30030a0106")
