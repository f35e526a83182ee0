"""HTTP as an attacker sends it: many requests that arrive at one moment, and exact word of what became of each.

Every request has a connection of its own, so that the kernel spreads them over the server's processes. A volley sends
all but the last byte of each, then the last bytes together: the requests are complete within microseconds.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

_SECONDS = 60
FORM = "application/x-www-form-urlencoded"


class NotSent(Exception):
    """Nobody listened: the request was certainly not seen."""


class Unanswered(Exception):
    """The request left and no whole answer came: it may have been carried out, or not."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `target` is path and query; a `form` makes it a POST."""

    target: str
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def message(self, host: str) -> bytes:
        body = b"" if self.form is None else urlencode(self.form).encode()
        lines = [f"{'GET' if self.form is None else 'POST'} {self.target} HTTP/1.1", f"Host: {host}"]
        lines += ["Connection: close", *(f"{name}: {value}" for name, value in self.headers.items())]
        if self.form is not None:
            lines += [f"Content-Type: {FORM}", f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


def send(url: str, call: Call) -> Reply:
    """One request on a connection of its own. Raises NotSent or Unanswered."""
    with _connected(url) as wire:
        try:
            wire.sendall(call.message(urlsplit(url).netloc))
        except OSError as error:
            raise Unanswered(str(error)) from error
        return _reply(wire)


def begin(url: str, call: Call) -> socket.socket:
    """A request that is sent; the caller waits for its answer with `finish`."""
    wire = _connected(url)
    wire.sendall(call.message(urlsplit(url).netloc))
    return wire


def finish(wire: socket.socket) -> Reply:
    """The answer to a request begun; closes the connection. Raises Unanswered."""
    with wire:
        return _reply(wire)


def volley(url: str, calls: Sequence[Call]) -> list[Reply]:
    """The answers in order of the calls. Raises NotSent or Unanswered."""
    wires: list[socket.socket] = []
    try:
        messages = [call.message(urlsplit(url).netloc) for call in calls]
        for message in messages:
            wires.append(_connected(url))
            wires[-1].sendall(message[:-1])
        for wire, message in zip(wires, messages, strict=True):
            wire.sendall(message[-1:])
        return [_reply(wire) for wire in wires]
    finally:
        for wire in wires:
            wire.close()


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    try:
        wire = socket.create_connection((str(parts.hostname), parts.port or 80), timeout=_SECONDS)
    except ConnectionRefusedError as error:
        raise NotSent(str(error)) from error
    except OSError as error:
        raise Unanswered(str(error)) from error
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire


def _reply(wire: socket.socket) -> Reply:
    answer = HTTPResponse(wire)
    try:
        answer.begin()
        body = answer.read()
    except (OSError, HTTPException) as error:
        raise Unanswered(str(error)) from error
    return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
