"""People as the console shows them: who is within reach, and the line above every page of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.names import full_name
from idp.core.scope import Scope
from idp.services.role_words import role_word
from idp.store import directory
from idp.store.session import Tx, UnitOfWork


@dataclass(frozen=True, slots=True)
class PersonFace:
    """`note` says role and class, in the reader's language."""

    id: str
    name: str
    initials: str
    note: str


def reached(tx: Tx, scope: Scope, person_id: str, *, today: date) -> Mapping[str, Any]:
    """The row of somebody within a scope. Raises NotFound; a class teacher reaches who learns in the class today."""
    row = directory.one(tx, scope, person_id)
    if row is None or (scope.classes is not None and not directory.within(tx, scope, person_id, today=today)):
        raise NotFound("no such person")
    return row


class Directory:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def face(self, scope: Scope, person_id: str, *, language: str = "kk") -> PersonFace:
        """Raises NotFound outside the scope; a class teacher reaches who learns in the class today."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            row = reached(tx, scope, person_id, today=today)
            roles = directory.roles(tx, scope, person_id, today=today)
            classes = directory.class_titles(tx, scope, person_id, today=today)
            if not roles and row["status"] == "active" and directory.is_guardian(tx, scope, person_id):
                roles = ["guardian"]
        words = [role_word(role, language) for role in roles]
        return PersonFace(
            person_id,
            full_name(row["family_name"], row["given_name"], row["middle_name"]),
            row["given_name"][:1] + row["family_name"][:1],
            " · ".join([", ".join(words), *classes] if words else classes),
        )

    def kept(self, scope: Scope, person_id: str) -> str:
        """The record into which a merged one went, for old addresses. Raises NotFound."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            kept = directory.merged_into(tx, person_id)
            if not kept:
                raise NotFound("no such person")
            reached(tx, scope, kept, today=today)
        return kept
