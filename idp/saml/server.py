"""The identity provider: what every endpoint needs and nothing that belongs to one request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.core.clock import Clock

if TYPE_CHECKING:
    from idp.xml.keys import Credential

SKEW = timedelta(seconds=180)
"""How far the clock of a service provider may be from ours (Kantara fedinterop, IIP-G: three to five minutes)."""
MAX_AGE = timedelta(minutes=10)
"""How old a request may be when it arrives."""
ASSERTION_TTL = timedelta(minutes=5)
"""Until when an assertion may be presented (SubjectConfirmationData/@NotOnOrAfter)."""
ARTIFACT_TTL = timedelta(seconds=60)
INTERACTION_TTL = timedelta(hours=1)
LOGOUT_TTL = timedelta(minutes=30)
METADATA_VALID = timedelta(days=14)
METADATA_CACHE = timedelta(hours=6)


@dataclass(frozen=True)
class Server:
    """`signing()` gives the credentials to publish, the first of each algorithm signs; `decryption()` all that may yet
    open something. `pairwise(sector, person_id)` and `subject(person_id)` are opaque lower-case base32."""

    issuer: str
    entity_id: str
    scope: str
    """Right of the @ in scoped values (shibmd:Scope): a domain."""
    clock: Clock
    signing: Callable[[], Sequence[Credential]]
    decryption: Callable[[], Sequence[Credential]]
    pairwise: Callable[[str, str], str]
    subject: Callable[[str], str]
    discover: Callable[[str], object] = lambda _entity_id: None
    """Asked once for a service provider that nobody registered: a federation may know it. Outside any transaction."""

    def url(self, path: str) -> str:
        """An absolute address of ours, always from the configured issuer, never from a Host header."""
        return self.issuer + path

    def credential(self, algorithm: str) -> Credential:
        """Whichever signs now with `rsa-sha256` or `ecdsa-sha256`."""
        return next(one for one in self.signing() if one.algorithm == algorithm)
