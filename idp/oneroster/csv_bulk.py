"""The CSV binding: manifest, files, rows. Rows stream; nothing of a file is held but the row at hand."""

from __future__ import annotations

from collections.abc import Iterator

from idp.oneroster import mapping
from idp.oneroster.container import Container
from idp.oneroster.errors import Problems
from idp.oneroster.lines import rows
from idp.oneroster.records import Record
from idp.oneroster.schema import FILES, READING_ORDER, UNUSED, VERSIONS, read_header
from idp.oneroster.values import Cells

MODES = ("bulk", "delta", "absent")
_MANIFEST = "manifest.csv"
_PROPERTIES = ("manifest.version", "oneroster.version", "source.systemName", "source.systemCode")


class CsvBundle:
    """A bundle whose manifest and file list hold together. `version` is 1.1 or 1.2."""

    def __init__(self, container: Container, version: str, modes: dict[str, str], problems: Problems) -> None:
        self.label = container.label
        self.version = version
        self.modes = modes
        self._container = container
        self._problems = problems

    def records(self, file: str) -> Iterator[Record]:
        name = f"{file}.csv"
        with self._container.open(name) as stream:
            reading = rows(stream, name, self._problems)
            first = next(reading, None)
            if first is None:
                raise self._problems.fatal("file_empty", name)
            header = read_header(first[1], file, self.version, self._problems)
            cells = Cells(name, header, self._problems, is_delta=self.modes[file] == "delta")
            read = mapping.READERS[file]
            for line, row in reading:
                if cells.load(line, row):
                    yield from read(cells)

    def place(self, kind: str, line: int, *, implied: bool) -> tuple[str, int]:
        return ("users.csv" if implied else f"{kind}.csv"), line


def open_bundle(container: Container, problems: Problems, *, has_school: bool) -> CsvBundle:
    """Reads the manifest and compares it with the files; raises Unreadable when the manifest is no use.

    Other mistakes are left to the end, so that one report names them and those of the rows.

    `has_school`: the operator named one school, so a lone file without a manifest may be read as a bulk file of it.
    """
    names = container.names()
    if _MANIFEST in names:
        version, modes = _manifest(container, problems)
    elif has_school and "users.csv" in names:
        version = "1.2" if "roles.csv" in names else "1.1"
        modes = {file: "bulk" for file in FILES[version] if f"{file}.csv" in names}
    else:
        code = "file_case" if _other_case(_MANIFEST, names) else "manifest_missing"
        raise problems.fatal(code, _MANIFEST, value=_MANIFEST)
    _compare(names, version, modes, problems)
    reading = {f: modes[f] for f in READING_ORDER if modes.get(f) in ("bulk", "delta") and f"{f}.csv" in names}
    if not reading:
        problems.add("empty_bundle", container.label)
    return CsvBundle(container, version, reading, problems)


def _manifest(container: Container, problems: Problems) -> tuple[str, dict[str, str]]:
    """Version and mode by file (1.1 §4.3, 1.2 CSV binding §5.1)."""
    values: dict[str, str] = {}
    with container.open(_MANIFEST) as stream:
        reading = rows(stream, _MANIFEST, problems)
        _, header = next(reading, (0, []))
        if header[:2] != ["propertyName", "value"]:
            code = "delimiter" if len(header) == 1 and ";" in header[0] else "column_missing"
            raise problems.fatal(code, _MANIFEST, 1, value="«;»" if code == "delimiter" else "propertyName, value")
        for line, cells in reading:
            if len(cells) != len(header):
                problems.add("row_width", _MANIFEST, line, value=f"{len(cells)} ≠ {len(header)}")
                continue
            name, value = cells[0].strip(), cells[1].strip()
            if name in values:
                problems.add("duplicate_id", _MANIFEST, line, "propertyName", name)
            values[name] = value
            _property(name, value, line, problems)
    version = values.get("oneroster.version", "")
    if version not in VERSIONS:
        raise problems.fatal("manifest_value", _MANIFEST, 0, "oneroster.version", version)
    return version, {name.removeprefix("file."): v for name, v in values.items() if name.startswith("file.")}


def _property(name: str, value: str, line: int, problems: Problems) -> None:
    if name.startswith("file."):
        file = name.removeprefix("file.")
        if not any(file in FILES[version] or file in UNUSED[version] for version in VERSIONS):
            problems.add("manifest_property", _MANIFEST, line, name, name)
        elif value not in MODES:
            problems.add("manifest_value", _MANIFEST, line, name, value)
    elif name == "manifest.version":
        if value != "1.0":
            problems.add("manifest_value", _MANIFEST, line, name, value)
    elif name not in _PROPERTIES:
        problems.add("manifest_property", _MANIFEST, line, name, name)


def _compare(names: list[str], version: str, modes: dict[str, str], problems: Problems) -> None:
    """A file named wrongly, missing, or lying beside the manifest unannounced."""
    known = {f"{file}.csv" for file in (*FILES[version], *UNUSED[version])} | {_MANIFEST}
    for name in names:
        meant = next((k for k in known if k.lower() == name.lower()), "")
        file = name.removesuffix(".csv")
        if meant and meant != name:
            problems.add("file_case", name, value=meant)
        elif not meant:
            problems.add("file_unknown", name, value=name)
        elif name != _MANIFEST and modes.get(file, "absent") == "absent":
            problems.add("file_undeclared", name)
    for file, mode in modes.items():
        if mode not in ("bulk", "delta") or f"{file}.csv" not in known:
            continue
        if f"{file}.csv" not in names:
            if not _other_case(f"{file}.csv", names):
                problems.add("file_missing", f"{file}.csv")
        elif file in UNUSED[version]:
            problems.add("file_unused", f"{file}.csv")


def _other_case(name: str, names: list[str]) -> bool:
    return any(other.lower() == name.lower() for other in names)
