"""Every outgoing request to an address a client gave us goes through here (SSRF: CVE-2020-10770, CVE-2026-1180).

https only; the name is resolved once, every address must be public, and the connection goes to the checked address, so
that a name cannot change its mind in between; no redirects; capped in size and time. `allow` lists `host:port` pairs
excepted from the first two rules, for development and test authorities. Never inside a write transaction.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
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
        status, body = self._request("GET", url, None, {"Accept": "application/json"})
        if status != 200:
            raise Unavailable("the address does not answer as it should", detail=f"{url} answered {status}")
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unavailable("the address does not answer as it should", detail=f"{url} is not JSON") from error

    def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """Posts a form and returns the status; the body is read and dropped. Raises Unavailable."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._request("POST", url, urlencode(fields).encode(), headers)[0]

    def _request(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if in_write.get():
            raise RuntimeError("no network inside a write transaction")
        parts = urlsplit(url)
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise Unavailable("the address may not be fetched", detail=f"{url}: bad port") from error
        host = parts.hostname or ""
        is_excepted = f"{host}:{port}" in self._allow
        if not host or parts.username or (parts.scheme != "https" and not (is_excepted and parts.scheme == "http")):
            raise Unavailable("the address may not be fetched", detail=f"{url}: https only")
        deadline = monotonic() + TIMEOUT_SECONDS
        try:
            raw = _connect(host, port, is_excepted=is_excepted)
            connection = _Checked(host, port, raw, self._tls() if parts.scheme == "https" else None)
            try:
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                speaking = connection.sock
                connection.request(method, target, body, headers | {"User-Agent": "bilim-id", "Connection": "close"})
                response = connection.getresponse()
                return response.status, _read(response, speaking, deadline)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unavailable("the address does not answer", detail=f"{url}: {type(error).__name__}") from error

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
        self.sock = tls.wrap_socket(raw, server_hostname=host) if tls else raw
        if tls:
            self.default_port = 443


def _connect(host: str, port: int, *, is_excepted: bool) -> socket.socket:
    """Connects to the first address of the name, once all of them are found to be public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not is_excepted:
        for address in addresses:
            if not _is_public(address):
                raise Unavailable("the address may not be fetched", detail=f"{host} leads to {address}")
    error: OSError = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
        except OSError as failure:
            error = failure
    raise error


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


def _read(response: http.client.HTTPResponse, speaking: socket.socket, deadline: float) -> bytes:
    """The body, piece by piece: a server that drips bytes must not hold us longer than the deadline."""
    data = bytearray()
    while True:
        left = deadline - monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        if speaking.fileno() >= 0:
            speaking.settimeout(left)
        piece = response.read1(16_384)
        if not piece:
            return bytes(data)
        data += piece
        if len(data) > MAX_BYTES:
            raise ValueError("too large")


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
