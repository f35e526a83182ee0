"""Files under a key of their own: AES-256-GCM over pieces, so that a copy of any size never lies in memory as a whole.

    magic 8 · salt 16 · (length 4 · ciphertext with tag)…

The key of a file is HKDF-SHA-256 of the key and the salt. A piece's nonce is its number and whether it is the last one
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár 2015): pieces that are changed, dropped, swapped, cut
off or taken from another file do not open. The associated data is the header.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from idp.core.errors import Conflict, Invalid
from idp.core.ids import new_secret, random_bytes

MAGIC = b"BILIMBK1"
PIECE = 1024 * 1024
_SALT, _TAG, _LENGTH, _KEY = 16, 16, 4, 32


def make_key(file: Path) -> None:
    """Writes a new key, 32 bytes in base64, mode 0600. Raises Conflict when `file` exists."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{file} exists already") from None
    with os.fdopen(handle, "wb") as opened:
        opened.write(base64.b64encode(random_bytes(_KEY)) + b"\n")


def read_key(file: Path) -> bytes:
    """Raises Invalid for a file that others may read, or that holds something else."""
    if not file.is_file():
        raise Invalid(f"{file} does not exist")
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Invalid(f"{file} may be read by others: chmod 600")
    try:
        key = base64.b64decode(file.read_text().strip(), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != _KEY:
        raise Invalid(f"{file} must hold 32 bytes in base64")
    return key


def is_sealed(file: Path) -> bool:
    """Whether a file begins as ours do."""
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


def seal(key: bytes, source: Path, target: Path) -> None:
    """Writes `source` under the key to `target`, which must not exist yet."""
    header = MAGIC + random_bytes(_SALT)
    cipher = _cipher(key, header)
    with source.open("rb") as plain, target.open("xb") as sealed:
        sealed.write(header)
        number, piece = 0, plain.read(PIECE)
        while True:
            following = plain.read(PIECE)
            text = cipher.encrypt(_nonce(number, last=not following), piece, header)
            sealed.write(len(text).to_bytes(_LENGTH, "big") + text)
            if not following:
                return
            number, piece = number + 1, following


def unseal(key: bytes, source: Path, target: Path) -> None:
    """Writes what `source` holds to `target`. Raises Invalid for another key and for anything that was changed."""
    with source.open("rb") as sealed, target.open("wb") as plain:
        header = sealed.read(len(MAGIC) + _SALT)
        if not header.startswith(MAGIC) or len(header) != len(MAGIC) + _SALT:
            raise Invalid(f"{source} is no encrypted copy")
        cipher = _cipher(key, header)
        number, text = 0, _piece(sealed, source)
        while True:
            following = _piece(sealed, source)
            try:
                plain.write(cipher.decrypt(_nonce(number, last=not following), text, header))
            except InvalidTag:
                raise Invalid(f"{source} does not open: another key, or it was changed or cut") from None
            if not following:
                return
            number, text = number + 1, following


@contextmanager
def opened(key: bytes | None, file: Path) -> Iterator[Path]:
    """The plain copy of a sealed file beside it, for as long as it is needed; a plain file as it is.

    Raises Invalid for a sealed file without its key.
    """
    if not file.is_file():
        raise Invalid(f"{file} does not exist")
    if not is_sealed(file):
        yield file
        return
    if key is None:
        raise Invalid(f"{file} is encrypted: give its key with --key")
    with private_file(file) as plain:
        unseal(key, file, plain)
        yield plain


@contextmanager
def private_file(beside: Path) -> Iterator[Path]:
    """A file of mode 0600 beside another, gone at the end."""
    plain = beside.with_name(f".{beside.name}.{new_secret(9)}")
    os.close(os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield plain
    finally:
        plain.unlink(missing_ok=True)


def _piece(sealed: BinaryIO, source: Path) -> bytes:
    """The next piece, empty at the end."""
    length = sealed.read(_LENGTH)
    if not length:
        return b""
    size = int.from_bytes(length, "big")
    if len(length) != _LENGTH or not _TAG <= size <= PIECE + _TAG:
        raise Invalid(f"{source} was changed or cut")
    return sealed.read(size)


def _cipher(key: bytes, header: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=_KEY, salt=header[len(MAGIC) :], info=b"bilim-id backup")
    return AESGCM(derived.derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
