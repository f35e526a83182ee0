"""Organisations as the console shows them."""

from __future__ import annotations

from dataclasses import dataclass

from idp.core.errors import NotFound
from idp.core.scope import Scope
from idp.store import organisations
from idp.store.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Face:
    """`name` in the reader's language where there is one."""

    id: str
    name: str
    type: str


class Organisations:
    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def face(self, scope: Scope, organisation_id: str, *, language: str = "kk") -> Face:
        """Raises NotFound outside the scope."""
        with self._uow.read() as tx:
            row = organisations.one(tx, scope, organisation_id)
        if row is None:
            raise NotFound("no such organisation")
        return Face(row["id"], (row["name_ru"] if language == "ru" else "") or row["name"], row["type"])
