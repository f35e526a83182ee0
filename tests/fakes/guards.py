"""Guards around every test: no packet leaves the machine, and nothing slow happens inside a write transaction.

A violation raises where it happens and, because code may catch that, fails the test at its end as well.
The database driver connects in C and is not seen here, as it should be.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import argon2
import pytest

from idp.store.session import in_write


class GuardError(Exception):
    """Something a test forbids."""


class Guards:
    """Installed by an autouse fixture; `violations` are what was tried."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.violations: list[str] = []

    def refuse(self, what: str) -> None:
        self.violations.append(what)
        raise GuardError(what)

    def install(self) -> None:
        for method in ("connect", "connect_ex"):
            self._wrap(socket.socket, method, self._watch_connect)
        self._wrap(socket, "getaddrinfo", self._watch_lookup)
        for owner, name in (
            (argon2.PasswordHasher, "hash"),
            (argon2.PasswordHasher, "verify"),
            (hashlib, "scrypt"),
            (hashlib, "pbkdf2_hmac"),
        ):
            self._wrap(owner, name, self._watch_slow(f"{name} of a password"))
        # A pool's thread has its own context: handing work to it would hide the hash from the line above.
        self._wrap(concurrent.futures.ThreadPoolExecutor, "submit", self._watch_slow("work handed to a pool"))

    def _wrap(self, owner: Any, name: str, watch: Callable[..., None]) -> None:
        original = getattr(owner, name)

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            watch(*args, **kwargs)
            return original(*args, **kwargs)

        self._monkeypatch.setattr(owner, name, wrapper)

    def _watch_slow(self, what: str) -> Callable[..., None]:
        def watch(*_args: Any, **_kwargs: Any) -> None:
            if in_write.get():
                self.refuse(f"{what} inside a write transaction")

        return watch

    def _watch_connect(self, connecting: socket.socket, address: Any, *_rest: Any) -> None:
        if connecting.family == socket.AF_UNIX:
            return
        if in_write.get():
            self.refuse(f"a socket to {address} inside a write transaction")
        if not _is_loopback(str(address[0])):
            self.refuse(f"a connection out of this machine, to {address}")

    def _watch_lookup(self, host: Any, *_rest: Any, **_named: Any) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not _is_address(name) and name != "localhost" and not name.endswith(".localhost"):
            self.refuse(f"a name lookup of {name}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
