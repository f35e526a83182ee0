"""Usernames that people can read, type and remember: chosen once, never changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from idp.core.names import latin

FORMAT = re.compile(r"[a-z0-9._-]{2,64}")
_ROOM = 58
"""Characters of a made username, so that a number still fits behind it."""


def is_usable(username: str) -> bool:
    """Lower-case Latin letters, digits, dot, underscore and hyphen; at least one letter or digit."""
    return FORMAT.fullmatch(username) is not None and any(c.isalnum() for c in username)


def from_name(given_name: str, family_name: str) -> str:
    """`aigerim.serikova`; `user` for a name no Latin letter can be found for."""
    parts = [re.sub(r"[^a-z0-9]", "", latin(part)) for part in (given_name, family_name)]
    made = ".".join(part for part in parts if part)[:_ROOM].strip(".")
    return made if len(made) >= 2 else "user"


class Usernames:
    """Hands out usernames nobody has. `taken` tells which of some are in use, `reserve` notes those given in this run.

    Both are asked in batches: one question for five thousand people, not five thousand questions.
    """

    def __init__(self, taken: Callable[[Sequence[str]], set[str]], reserve: Callable[[Sequence[str]], None]) -> None:
        self._taken = taken
        self._reserve = reserve
        self._next: dict[str, int] = {}

    def choose(self, wanted: Sequence[tuple[str, str, str]]) -> list[str]:
        """One username each for (wished username or empty, given name, family name)."""
        bases = []
        for username, given, family in wanted:
            folded = username.lower()
            bases.append(folded if is_usable(folded) else from_name(given, family))
        taken = self._taken(sorted(set(bases)))
        given_now: set[str] = set()
        chosen = []
        for base in bases:
            username = base
            if username in taken or username in given_now:
                username = self._numbered(base, given_now)
            given_now.add(username)
            chosen.append(username)
        self._reserve(chosen)
        return chosen

    def _numbered(self, base: str, given_now: set[str]) -> str:
        stem = base[:_ROOM].rstrip(".-_") or "user"
        number = self._next.get(stem, 2)
        while True:
            block = [f"{stem}{n}" for n in range(number, number + 20)]
            taken = self._taken(block)
            for offset, candidate in enumerate(block):
                if candidate not in taken and candidate not in given_now:
                    self._next[stem] = number + offset + 1
                    return candidate
            number += 20
