"""The text that is signed to sign in, and how it is told from every other text.

Its first line names what it is. No document that holds that line is ever put before somebody to be signed, and no
sign-in accepts a signature over anything else: a signature of one kind can never serve as the other (nca.md §8 row 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from idp.core import levels
from idp.core.ids import random_bytes
from idp.eds.signed_by import SignedBy
from idp.methods.method import Citizen

PREFIX = "Bilim ID: sign-in challenge"
NONCE_BYTES = 32
_MAX_BYTES = 2048
_WORDS = {
    "kk": (
        "Осы мәтінге қол қойсаңыз, {site} сайтына кіресіз.",
        "Бұл құжат емес, сізге ешқандай міндет жүктемейді. Сайтты өзіңіз ашпасаңыз, қол қоймаңыз.",
    ),
    "ru": (
        "Подписав этот текст, вы войдёте на сайт {site}.",
        "Это не документ, он вас ни к чему не обязывает. Если вы сами не открывали сайт, не подписывайте.",
    ),
}
_ENGLISH = (
    "By signing this text you sign in at {site}.",
    "It is no document and binds you to nothing. If you did not open the site yourself, do not sign.",
)
_FIELDS = re.compile(
    r"\nSite: (?P<site>[a-z0-9.:\[\]-]{1,255})\nPurpose: login\nTime: (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\n"
    r"(?:Code: (?P<code>[A-Z0-9]{3} [A-Z0-9]{3})\n)?Nonce: (?P<nonce>[0-9a-f]{64})\n\Z"
)
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a challenge says. `code` is empty unless a phone signs."""

    language: str
    site: str
    at: datetime
    nonce: str
    code: str = ""


def new(language: str, site: str, now: datetime, *, code: str = "") -> str:
    """A challenge with a nonce of 256 bits of its own."""
    at = now.astimezone(UTC).replace(microsecond=0)
    return compose(Parts(language, site, at, random_bytes(NONCE_BYTES).hex(), code))


def compose(parts: Parts) -> str:
    """The one text these parts give: their language and English for the reader, then the same as fields."""
    lines = [PREFIX, ""]
    for words in (_WORDS.get(parts.language), _ENGLISH):
        if words:
            lines += [line.format(site=parts.site) for line in words] + [""]
    lines += [f"Site: {parts.site}", "Purpose: login", f"Time: {parts.at:%Y-%m-%dT%H:%M:%SZ}"]
    if parts.code:
        lines.append(f"Code: {parts.code}")
    return "\n".join([*lines, f"Nonce: {parts.nonce}", ""])


def read(data: bytes) -> Parts | None:
    """What a challenge says; None unless `data` is, octet by octet, a text that `compose` makes."""
    try:
        text = data.decode() if len(data) <= _MAX_BYTES else ""
        found = _FIELDS.search(text)
        at = datetime.strptime(found["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
    if found is None or at is None:
        return None
    for language in (*_WORDS, "en"):
        parts = Parts(language, found["site"], at, found["nonce"], found["code"] or "")
        if compose(parts) == text:
            return parts
    return None


def is_challenge(data: bytes) -> bool:
    """True for whatever holds the first line of a challenge, in any common encoding: no document may."""
    return any(PREFIX.encode(encoding) in data for encoding in _ENCODINGS)


def is_for(data: bytes, site: str) -> bool:
    """True for a challenge of this site and of no other shape: what a sign-in demands to be signed."""
    parts = read(data)
    return parts is not None and parts.site == site


def citizen(signed_by: SignedBy) -> Citizen:
    """The proof that a signature over a challenge gives; `amr` says where the key lives (RFC 8176)."""
    return Citizen(signed_by, levels.EDS, ("hwk",) if signed_by.key_storage == "hardware" else ("swk",))
