"""The gate of an import in the console: what a school's hands may not do, its file may not do either.

The operator's command line has no gate. Looked at once the plan is made; nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from idp.core.names import search_word
from idp.core.scope import Scope
from idp.oneroster import mapping
from idp.services import found_accounts, rank
from idp.store import directory, people, rosters, staging_gate, staging_plan
from idp.store.session import UnitOfWork
from idp.store.staging import Staging

Add = Callable[[str, str, str, Iterable[tuple[int, str]]], None]
"""Reports (code, kind, column, lines with values)."""
_FREE = ("guardian", "")
"""Roles that give nothing by themselves: a guardian's comes with a link, which waits for the school's word."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Who imports, in which role, for which school."""

    person_id: str
    role: str
    school_id: str

    def look(
        self, uow: UnitOfWork, staging: Staging, scope: Scope, types: Mapping[str, str], add: Add, *, today: date
    ) -> None:
        """Adds errors for roles that are not the actor's to give or end, or that would be new ones of their own, for
        pupils of other schools and for a number with another family name; takes people out of the plan whom the actor
        may not change, each with a warning.
        """
        may = (*rank.grantable(self.role), *_FREE)
        for batch in staging_gate.roles(staging):
            with uow.read() as tx:
                held = directory.held_by(tx, [row[5] for row in batch if row[5]], today=today)
            for _, line, word, org, action, person, _ in batch:
                role = mapping.our_role(word, types.get(org, "")) if word else ""
                theirs = held.get(person or "", ())
                is_own = person == self.person_id and action == "added" and (role, self.school_id) not in theirs
                if (action in ("added", "changed") and role not in may) or (is_own and role not in _FREE):
                    add("role_not_yours", "roles", "role", [(line, word)])
                if role == "pupil" and self._learns_elsewhere(theirs):
                    add("pupil_elsewhere", "roles", "userSourcedId", [(line, "")])
        self._endings(uow, staging, scope, may, add)
        self._people(uow, staging, scope, add, today)

    def _learns_elsewhere(self, held: Iterable[tuple[str, str]]) -> bool:
        schools = {school for role, school in held if role == "pupil"}
        return bool(schools) and self.school_id not in schools

    def _endings(self, uow: UnitOfWork, staging: Staging, scope: Scope, may: tuple[str, ...], add: Add) -> None:
        for targets in staging_plan.endings(staging, "roles"):
            with uow.read() as tx:
                ending = rosters.held(tx, scope, "roles", targets)
            for _, _, role in ending.values():
                if role not in may:
                    add("role_not_yours", "roles", "role", [(0, role)])

    def _people(self, uow: UnitOfWork, staging: Staging, scope: Scope, add: Add, today: date) -> None:
        for batch in staging_gate.people(staging):
            kept = self._kept(uow, [row[5] for row in batch], today)
            with uow.read() as tx:
                strangers = [row for row in batch if row[4] == "matched" and not directory.within(tx, scope, row[5])]
                names = people.family_names(tx, [row[5] for row in strangers])
            for _, line, _, family_name, _, person in strangers:
                if search_word(names[person]) != search_word(family_name):
                    add("iin_other_name", "users", "metadata.iin", [(line, "")])
            for row in batch:
                if row[5] in kept:
                    add(kept[row[5]], "users", "sourcedId", [(row[1], row[2])])
            staging_gate.leave(staging, [row[2] for row in batch if row[5] in kept])
        for alone in staging_gate.demographics_alone(staging):
            kept = self._kept(uow, [row[3] for row in alone], today)
            for row in alone:
                if row[3] in kept:
                    add(kept[row[3]], "demographics", "sourcedId", [(row[1], row[2])])
            staging_gate.leave(staging, [row[2] for row in alone if row[3] in kept])

    def _kept(self, uow: UnitOfWork, ids: list[str], today: date) -> dict[str, str]:
        """Why somebody stays as they are, by person."""
        kept: dict[str, str] = {}
        with uow.read() as tx:
            held = directory.held_by(tx, ids, today=today)
            found = found_accounts.found_at(tx, ids, self.school_id)
        for person in ids:
            theirs = held.get(person, [])
            if any(school != self.school_id for _, school in theirs):
                kept[person] = "person_of_another_school"
            elif person in found:
                kept[person] = "account_in_use"
            elif person != self.person_id and rank.outranks((role for role, _ in theirs), self.role):
                kept[person] = "person_above"
        return kept
