"""HTTP POST (SAML Bindings §3.5) and HTTP POST-SimpleSign (its own specification): the message in a form."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from idp.saml import names
from idp.saml.bindings import Octets, Received
from idp.saml.bindings.parameters import from_base64, kind_of, relay_state_of, signature_of, single
from idp.saml.errors import Unreadable
from idp.xml.keys import ALGORITHMS, Credential
from idp.xml.octets import sign_octets

_KNOWN = ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "KeyInfo", "SAMLEncoding", "SAMLart")
Fields = tuple[tuple[str, str], ...]


def read(pairs: Sequence[tuple[str, str]]) -> Received:
    """`pairs` are the decoded fields of the form. With Signature and SigAlg it is SimpleSign, whose KeyInfo says
    nothing: keys come from metadata. Raises PageError."""
    values = single(pairs, _KNOWN)
    kind = kind_of(values)
    if "SAMLart" in values:
        raise Unreadable("artifacts are not taken here")
    xml = from_base64(values[kind])
    relay_state = relay_state_of(values.get("RelayState", ""))
    signature = signature_of(values.get("Signature"), values.get("SigAlg"))
    if signature is None:
        return Received(xml, relay_state, names.POST, kind)
    sent = relay_state if "RelayState" in values else None
    return Received(
        xml, relay_state, names.SIMPLE_SIGN, kind, Octets(_signed(kind, xml, sent, signature[1]), *signature)
    )


def write(xml: bytes, *, kind: str, relay_state: str = "") -> Fields:
    """The hidden fields of the form; a message that must be signed is signed already."""
    message = (kind, base64.b64encode(xml).decode())
    return (message, ("RelayState", relay_state)) if relay_state else (message,)


def write_simple_sign(xml: bytes, *, kind: str, relay_state: str = "", credential: Credential) -> Fields:
    """The fields with a signature beside the message instead of within it."""
    algorithm = ALGORITHMS[credential.algorithm]
    _, signature = sign_octets(_signed(kind, xml, relay_state or None, algorithm), credential)
    beside = (("SigAlg", algorithm), ("Signature", base64.b64encode(signature).decode()))
    return (*write(xml, kind=kind, relay_state=relay_state), *beside)


def _signed(kind: str, xml: bytes, relay_state: str | None, algorithm: str) -> bytes:
    """Values without any encoding, the XML itself and not its base64 (POST-SimpleSign §2.5)."""
    relay = b"" if relay_state is None else b"&RelayState=" + relay_state.encode()
    return kind.encode() + b"=" + xml + relay + b"&SigAlg=" + algorithm.encode("utf-8", "replace")
