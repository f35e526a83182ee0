"""Keeps strangers from filling the memory with names.

libxml2 keeps every name it has read in a dictionary, and lxml gives each thread one that lives as long as the thread:
a document of half a megabyte with names of its own would cost a server one megabyte for good. So each thread counts
the names that are new to it. When they are more than any honest vocabulary, it has its documents read by threads of
one document each, which costs 0.1 ms and leaves nothing behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from lxml import etree

_ROOM = 512 * 1024
_EACH = 64
"""What a name costs beside its letters: thousands of short ones take a hundred times as much room as they are long."""


class _Names(threading.local):
    """`left` is how many more octets of new names this thread may take in."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.left = _ROOM

    def take(self, names: Iterable[str]) -> None:
        new = set(names) - self.known
        self.known |= new
        self.left -= sum(map(len, new)) + _EACH * len(new)


_names = _Names()
_Read = Callable[[bytes], etree._Element]
_Check = Callable[[etree._Element], Iterable[str]]


def read(data: bytes, parse: _Read, check: _Check) -> etree._Element:
    """`parse(data)`, after `check` has yielded every name in it; whatever the two raise is raised."""
    if _names.left <= 0:
        return _elsewhere(data, parse, check)
    try:
        root = parse(data)
        _names.take(name for name in check(root) if name)
    except Exception:
        _names.left -= len(data)
        raise
    return root


def _elsewhere(data: bytes, parse: _Read, check: _Check) -> etree._Element:
    roots: list[etree._Element] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            root = parse(data)
            for _ in check(root):
                pass
            roots.append(root)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="xml")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return roots[0]
