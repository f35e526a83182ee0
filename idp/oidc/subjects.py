"""Who somebody is towards one client: pairwise, opaque, keyed (OIDC Core §8.1, §2).

A hash without a key could be undone by trying all ids, so both values are HMACs under a stored key.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache

from idp.core.ids import keyed_hash


class Subjects:
    """`secret("pairwise")` must stay the same for ever: the subjects of all vendors hang on it."""

    def __init__(self, secret: Callable[[str], bytes]) -> None:
        self._secret = secret
        self._known = lru_cache(maxsize=4096)(self._sub)  # Both tokens of an answer name the person.

    def sub(self, sector: str, person_id: str) -> str:
        """52 lower-case base32 letters: same sector and person, same value; other sector, unrelated value."""
        return self._known(sector, person_id)

    def _sub(self, sector: str, person_id: str) -> str:
        return _base32(keyed_hash(self._secret("pairwise"), "sub", sector, person_id))

    def record(self, sector: str, kind: str, record_id: str) -> str:
        """A record about people as this sector knows it, so that vendors cannot match people by their records."""
        return _base32(keyed_hash(self._secret("pairwise"), "record", sector, kind, record_id))

    def sid(self, session_id: str, client_id: str) -> str:
        """The session as this client knows it, so that vendors cannot match people by comparing `sid`."""
        return _base32(keyed_hash(self._secret("pairwise"), "sid", client_id, session_id))


def _base32(data: bytes) -> str:
    return base64.b32encode(data).rstrip(b"=").decode("ascii").lower()
