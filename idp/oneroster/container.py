"""Where a bundle's files lie: a folder or a zip, opened with suspicion.

A zip may lie about everything: paths that climb out, links, a few kilobytes that unpack to terabytes. Nothing is ever
unpacked to disk; entries are read as streams, and Python's zipfile stops at the size an entry declares.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from idp.oneroster.errors import Problems

MAX_ENTRIES = 1000
MAX_TOTAL = 4 << 30
MAX_RATIO = 100
_RATIO_FROM = 1 << 20
_BUFFER = 1 << 17


class Container(Protocol):
    @property
    def label(self) -> str:
        """The name shown for problems of the whole bundle."""
        ...

    def names(self) -> list[str]:
        """File names, without folders."""
        ...

    def open(self, name: str) -> BinaryIO: ...


class Folder:
    """CSV files lying in one folder. Links are not followed: a bundle must not pull in other files of the machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.label = path.name

    def names(self) -> list[str]:
        return sorted(entry.name for entry in self._path.iterdir() if entry.is_file() and not entry.is_symlink())

    def open(self, name: str) -> BinaryIO:
        return (self._path / name).open("rb", buffering=_BUFFER)


class Zip:
    """The entries of a zip that `check_entries` has let through."""

    def __init__(self, archive: zipfile.ZipFile, label: str, prefix: str) -> None:
        self._archive = archive
        self._prefix = prefix
        self.label = label

    def names(self) -> list[str]:
        inside = (n.removeprefix(self._prefix) for n in self._archive.namelist() if n.startswith(self._prefix))
        return sorted(name for name in inside if name and "/" not in name)

    def open(self, name: str) -> BinaryIO:
        return io.BufferedReader(self._archive.open(self._prefix + name), _BUFFER)  # type: ignore[type-var]


def check_entries(archive: zipfile.ZipFile, label: str, problems: Problems, *, max_total: int = MAX_TOTAL) -> None:
    """Raises Unreadable for an archive no entry of which may be read."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise problems.fatal("zip_bomb", label, value=f"{len(entries)} files")
    seen: set[str] = set()
    total = 0
    for entry in entries:
        # zipfile cuts a name at its NUL; the name as stored must be judged, or two readers would see two names.
        name = entry.orig_filename
        if "\\" in name or "\x00" in name or name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts:
            raise problems.fatal("zip_path", label, value=name)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise problems.fatal("zip_symlink", label, value=name)
        if entry.flag_bits & 0x1:
            raise problems.fatal("zip_encrypted", label, value=name)
        if name in seen:
            raise problems.fatal("zip_duplicate", label, value=name)
        seen.add(name)
        total += entry.file_size
        if total > max_total:
            raise problems.fatal("zip_bomb", label, value=f"{total >> 20} MiB")
        if entry.file_size > _RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise problems.fatal("zip_bomb", label, value=f"{name} {entry.file_size >> 20} MiB")


def _prefix(archive: zipfile.ZipFile, label: str, problems: Problems) -> str:
    """The one folder everything lies in, or nothing. What macOS adds beside it does not count."""
    files = [n for n in archive.namelist() if not n.endswith("/") and not n.startswith("__MACOSX/")]
    tops = {name.split("/", 1)[0] + "/" if "/" in name else "" for name in files}
    if len(tops) == 1 and tops != {""}:
        prefix = tops.pop()
        problems.add("zip_folder", label, value=prefix)
        return prefix
    return ""


@contextmanager
def open_container(path: Path, problems: Problems) -> Iterator[Container]:
    """A folder or a zip; raises Unreadable for anything else and for a damaged or hostile zip."""
    if path.is_dir():
        yield Folder(path)
        return
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise problems.fatal("not_a_bundle", path.name, value=path.name)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise problems.fatal("zip_broken", path.name, value=str(error)) from None
    with archive:
        check_entries(archive, path.name, problems)
        try:
            yield Zip(archive, path.name, _prefix(archive, path.name, problems))
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
            raise problems.fatal("zip_broken", path.name, value=str(error)) from None
