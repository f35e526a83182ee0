"""Artifacts: short references that a browser carries in place of a message (SAML Bindings §3.6.4, type 4)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from idp.core.ids import random_bytes
from idp.saml.errors import RequestInvalid

_TYPE = b"\x00\x04"
_SIZE = 44


@dataclass(frozen=True, slots=True)
class Artifact:
    """`source_id` says who keeps the message, `handle` which one it is."""

    source_id: bytes
    endpoint_index: int
    handle: bytes


def make(entity_id: str, *, endpoint_index: int = 0) -> str:
    """A new one with a handle of 160 random bits."""
    content = _TYPE + endpoint_index.to_bytes(2, "big") + source_id(entity_id) + random_bytes(20)
    return base64.b64encode(content).decode()


def read(text: str) -> Artifact:
    """Raises RequestInvalid."""
    try:
        content = base64.b64decode(text.strip().encode("ascii"), validate=True)
    except ValueError as error:
        raise RequestInvalid("the artifact is not base64") from error
    if len(content) != _SIZE or not content.startswith(_TYPE):
        raise RequestInvalid("the artifact is not of type 4")
    return Artifact(content[4:24], int.from_bytes(content[2:4], "big"), content[24:])


def source_id(entity_id: str) -> bytes:
    """SHA-1 as the specification has it: a name of the entity that nothing trusts."""
    return hashlib.sha1(entity_id.encode(), usedforsecurity=False).digest()
