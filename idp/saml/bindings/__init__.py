"""How messages travel: HTTP Redirect, POST, POST-SimpleSign, SOAP, and the artifacts that stand for messages.

A binding gives the octets of the message and the octets that were signed, and judges neither. SAML Bindings §3.
"""

from __future__ import annotations

from dataclasses import dataclass

REQUEST = "SAMLRequest"
RESPONSE = "SAMLResponse"
MAX_MESSAGE = 512 * 1024


@dataclass(frozen=True, slots=True)
class Octets:
    """What was signed outside of the XML: `data` as received, `algorithm` the URI of SigAlg."""

    data: bytes
    signature: bytes
    algorithm: str


@dataclass(frozen=True, slots=True)
class Received:
    """`kind` is `SAMLRequest` or `SAMLResponse`; `signed` is None where no signature lies beside the message."""

    xml: bytes
    relay_state: str
    binding: str
    kind: str
    signed: Octets | None = None
