"""Small OneRoster bundles: one district, one school, a class, a pupil with a parent, a teacher. Tests change a cell."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from idp.core.ids import keyed_hash
from idp.oneroster.container import open_container
from idp.oneroster.csv_bulk import open_bundle
from idp.oneroster.errors import Problems, Refused
from idp.oneroster.records import Record
from idp.oneroster.schema import EXTENSIONS, FILES, UNUSED

Rows = Sequence[Mapping[str, str]]

ORGS: Rows = (
    {"sourcedId": "d", "name": "Көктөбе ауданы", "type": "district"},
    {"sourcedId": "s", "name": "№ 12 мектеп", "type": "school", "parentSourcedId": "d"},
)
SESSIONS: Rows = (
    {
        "sourcedId": "y", "title": "2026–2027", "type": "schoolYear", "startDate": "2026-09-01",
        "endDate": "2027-05-25", "schoolYear": "2027",
    },
)  # fmt: skip
CLASSES: Rows = (
    {
        "sourcedId": "c", "title": "7 «Ә»", "grades": "07", "classType": "homeroom", "schoolSourcedId": "s",
        "termSourcedIds": "y",
    },
)  # fmt: skip
USERS: Rows = (
    {"sourcedId": "t", "enabledUser": "true", "username": "marat", "givenName": "Марат", "familyName": "Ахметов"},
    {"sourcedId": "g", "enabledUser": "true", "username": "gulnara", "givenName": "Гүлнара", "familyName": "Серікова"},
    {
        "sourcedId": "p", "enabledUser": "true", "username": "aigerim", "givenName": "Айгерім",
        "familyName": "Серікова", "grades": "07", "agentSourcedIds": "g",
    },
)  # fmt: skip
ROLES: Rows = (
    {"sourcedId": "rt", "userSourcedId": "t", "roleType": "primary", "role": "teacher", "orgSourcedId": "s"},
    {"sourcedId": "rg", "userSourcedId": "g", "roleType": "primary", "role": "parent", "orgSourcedId": "s"},
    {"sourcedId": "rp", "userSourcedId": "p", "roleType": "primary", "role": "student", "orgSourcedId": "s"},
)
DEMOGRAPHICS: Rows = ({"sourcedId": "p", "birthDate": "2013-05-17", "sex": "female"},)
ENROLLMENTS: Rows = (
    {
        "sourcedId": "ep", "classSourcedId": "c", "schoolSourcedId": "s", "userSourcedId": "p", "role": "student",
        "primary": "false",
    },
    {
        "sourcedId": "et", "classSourcedId": "c", "schoolSourcedId": "s", "userSourcedId": "t", "role": "teacher",
        "primary": "true",
    },
)  # fmt: skip

SMALL: dict[str, Rows] = {
    "orgs": ORGS, "academicSessions": SESSIONS, "classes": CLASSES, "users": USERS, "roles": ROLES,
    "demographics": DEMOGRAPHICS, "enrollments": ENROLLMENTS,
}  # fmt: skip


def changed(rows: Rows, sourced_id: str, **cells: str) -> list[dict[str, str]]:
    """The rows with some cells of one of them replaced; `metadata_iin` stands for `metadata.iin`."""
    named = {key.replace("metadata_", "metadata."): value for key, value in cells.items()}
    return [{**row, **named} if row["sourcedId"] == sourced_id else dict(row) for row in rows]


def columns(kind: str, version: str = "1.2") -> list[str]:
    head = ["sourcedId", "status", "dateLastModified"]
    return [*head, *(c.rstrip("*") for c in FILES[version][kind].split()), *EXTENSIONS.get(kind, ())]


def write_bundle(
    folder: Path, files: Mapping[str, Rows] | None = None, *, version: str = "1.2", mode: str = "bulk",
    modes: Mapping[str, str] | None = None, **replaced: Rows,
) -> Path:  # fmt: skip
    """Writes the small bundle, or `files`, with some files replaced; in a delta rows are active unless they say."""
    folder.mkdir(parents=True, exist_ok=True)
    present = {**(SMALL if files is None else files), **replaced}
    for kind, rows in present.items():
        with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns(kind, version), restval="")
            writer.writeheader()
            filled = {"status": "active", "dateLastModified": "2026-09-01T00:00:00.000Z"} if mode == "delta" else {}
            writer.writerows({**filled, **row} for row in rows)
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    for name in (*FILES[version], *UNUSED[version]):
        said = (modes or {}).get(name, mode if name in present else "absent")
        lines.append(f"file.{name},{said}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return target


def read(path: Path, problems: Problems, *, has_school: bool = False) -> list[Record]:
    """All records of a bundle; what is wrong is in `problems`."""
    try:
        with open_container(path, problems) as container:
            bundle = open_bundle(container, problems, has_school=has_school)
            return [record for file in bundle.modes for record in bundle.records(file)]
    except Refused:
        return []


def errors(problems: Problems) -> list[tuple[str, str, int, str]]:
    """(code, file, line, column) of what refuses the bundle."""
    return [(p.code, p.file, p.line, p.column) for p in problems.items if p.severity == "error"]


class FakeVault:
    """Seals by writing the number between brackets, so that a test can look for it."""

    def seal(self, person_id: str, iin: str) -> bytes:
        return f"[{person_id}:{iin[::-1]}]".encode()

    def lookup(self, iin: str) -> bytes:
        return keyed_hash(b"test", iin)

    def lookups(self, iin: str) -> tuple[bytes, ...]:
        return (self.lookup(iin),)
