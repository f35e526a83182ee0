"""Parameters of a query or a form, read strictly: each once, base64 and RelayState within bounds."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable

from idp.saml.bindings import MAX_MESSAGE, REQUEST, RESPONSE
from idp.saml.errors import Unreadable

MAX_RELAY_STATE = 2_000
"""Octets. SAML Bindings §3.4.3 says 80; products put whole addresses there."""
_MAX_SIGNATURE = 8_192
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WHITESPACE = str.maketrans("", "", " \t\r\n")


def from_base64(text: str, *, longest: int = MAX_MESSAGE) -> bytes:
    """Base64 with line breaks anywhere (RFC 2045 §6.8). Raises Unreadable, also for more than `longest` octets."""
    if len(text) > longest * 2:
        raise Unreadable("the message is too large")
    try:
        data = base64.b64decode(text.translate(_WHITESPACE).encode("ascii"), validate=True)
    except ValueError as error:
        raise Unreadable("the message is not base64") from error
    if len(data) > longest:
        raise Unreadable("the message is too large")
    return data


def single(pairs: Iterable[tuple[str, str]], known: Collection[str]) -> dict[str, str]:
    """The parameters among `known`, each at most once: two readers must not read one request differently
    (CVE-2025-27773). Raises Unreadable."""
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in known:
            if name in values:
                raise Unreadable("a parameter occurs twice", detail=name)
            values[name] = value
    return values


def kind_of(values: Collection[str]) -> str:
    """`SAMLRequest` or `SAMLResponse`, whichever is there alone. Raises Unreadable."""
    if (REQUEST in values) == (RESPONSE in values):
        raise Unreadable("there must be one SAMLRequest or one SAMLResponse")
    return REQUEST if REQUEST in values else RESPONSE


def relay_state_of(text: str) -> str:
    """RelayState, to be echoed and never followed (SAML Bindings §3.4.3). Raises Unreadable."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise Unreadable("RelayState is not text") from error
    if size > MAX_RELAY_STATE or _CONTROL.search(text):
        raise Unreadable("RelayState is too long or holds control characters")
    return text


def signature_of(signature: str | None, algorithm: str | None) -> tuple[bytes, str] | None:
    """Signature and SigAlg, which come together or not at all. Raises Unreadable."""
    if signature is None and algorithm is None:
        return None
    if not signature or not algorithm:
        raise Unreadable("Signature and SigAlg must come together")
    return from_base64(signature, longest=_MAX_SIGNATURE), algorithm
