"""Organisations as the console shows and changes them: the tree from the ministry down to the schools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.ids import new_id
from idp.core.names import search_key, sort_key
from idp.core.scope import Scope
from idp.services.forms import Sheet
from idp.services.listing import Asked, Found
from idp.store import audit, organisations
from idp.store.models.org import ORGANISATION_TYPES, SCHOOL_TYPES
from idp.store.session import Tx, UnitOfWork

SECOND_FACTORS = ("", "none", "staff", "everybody")
DETAILS = ("address", "phone", "email", "site")
_RANK = {kind: min(place, 3) for place, kind in enumerate(ORGANISATION_TYPES)}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SITE = re.compile(r"https?://[^\s]+")


@dataclass(frozen=True, slots=True)
class Face:
    """`name` in the reader's language where there is one."""

    id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the tree; `depth` counts from the top of what the reader reaches."""

    id: str
    name: str
    type: str
    depth: int
    parent: str
    is_active: bool
    pupils: int = 0
    staff: int = 0


class Organisations:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def face(self, scope: Scope, organisation_id: str, *, language: str = "kk") -> Face:
        """Raises NotFound outside the scope."""
        row = self.details(scope, organisation_id)
        return Face(row["id"], _name(row, language), row["type"])

    def details(self, scope: Scope, organisation_id: str) -> Mapping[str, Any]:
        """The whole row. Raises NotFound outside the scope."""
        with self._uow.read() as tx:
            row = organisations.one(tx, scope, organisation_id)
        if row is None:
            raise NotFound("no such organisation")
        return row

    def listed(self, scope: Scope, asked: Asked, *, language: str = "kk") -> Found[Line]:
        """The tree in Kazakh order, narrowed by words and `type`; numbers only for the page that is shown."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            lines = _tree(organisations.every(tx, scope), language)
            words, kind = search_key(asked.words).split(), asked.filters.get("type", "")
            found = [
                line
                for line in lines
                if (not kind or line.type == kind) and all(word in search_key(line.name) for word in words)
            ]
            page = found[asked.offset : asked.offset + asked.per_page]
            numbers = organisations.numbers(tx, scope, [line.id for line in page], today=today)
        rows = []
        for line in page:
            pupils, staff = numbers.get(line.id, (0, 0))
            depth = 0 if asked.is_narrowed else line.depth
            rows.append(Line(line.id, line.name, line.type, depth, line.parent, line.is_active, pupils, staff))
        return Found(rows, len(found), asked)

    def parents(self, scope: Scope, *, but: str = "", language: str = "kk") -> list[tuple[str, str]]:
        """(id, name) of what an organisation may stand below: never itself or what stands below it."""
        with self._uow.read() as tx:
            rows = organisations.every(tx, scope)
        below = _below(rows, but)
        lines = [line for line in _tree(rows, language) if line.type not in SCHOOL_TYPES and line.id not in below]
        return [(line.id, "– " * line.depth + line.name) for line in lines]

    def add(self, scope: Scope, actor_id: str, sent: Mapping[str, str]) -> str:
        """Returns the id. Raises Wrong."""
        now = self._clock.now()
        organisation_id = new_id()
        with self._uow.write() as tx:
            values = self._read(tx, scope, sent, "")
            row = {"id": organisation_id, "status": "active", "second_factor": "", "created_at": now, **values}
            organisations.add(tx, scope, row)
            data = {"type": values["type"], "parent": values["parent_id"]}
            audit.record(
                tx, event="organisation_added", now=now, actor_id=actor_id, school_id=organisation_id, data=data
            )
        return organisation_id

    def change(self, scope: Scope, actor_id: str, organisation_id: str, sent: Mapping[str, str]) -> None:
        """Raises Wrong, NotFound outside the scope."""
        with self._uow.write() as tx:
            was = organisations.one(tx, scope, organisation_id)
            if was is None:
                raise NotFound("no such organisation")
            values = self._read(tx, scope, sent, organisation_id, was)
            if "status" in sent:
                values["status"] = "active" if sent["status"] == "active" else "ended"
            self._write(tx, scope, actor_id, was, values, "organisation_changed")

    def set_up(self, scope: Scope, actor_id: str, organisation_id: str, sent: Mapping[str, str]) -> None:
        """What a director settles: who needs a second factor, and how the school is reached. Raises Wrong, NotFound."""
        sheet = Sheet(sent)
        values: dict[str, Any] = {"second_factor": sheet.choice("second_factor", SECOND_FACTORS)}
        details = _details(sheet)
        sheet.done()
        with self._uow.write() as tx:
            was = organisations.one(tx, scope, organisation_id)
            if was is None:
                raise NotFound("no such organisation")
            values["details"] = was["details"] | details
            self._write(tx, scope, actor_id, was, values, "school_settings_changed")

    def _write(
        self, tx: Tx, scope: Scope, actor_id: str, was: Mapping[str, Any], values: dict[str, Any], event: str
    ) -> None:
        fields = sorted(name for name, value in values.items() if was[name] != value)
        if not fields:
            return
        organisations.change(tx, scope, was["id"], values)
        data: dict[str, Any] = {"fields": fields}
        if "second_factor" in fields:
            data["second_factor"] = values["second_factor"]
        now = self._clock.now()
        if event == "organisation_changed":
            audit.record(tx, event="organisation_changed", now=now, actor_id=actor_id, school_id=was["id"], data=data)
        else:
            audit.record(
                tx, event="school_settings_changed", now=now, actor_id=actor_id, school_id=was["id"], data=data
            )

    def _read(
        self, tx: Tx, scope: Scope, sent: Mapping[str, str], own_id: str, was: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        sheet = Sheet(sent)
        kind = sheet.choice("type", ORGANISATION_TYPES)
        values: dict[str, Any] = {
            "name": sheet.text("name", required=True), "name_ru": sheet.text("name_ru"), "type": kind,
            "identifier": sheet.text("identifier", longest=12).replace(" ", ""),
            "region": sheet.text("region"),
        }  # fmt: skip
        number = values["identifier"]
        if number and not (len(number) == 12 and number.isascii() and number.isdigit()):
            sheet.refuse("identifier", "format")
        elif number and set(organisations.holders_of(tx, number)) - {own_id}:
            sheet.refuse("identifier", "taken")
        values["parent_id"] = self._place(tx, scope, sheet, sent.get("parent_id", ""), own_id, kind, was)
        values["details"] = (was["details"] if was else {}) | _details(sheet)
        sheet.done()
        return values

    def _place(
        self, tx: Tx, scope: Scope, sheet: Sheet, parent_id: str, own_id: str, kind: str, was: Mapping[str, Any] | None
    ) -> str | None:
        """The parent: an authority of a higher kind, within reach, and never below the organisation itself."""
        rows = organisations.every(tx, scope)
        by_id = {row["id"]: row for row in rows}
        if was is not None and was["parent_id"] not in by_id:
            parent_id = was["parent_id"] or ""  # The top of what the operator reaches stays where it is.
        elif parent_id not in by_id:
            sheet.refuse("parent_id", "missing")
        elif own_id and parent_id in _below(rows, own_id):
            sheet.refuse("parent_id", "cycle")
        elif _RANK[by_id[parent_id]["type"]] >= _RANK[kind]:
            sheet.refuse("parent_id", "order")
        if any(_RANK[row["type"]] <= _RANK[kind] for row in rows if own_id and row["parent_id"] == own_id):
            sheet.refuse("type", "order")
        return parent_id or None


def _details(sheet: Sheet) -> dict[str, str]:
    details = {name: sheet.text(name) for name in DETAILS}
    if details["email"] and not _EMAIL.fullmatch(details["email"]):
        sheet.refuse("email", "format")
    if details["site"] and not _SITE.fullmatch(details["site"]):
        sheet.refuse("site", "format")
    return details


def _name(row: Mapping[str, Any], language: str) -> str:
    return str((row["name_ru"] if language == "ru" else "") or row["name"])


def _below(rows: list[Mapping[str, Any]], top: str) -> set[str]:
    """An organisation and what stands below it; nothing without one. Rings in the data do not hold it up."""
    if not top:
        return set()
    children: dict[str, list[str]] = {}
    for row in rows:
        children.setdefault(row["parent_id"] or "", []).append(row["id"])
    found, waiting = set[str](), [top]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += children.get(one, [])
    return found


def _tree(rows: list[Mapping[str, Any]], language: str) -> list[Line]:
    """Depth first, brothers in Kazakh order. What hangs in a ring is shown at the top, so that somebody sees it."""
    names = {row["id"]: _name(row, language) for row in rows}
    children: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        children.setdefault(row["parent_id"] if row["parent_id"] in names else "", []).append(row)
    for group in children.values():
        group.sort(key=lambda row: (_RANK.get(row["type"], 3), sort_key(names[row["id"]]), row["id"]))
    lines: list[Line] = []
    seen: set[str] = set()
    waiting = [(row, 0) for row in reversed(children.get("", []))]
    left = iter(sorted(rows, key=lambda row: str(row["id"])))
    while True:
        if not waiting:
            lost = next((row for row in left if row["id"] not in seen), None)
            if lost is None:
                return lines
            waiting.append((lost, 0))
        row, depth = waiting.pop()
        if row["id"] in seen:
            continue
        seen.add(row["id"])
        parent = names.get(row["parent_id"] or "", "")
        lines.append(Line(row["id"], names[row["id"]], row["type"], depth, parent, row["status"] == "active"))
        waiting += [(child, depth + 1) for child in reversed(children.get(row["id"], []))]
