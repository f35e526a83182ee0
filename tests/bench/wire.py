"""A small HTTP/1.1 client on one kept-alive socket: the load must cost less than what it measures."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

_CHUNK = 65536
_TIMEOUT_SECONDS = 30


class WireError(Exception):
    """The server hung up, or answered something that is not the HTTP we expect."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case; of repeated ones the last is kept, except `cookies`, which are all there."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes


class Wire(Protocol):
    """How a visitor reaches a server: over a socket, or straight into an application."""

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """`target` is path and query. Raises WireError."""
        ...


class Socket:
    """One connection, opened when first needed and again when the server closed it between two requests."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        self._rest = b""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        message = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        was_open = self._socket is not None
        try:
            return self._exchange(message)
        except (OSError, WireError):
            self.close()
            if not was_open:
                raise
            return self._exchange(message)

    def _exchange(self, message: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection((self._host, self._port), timeout=_TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(message)
        return self._read()

    def _read(self) -> Answer:
        head = self._until(b"\r\n\r\n").decode("latin-1")
        first, _, rest = head.partition("\r\n")
        headers: dict[str, str] = {}
        cookies: list[str] = []
        for line in rest.split("\r\n"):
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if name == "set-cookie":
                cookies.append(value)
            headers[name] = value
        if headers.get("transfer-encoding") == "chunked":
            body = self._chunks()
        else:
            body = self._exactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split(" ", 2)[1]), headers, tuple(cookies), body)

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n"), 16):
            parts.append(self._exactly(size))
            self._exactly(2)
        self._exactly(2)
        return b"".join(parts)

    def _until(self, end: bytes) -> bytes:
        while (found := self._rest.find(end)) < 0:
            self._rest += self._receive()
        taken, self._rest = self._rest[:found], self._rest[found + len(end) :]
        return taken

    def _exactly(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._rest += self._receive()
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _receive(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(_CHUNK)
        if not data:
            raise WireError("the server closed the connection")
        return data
