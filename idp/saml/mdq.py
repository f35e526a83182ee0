"""Metadata Query Protocol: how one entity is asked for (draft-young-md-query §3, draft-young-md-query-saml §3)."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

_HASHED = "{sha1}"
"""A name of the protocol, not a protection: what comes back is verified by its signature and its entityID."""


def query_url(base: str, entity_id: str) -> str:
    """Where the entity's metadata lies: one path segment, everything but letters, digits and `-._~` encoded."""
    return f"{base.rstrip('/')}/entities/{quote(entity_id, safe='')}"


def is_about(identifier: str, entity_id: str) -> bool:
    """Whether a request's identifier, without percent-encoding, names the entity: itself or `{sha1}` of it in hex."""
    if identifier.startswith(_HASHED):
        digest = hashlib.sha1(entity_id.encode(), usedforsecurity=False).hexdigest()
        return identifier.removeprefix(_HASHED).lower() == digest
    return identifier == entity_id
