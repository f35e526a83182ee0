"""The guards around every test must themselves be tried: one that never fires protects nobody."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest
import requests

from idp.store.session import UnitOfWork
from tests.fakes.guards import GuardError, Guards

_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def _hash() -> None:
    _HASHER.hash("тау мен көл")


def _derive() -> None:
    hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 1)


def _hand_over() -> None:
    with ThreadPoolExecutor() as pool:
        pool.submit(_derive).result()


def _connect() -> None:
    with socket.socket() as client:
        client.connect_ex(("127.0.0.1", 9))


@pytest.fixture
def inner(monkeypatch: pytest.MonkeyPatch) -> Guards:
    """Guards of the test's own, inside those of every test, so that what they catch does not fail this one."""
    own = Guards(monkeypatch)
    own.install()
    return own


@pytest.mark.parametrize("slow", [_hash, _derive, _hand_over, _connect])
def test_slow_work_is_refused_inside_a_write_and_allowed_outside(
    uow: UnitOfWork, inner: Guards, slow: Callable[[], None]
) -> None:
    slow()
    with uow.read():
        slow()
    assert inner.violations == []
    with pytest.raises(GuardError, match="inside a write transaction"), uow.write():
        slow()
    assert len(inner.violations) == 1


def test_nothing_leaves_the_machine(inner: Guards) -> None:
    with socket.socket() as client, pytest.raises(GuardError, match="out of this machine"):
        client.connect(("192.0.2.1", 443))
    with pytest.raises(GuardError, match="name lookup"):
        requests.get("https://bilim.example/", timeout=1)
    assert len(inner.violations) >= 2
