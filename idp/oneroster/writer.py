"""Writes a OneRoster 1.2 bulk bundle as it is made, row by row, into a folder or a zip. Nothing is held in memory."""

from __future__ import annotations

import csv
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from idp.oneroster.schema import EXTENSIONS, FILES, UNUSED

_VERSION = "1.2"
_WRITTEN = ("academicSessions", "orgs", "classes", "users", "roles", "demographics", "enrollments")


class BundleWriter:
    """`write` takes cells by column name; columns left out are empty, as a bulk file wants of status and date."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._writers: dict[str, Any] = {}
        self._columns: dict[str, list[str]] = {}
        for kind in _WRITTEN:
            columns = ["sourcedId", "status", "dateLastModified"]
            columns += [column.rstrip("*") for column in FILES[_VERSION][kind].split()]
            columns += EXTENSIONS.get(kind, ())
            file = stack.enter_context((folder / f"{kind}.csv").open("w", encoding="utf-8", newline=""))
            self._writers[kind] = csv.writer(file)
            self._writers[kind].writerow(columns)
            self._columns[kind] = columns
        with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
            manifest = csv.writer(file)
            manifest.writerow(("propertyName", "value"))
            manifest.writerow(("manifest.version", "1.0"))
            manifest.writerow(("oneroster.version", _VERSION))
            for name in sorted((*FILES[_VERSION], *UNUSED[_VERSION])):
                manifest.writerow((f"file.{name}", "bulk" if name in _WRITTEN else "absent"))
            manifest.writerow(("source.systemName", "Bilim ID"))
            manifest.writerow(("source.systemCode", "bilim-id"))

    def write(self, kind: str, cells: Mapping[str, str]) -> None:
        self._writers[kind].writerow([cells.get(column, "") for column in self._columns[kind]])


@contextmanager
def bundle_writer(target: Path) -> Iterator[BundleWriter]:
    """Into the folder `target`, or the zip of that name; a zip appears whole or not at all."""
    if target.suffix.lower() != ".zip":
        target.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            yield BundleWriter(target, stack)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch)
        with ExitStack() as stack:
            yield BundleWriter(folder, stack)
        made = folder / "bundle.zip"
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.glob("*.csv")):
                # A fixed date, so that the same seed gives the same bytes.
                entry = zipfile.ZipInfo(file.name, (2026, 9, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                with file.open("rb") as source, archive.open(entry, "w") as sink:
                    while chunk := source.read(1 << 18):
                        sink.write(chunk)
        made.replace(target)
