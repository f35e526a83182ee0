"""What the roster import asks of others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from idp.oneroster.records import Record


class IinVault(Protocol):
    """Seals ИИН for storage and hashes them for lookup, with keys only the running system holds."""

    def seal(self, person_id: str, iin: str) -> bytes:
        """Ciphertext bound to this person."""
        ...

    def lookup(self, iin: str) -> bytes:
        """A keyed hash, equal for equal numbers."""
        ...

    def lookups(self, iin: str) -> tuple[bytes, ...]:
        """Every hash the number may be stored under: that of `lookup` first, more while the key is being rotated."""
        ...


class Bundle(Protocol):
    """A bundle open for reading: OneRoster files or a spreadsheet."""

    @property
    def label(self) -> str:
        """The file or folder name, for messages about the whole."""
        ...

    @property
    def modes(self) -> dict[str, str]:
        """`bulk` or `delta` by file, in reading order; files that are absent are left out."""
        ...

    def records(self, file: str) -> Iterator[Record]:
        """Streams the records of one file; problems of its rows are reported as they are met."""
        ...

    def place(self, kind: str, line: int, *, implied: bool) -> tuple[str, int]:
        """File (or sheet) and line to show for a record; `implied` records stand in another file's row."""
        ...
