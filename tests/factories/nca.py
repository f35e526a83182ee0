"""The miniature NCA for tests: made once for the run, with holders who do not exist.

nca = shared_nca()                       # read only: whoever revokes takes fresh_nca()
key = person_key()                       # or nca.issue(holder(role="head", bin=BIN, organisation="…"))
cms = nca.cms(key, b"what is signed", at=NOW)
answer = fresh_nca().ocsp(request, NOW)
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from idp.cli.dev.nca import Holder, Key, MiniNca
from idp.core.iin import check_digit

NOW = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
"""Keys are valid from the day before for a year; the authorities for ten."""
IIN = "850525400018"
"""Fails its check digit, as every made-up number does."""
OTHER_IIN = "831010300019"
BIN = "140240000018"
OTHER_BIN = "150340000019"


_made = cache(MiniNca.make)


def shared_nca(algorithm: str = "gost2015", *, is_test: bool = True) -> MiniNca:
    """The same for the whole run. `is_test=False` looks like production: its names say TEST nowhere."""
    return _made(NOW, algorithm, is_test=is_test)


def fresh_nca(algorithm: str = "gost2015", *, is_test: bool = True) -> MiniNca:
    """The shared authorities and their keys, with a register of its own: nothing revoked, the shared keys known."""
    nca = shared_nca(algorithm, is_test=is_test)
    parts = {"root": nca.root, "ca": nca.ca, "responder": nca.responder, "tsa": nca.tsa}
    fresh = MiniNca(nca.suite, parts, is_test=is_test, state={})
    # Also those that the shared one issues later.
    fresh.issued = nca.issued
    return fresh


def holder(**changed: Any) -> Holder:
    """Гүлнара Серікова, a person of her own; `holder(role="head", organisation="…", bin=BIN)` signs for a school."""
    person: dict[str, Any] = {
        "iin": IIN,
        "family_name": "СЕРІКОВА",
        "given_name": "ГҮЛНАРА",
        "middle_name": "БОЛАТҚЫЗЫ",
    }
    return Holder(**person | changed)


@cache
def _issued(algorithm: str, **about: Any) -> Key:
    return shared_nca(algorithm).issue(holder(**about))


def person_key(algorithm: str = "gost2015") -> Key:
    """The same for the whole run, below `shared_nca(algorithm)`."""
    return _issued(algorithm)


def head_key(algorithm: str = "gost2015") -> Key:
    """The head of the school with the number BIN."""
    return _issued(algorithm, role="head", organisation="№ 12 мектеп-гимназия", bin=BIN)


def unborn_iin() -> str:
    """A number whose check digit is right and whose owner is born in 2099: for rules under a production anchor."""
    for serial in range(100, 200):
        eleven = f"9912316{serial:04d}"
        digit = check_digit(eleven)
        if digit is not None:
            return f"{eleven}{digit}"
    raise AssertionError("no serial fits")
