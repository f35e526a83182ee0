"""The NCA's published test keys (PKCS#12, password in their README), opened for tests marked `external`.

No library opens them: the key's algorithm is Kazakhstan's own, so only the container is left to `asn1crypto`, the
cipher (pbeWithSHA1And3-KeyTripleDES-CBC) to `cryptography`, and the key derivation stands here (RFC 7292 appendix B).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from asn1crypto import core, pkcs12
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from idp.cli.dev.nca import Key
from idp.cli.dev.nca.private_key import GOST2015, GostKey
from idp.eds.certificate import Certificate

PASSWORD = "Qwerty12"
_FOR_KEY, _FOR_IV = 1, 2
_BLOCK = 64
_PKCS8_SHROUDED = "pkcs8_shrouded_key_bag"


def open_key(file: Path, password: str = PASSWORD) -> Key:
    """`file` is `….p12`; its certificate lies beside it as `….usercert.cer`."""
    certificate = Certificate.parse(file.with_name(f"{file.stem}.usercert.cer").read_bytes())
    return Key(
        certificate=certificate.der,
        chain=(),
        private_key=GostKey(GOST2015, _secret(file.read_bytes(), password)),
        subject=certificate.subject,
        issuer=certificate.issuer,
        serial=certificate.serial,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


def _secret(data: bytes, password: str) -> int:
    """The private number: OCTET STRING in OCTET STRING, little-endian."""
    for info in pkcs12.Pfx.load(data).authenticated_safe:
        if info["content_type"].native != "data":
            continue
        for bag in pkcs12.SafeContents.load(info["content"].native):
            if bag["bag_id"].native == _PKCS8_SHROUDED:
                shrouded = bag["bag_value"]
                parameters = shrouded["encryption_algorithm"]["parameters"].native
                opened = _decrypted(
                    shrouded["encrypted_data"].native, password, parameters["salt"], parameters["iterations"]
                )
                octets = core.Sequence.load(opened)[2].native
                return int.from_bytes(core.OctetString.load(octets).native, "little")
    raise AssertionError("no key in the file")


def _decrypted(data: bytes, password: str, salt: bytes, iterations: int) -> bytes:
    key = _derived(password, salt, iterations, _FOR_KEY, 24)
    iv = _derived(password, salt, iterations, _FOR_IV, 8)
    decryptor = Cipher(TripleDES(key), modes.CBC(iv)).decryptor()
    opened = decryptor.update(data) + decryptor.finalize()
    return opened[: -opened[-1]]


def _derived(password: str, salt: bytes, iterations: int, purpose: int, size: int) -> bytes:
    """RFC 7292 appendix B.2 with SHA-1."""
    secret = password.encode("utf-16-be") + b"\0\0"
    filled = bytearray(_filled(salt) + _filled(secret))
    derived = b""
    while len(derived) < size:
        digest = hashlib.sha1(bytes((purpose,)) * _BLOCK + bytes(filled), usedforsecurity=False).digest()
        for _ in range(iterations - 1):
            digest = hashlib.sha1(digest, usedforsecurity=False).digest()
        derived += digest
        addend = int.from_bytes(_filled(digest)[:_BLOCK], "big") + 1
        for at in range(0, len(filled), _BLOCK):
            block = (int.from_bytes(filled[at : at + _BLOCK], "big") + addend) % (1 << 8 * _BLOCK)
            filled[at : at + _BLOCK] = block.to_bytes(_BLOCK, "big")
    return derived[:size]


def _filled(data: bytes) -> bytes:
    """Repeated up to whole blocks."""
    size = -(-len(data) // _BLOCK) * _BLOCK
    return (data * (size // len(data) + 1))[:size]
