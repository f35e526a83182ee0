"""HTTP Redirect (SAML Bindings §3.4): the message deflated in the query, its signature over the query itself."""

from __future__ import annotations

import base64
import zlib
from urllib.parse import quote, unquote_plus, unquote_to_bytes

from idp.saml import names
from idp.saml.bindings import MAX_MESSAGE, Octets, Received
from idp.saml.bindings.parameters import from_base64, kind_of, relay_state_of, signature_of, single
from idp.saml.errors import Unreadable
from idp.xml.build import serialize
from idp.xml.keys import ALGORITHMS, Credential
from idp.xml.octets import sign_octets
from idp.xml.parser import Element

DEFLATE = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"
MAX_QUERY = 128 * 1024
_MAX_PARAMETERS = 64
_KNOWN = ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding", "SAMLart")


def read(query: bytes) -> Received:
    """`query` is the octets behind `?` as they came over the wire, for these were signed: whoever encodes them anew
    breaks signatures of senders that encode otherwise (SAML Bindings §3.4.4.1). Raises PageError."""
    raw = _raw(query)
    kind = kind_of(raw)
    if "SAMLart" in raw:
        raise Unreadable("artifacts are not taken here")
    if "SAMLEncoding" in raw and _text(raw["SAMLEncoding"]) != DEFLATE:
        raise Unreadable("the encoding is not supported")
    algorithm = _text(raw["SigAlg"]) if "SigAlg" in raw else None
    signature = signature_of(_plain(raw["Signature"]) if "Signature" in raw else None, algorithm)
    relay_state = relay_state_of(_text(raw["RelayState"])) if "RelayState" in raw else ""
    signed = None
    if signature:
        data = "&".join(f"{name}={raw[name]}" for name in (kind, "RelayState", "SigAlg") if name in raw)
        signed = Octets(data.encode("ascii"), *signature)
    return Received(inflate(from_base64(_plain(raw[kind]))), relay_state, names.REDIRECT, kind, signed)


def write(
    location: str, message: Element | bytes, *, kind: str, relay_state: str = "", credential: Credential | None = None
) -> str:
    """The address to send a browser to. `message` must hold no signature of its own (SAML Bindings §3.4.4.1)."""
    xml = message if isinstance(message, bytes) else serialize(message)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = base64.b64encode(packer.compress(xml) + packer.flush()).decode()
    fields = [(kind, packed)] + ([("RelayState", relay_state)] if relay_state else [])
    if credential is not None:
        fields.append(("SigAlg", ALGORITHMS[credential.algorithm]))
        _, signature = sign_octets(_query(fields).encode("ascii"), credential)
        fields.append(("Signature", base64.b64encode(signature).decode()))
    base, _, _ = location.partition("#")
    return f"{base}{'&' if '?' in base else '?'}{_query(fields)}"


def inflate(data: bytes, *, most: int = MAX_MESSAGE) -> bytes:
    """Raw DEFLATE (RFC 1951) of at most `most` octets, never unpacked further than that (CVE-2016-10127)."""
    unpacker = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        xml = unpacker.decompress(data, most + 1)
    except zlib.error as error:
        raise Unreadable("the message is not deflated", detail=str(error)) from error
    if len(xml) > most:
        raise Unreadable("the message is too large")
    if not unpacker.eof or unpacker.unused_data:
        raise Unreadable("the message is not deflated", detail="cut short, or something follows")
    return xml


def _raw(query: bytes) -> dict[str, str]:
    """Values still percent-encoded, by name. A name spelled in another way counts as the same name, and is refused."""
    if len(query) > MAX_QUERY or query.count(b"&") >= _MAX_PARAMETERS:
        raise Unreadable("the request is too large")
    try:
        text = query.decode("ascii")
    except UnicodeDecodeError as error:
        raise Unreadable("the query is not ASCII") from error
    pairs = [(name, value) for name, _, value in (piece.partition("=") for piece in text.split("&"))]
    if any(("%" in name or "+" in name) and unquote_plus(name).strip() in _KNOWN for name, _ in pairs):
        raise Unreadable("a parameter's name is encoded")
    return single(pairs, _KNOWN)


def _plain(value: str) -> str:
    """Base64 in a query: a plus sign that was not encoded is one."""
    return unquote_to_bytes(value).decode("latin-1")


def _text(value: str) -> str:
    try:
        return unquote_plus(value, errors="strict")
    except UnicodeDecodeError as error:
        raise Unreadable("a parameter is not UTF-8") from error


def _query(fields: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields)
