"""Encryption of one element for one certificate (XML-Enc 1.1, SAML Core §6), done here in the open with `cryptography`.

No transform, no CipherReference and no RetrievalMethod is ever followed, so an encrypted document cannot send us
anywhere. Whatever goes wrong while decrypting has one text, and CBC, whose changes nobody notices, is only read where
the caller has verified a signature around it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC as CBC_MODE

from idp.core.ids import random_bytes
from idp.xml import build
from idp.xml.algorithms import (
    CBC,
    DS,
    GCM,
    OAEP,
    OAEP_DIGESTS,
    OAEP_MASKS,
    OAEP_MGF1P,
    REFUSED_ENCRYPTION,
    SHA256,
    XENC,
    XENC11,
    ds,
    xenc,
)
from idp.xml.errors import CannotDecrypt, CannotEncrypt, NotWellFormed, XmlError
from idp.xml.keys import Credential, public_key
from idp.xml.parser import Element, children, parse, text_of

_ELEMENT_TYPE = XENC + "Element"
_SHA1 = DS + "sha1"
_MGF1_SHA1, _MGF1_SHA256 = XENC11 + "mgf1sha1", XENC11 + "mgf1sha256"
_MGF = f"{{{XENC11}}}MGF"
_BLOCK = 16
_MOST_KEYS = 8


def encrypt(element: Element, certificate: bytes, *, recipient: str = "", algorithms: Sequence[str] = ()) -> Element:
    """EncryptedData holding the EncryptedKey, in place of nothing: the caller puts it where it belongs.

    `algorithms` are the EncryptionMethods of the recipient's metadata (SAML Metadata §2.4.1.1), empty when it names
    none. AES-GCM before CBC; RSA-OAEP always. Raises CannotEncrypt, BadKey.
    """
    key = public_key(certificate)
    if not isinstance(key, rsa.RSAPublicKey):
        raise CannotEncrypt("only RSA keys can be encrypted for")
    block, transport = _choose(algorithms)
    secret = random_bytes((GCM | CBC)[block])
    wrapped = key.encrypt(secret, _oaep(SHA256, _MGF1_SHA256) if transport == OAEP else _oaep(_SHA1, _MGF1_SHA1))
    method = build.element(xenc("EncryptionMethod"), {"Algorithm": transport})
    if transport == OAEP:
        method.append(build.element(ds("DigestMethod"), {"Algorithm": SHA256}, nsmap={"ds": DS}))
        method.append(build.element(_MGF, {"Algorithm": _MGF1_SHA256}, nsmap={"xenc11": XENC11}))
    encrypted_key = build.element(xenc("EncryptedKey"), {"Recipient": recipient or None}, method, _cipher_data(wrapped))
    return build.element(
        xenc("EncryptedData"),
        {"Type": _ELEMENT_TYPE},
        build.element(xenc("EncryptionMethod"), {"Algorithm": block}),
        build.element(ds("KeyInfo"), {}, encrypted_key, nsmap={"ds": DS}),
        _cipher_data(_enciphered(block, secret, build.serialize(element))),
        nsmap={"xenc": XENC},
    )


def decrypt(encrypted_data: Element, keys: Sequence[Credential], *, allow_cbc: bool = False) -> Element:
    """The element inside, as the root of a document of its own. Tries every key. Raises CannotDecrypt.

    `allow_cbc` only for what a verified signature covers: otherwise our answers would tell about changed ciphertexts.
    """
    try:
        data = _deciphered(encrypted_data, keys, allow_cbc)
        return _parsed(data, encrypted_data)
    except (XmlError, ValueError, InvalidTag) as error:  # binascii.Error is a ValueError
        raise CannotDecrypt(detail=f"{type(error).__name__}: {error}"[:200]) from None


def _choose(algorithms: Sequence[str]) -> tuple[str, str]:
    named = set(algorithms)
    block = next((name for name in (*GCM, *CBC) if name in named), None)
    transport = next((name for name in (OAEP, OAEP_MGF1P) if name in named), None)
    refused = named & REFUSED_ENCRYPTION
    if (block is None and XENC + "tripledes-cbc" in refused) or (transport is None and XENC + "rsa-1_5" in refused):
        raise CannotEncrypt("the recipient reads no encryption that is safe", detail=str(sorted(refused)))
    return block or next(iter(GCM)), transport or OAEP_MGF1P


def _cipher_data(data: bytes) -> Element:
    value = build.element(xenc("CipherValue"), {}, base64.b64encode(data).decode("ascii"))
    return build.element(xenc("CipherData"), {}, value)


def _oaep(digest: str, mask: str, label: bytes | None = None) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(OAEP_MASKS[mask]), OAEP_DIGESTS[digest], label)


def _enciphered(block: str, secret: bytes, data: bytes) -> bytes:
    """XML-Enc 1.1 §5.2.4 (GCM: 96 bits of IV before, the tag behind) and §5.2.1 (CBC: the last octet counts)."""
    if block in GCM:
        vector = random_bytes(12)
        return vector + AESGCM(secret).encrypt(vector, data, None)
    vector = random_bytes(_BLOCK)
    filled = _BLOCK - len(data) % _BLOCK
    encryptor = Cipher(AES(secret), CBC_MODE(vector)).encryptor()
    return vector + encryptor.update(data + random_bytes(filled - 1) + bytes([filled])) + encryptor.finalize()


def _deciphered(encrypted_data: Element, keys: Sequence[Credential], allow_cbc: bool) -> bytes:
    block = _one(encrypted_data, xenc("EncryptionMethod")).get("Algorithm", "")
    if encrypted_data.tag != xenc("EncryptedData") or block not in (GCM | CBC if allow_cbc else GCM):
        raise ValueError(f"algorithm {block}")
    data = _cipher_value(encrypted_data)
    for secret in _secrets(encrypted_data, keys):
        if len(secret) != (GCM | CBC)[block]:
            continue
        try:
            return _plain(block, secret, data)
        except (InvalidTag, ValueError):
            continue
    raise ValueError("no key fits")


def _plain(block: str, secret: bytes, data: bytes) -> bytes:
    if block in GCM:
        return AESGCM(secret).decrypt(data[:12], data[12:], None)
    decryptor = Cipher(AES(secret), CBC_MODE(data[:_BLOCK])).decryptor()
    plain = decryptor.update(data[_BLOCK:]) + decryptor.finalize()
    if not plain or not 1 <= plain[-1] <= _BLOCK:
        raise ValueError("padding")
    return plain[: -plain[-1]]


def _secrets(encrypted_data: Element, keys: Sequence[Credential]) -> Iterator[bytes]:
    """Content keys that one of ours opens: from KeyInfo, or from beside the data (SAML Core §2.2.4)."""
    places = children(encrypted_data, ds("KeyInfo"))
    if (parent := encrypted_data.getparent()) is not None:
        places.append(parent)
    wrapped = [each for place in places for each in children(place, xenc("EncryptedKey"))][:_MOST_KEYS]
    for encrypted_key in wrapped:
        oaep, value = _oaep_of(_one(encrypted_key, xenc("EncryptionMethod"))), _cipher_value(encrypted_key)
        for key in keys:
            private_key = key.private_key
            if isinstance(private_key, rsa.RSAPrivateKey):
                try:
                    yield private_key.decrypt(value, oaep)
                except ValueError:
                    continue


def _oaep_of(method: Element) -> padding.OAEP:
    """XML-Enc 1.1 §5.5.2. Raises ValueError for RSA 1.5 and everything else."""
    digests, masks, labels = (children(method, tag) for tag in (ds("DigestMethod"), _MGF, xenc("OAEPparams")))
    digest = digests[0].get("Algorithm", "") if digests else _SHA1
    mask = masks[0].get("Algorithm", "") if masks and method.get("Algorithm") == OAEP else _MGF1_SHA1
    if method.get("Algorithm") not in (OAEP, OAEP_MGF1P) or digest not in OAEP_DIGESTS or mask not in OAEP_MASKS:
        raise ValueError(f"key transport {method.get('Algorithm')} {digest} {mask}")
    return _oaep(digest, mask, base64.b64decode(text_of(labels[0])) if labels else None)


def _cipher_value(parent: Element) -> bytes:
    value = _one(_one(parent, xenc("CipherData")), xenc("CipherValue"))
    return base64.b64decode("".join(text_of(value).split()), validate=True)


def _one(parent: Element, tag: str) -> Element:
    found = children(parent, tag)
    if len(found) != 1:
        raise ValueError(f"not exactly one {tag}")
    return found[0]


def _parsed(data: bytes, encrypted_data: Element) -> Element:
    """Senders may leave declarations of prefixes to the elements around the data (XML-Enc §4.3.3)."""
    with suppress(NotWellFormed):
        return parse(data)
    around = build.element("around", nsmap=encrypted_data.nsmap)
    start = build.serialize(around).removesuffix(b"/>")
    whole = parse(start + b">" + data + b"</around>")
    if len(whole) != 1 or (whole.text or "").strip() or (whole[0].tail or "").strip():
        raise ValueError("not one element")
    return parse(build.serialize(whole[0]))
