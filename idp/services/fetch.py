"""Every outgoing request to an address a client gave us goes through here (SSRF: CVE-2020-10770, CVE-2026-1180).

https only; the name is resolved once, every address must be public, and the connection goes to the checked address, so
that a name cannot change its mind in between; no redirects; capped in size and time. `allow` lists `host:port` pairs
excepted from the first two rules, for development and test authorities. Never inside a write transaction.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import queue
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from idp.core.clock import monotonic
from idp.core.errors import Unavailable
from idp.jose.client_keys import check_jwks
from idp.jose.errors import BadKey
from idp.store.session import in_write

TIMEOUT_SECONDS = 5.0
MAX_BYTES = 256 * 1024
JWKS_SECONDS = 300.0
REFETCH_SECONDS = 10.0
"""An unknown `kid` asks again at most this often per address, or anybody could make us hammer a client."""
_MAX_SETS = 1000


class Fetcher:
    def __init__(self, *, allow: tuple[str, ...] = (), ca_file: Path | None = None) -> None:
        self._allow = frozenset(allow)
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None

    def get_json(self, url: str) -> Any:
        """The JSON document at `url`. Raises Unavailable for every way it can fail."""
        body = self._body("GET", url, None, {"Accept": "application/json"})
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unavailable("the address does not answer as it should", detail=f"{url} is not JSON") from error

    def get_bytes(self, url: str, *, accept: str, max_bytes: int = MAX_BYTES) -> bytes:
        """What lies at `url`; only status 200 is an answer. Raises Unavailable."""
        return self._body("GET", url, None, {"Accept": accept}, max_bytes)

    def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """Posts a form and returns the status; the body is read and dropped. Raises Unavailable."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        with self._exchange("POST", url, urlencode(fields).encode(), headers) as (status, pieces):
            _joined(pieces, MAX_BYTES)
            return status

    def post_bytes(self, url: str, body: bytes, *, content_type: str, accept: str, max_bytes: int = MAX_BYTES) -> bytes:
        """Posts octets and returns those of the answer; only status 200 is one. Raises Unavailable."""
        return self._body("POST", url, body, {"Content-Type": content_type, "Accept": accept}, max_bytes)

    def download(self, url: str, file: BinaryIO, *, max_bytes: int, seconds: float) -> int:
        """Writes what lies at `url` into `file` piece by piece; returns how many octets. Raises Unavailable."""
        size = 0
        with self._exchange("GET", url, None, {"Accept": "*/*"}, seconds) as (status, pieces):
            _demand_ok(url, status)
            for piece in pieces:
                size += len(piece)
                if size > max_bytes:
                    raise ValueError("too large")
                file.write(piece)
        return size

    def _body(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], max_bytes: int = MAX_BYTES
    ) -> bytes:
        with self._exchange(method, url, body, headers) as (status, pieces):
            _demand_ok(url, status)
            return _joined(pieces, max_bytes)

    @contextmanager
    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], seconds: float | None = None
    ) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Status and pieces of one answer; finding the host, speaking and reading end together after `seconds`."""
        if in_write.get():
            raise RuntimeError("no network inside a write transaction")
        scheme, host, port, target = self._checked(url)
        deadline = monotonic() + (TIMEOUT_SECONDS if seconds is None else seconds)
        try:
            raw = _connect(host, port, deadline, is_excepted=f"{host}:{port}" in self._allow)
            connection = _Checked(host, port, raw, self._tls() if scheme == "https" else None)
            # A timeout of the socket begins anew with each octet of a handshake or header that drips in.
            end = threading.Timer(_left(deadline), _cut, (connection.sock,))
            end.daemon = True
            end.start()
            try:
                connection.shake_hands()
                connection.request(method, target, body, headers | {"User-Agent": "bilim-id", "Connection": "close"})
                response = connection.getresponse()
                yield response.status, _pieces(response, deadline)
            finally:
                end.cancel()
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unavailable("the address does not answer", detail=f"{url}: {type(error).__name__}") from error

    def _checked(self, url: str) -> tuple[str, str, int, str]:
        """Scheme, host, port and target of an address that may be asked at all. Raises Unavailable."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise Unavailable("the address may not be fetched", detail=f"{url}: bad port") from error
        host = parts.hostname or ""
        is_excepted = f"{host}:{port}" in self._allow
        if not host or parts.username or (parts.scheme != "https" and not (is_excepted and parts.scheme == "http")):
            raise Unavailable("the address may not be fetched", detail=f"{url}: https only")
        return parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
            if self._ca_file is not None:
                self._context.load_verify_locations(self._ca_file)
        return self._context


class _Checked(http.client.HTTPConnection):
    """Speaks HTTP over a socket that is already connected to a checked address."""

    def __init__(self, host: str, port: int, raw: socket.socket, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port)
        self.sock = tls.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False) if tls else raw
        if tls:
            self.default_port = 443

    def shake_hands(self) -> None:
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()


def _connect(host: str, port: int, deadline: float, *, is_excepted: bool) -> socket.socket:
    """Connects to the first address of the name, once all of them are found to be public."""
    addresses = _look_up(host, port, deadline)
    if not is_excepted:
        for address in addresses:
            if not _is_public(address):
                raise Unavailable("the address may not be fetched", detail=f"{host} leads to {address}")
    error: OSError = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=_left(deadline))
        except OSError as failure:
            error = failure
    raise error


def _look_up(host: str, port: int, deadline: float) -> list[str]:
    """Every address of a name. The system's resolver knows no deadline, so it is waited for beside this thread."""
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put([str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError("no host name"))

    if _is_address(host):
        ask()
    else:
        threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = found.get(timeout=_left(deadline))
    except queue.Empty:
        raise TimeoutError("the name server does not answer") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _is_address(host: str) -> bool:
    """Whether a host is written as an IP address."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("too slow")
    return left


def _is_public(address: str) -> bool:
    """Global unicast only; an IPv4 address wrapped in IPv6 is judged by what it wraps."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return inner.is_global
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return ipaddress.ip_address(int(ip) & 0xFFFFFFFF).is_global
    return ip.is_global and not ip.is_multicast


def _cut(speaking: socket.socket) -> None:
    """Ends a conversation from another thread, whatever it waits for; reading then meets the end of the stream."""
    with suppress(OSError):
        # Not the method of a TLS socket, which would take its state away under the reader's hands.
        socket.socket.shutdown(speaking, socket.SHUT_RDWR)


def _pieces(response: http.client.HTTPResponse, deadline: float) -> Iterator[bytes]:
    """The body, piece by piece: a server that drips bytes must not hold us longer than the deadline."""
    while piece := response.read1(16_384):
        _left(deadline)
        yield piece
    _left(deadline)
    if response.length:
        raise ValueError("the answer breaks off")


def _joined(pieces: Iterator[bytes], max_bytes: int) -> bytes:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > max_bytes:
            raise ValueError("too large")
    return bytes(data)


def _demand_ok(url: str, status: int) -> None:
    if status != 200:
        raise Unavailable("the address does not answer as it should", detail=f"{url} answered {status}")


class ClientKeySets:
    """Keys that clients publish at their `jwks_uri`, kept for minutes (`oidc.ports.ClientKeys`)."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._lock = threading.Lock()
        self._sets: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def jwks(self, uri: str, *, fresh: bool = False) -> Mapping[str, Any]:
        """Raises Unavailable when the set cannot be had or is no set of public keys."""
        known = self._sets.get(uri)
        age = monotonic() - known[0] if known else float("inf")
        if known and age < (REFETCH_SECONDS if fresh else JWKS_SECONDS):
            return known[1]
        jwks = self._fetcher.get_json(uri)
        try:
            check_jwks(jwks)
        except BadKey as error:
            raise Unavailable("the client's keys cannot be used", detail=f"{uri}: {error}") from error
        with self._lock:
            if len(self._sets) >= _MAX_SETS:
                self._sets.clear()
            self._sets[uri] = (monotonic(), jwks)
        return dict(jwks)
