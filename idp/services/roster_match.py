"""Rows of a bundle that the school has already: a class by its title and year, a role and a place by whose they are.

Part of the third step of an import. Without it a file with one newcomer would bring a second 7 «Ә» beside the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date

from idp.core.names import fold_title
from idp.core.scope import Scope
from idp.oneroster import mapping
from idp.store import roster_matches, rosters, staging_match
from idp.store.session import UnitOfWork
from idp.store.staging import Staging

_BEGINS_IN = 8
"""A class without terms belongs to the school year that runs, from August on to the one that begins."""


class Match:
    """Finds them and takes them out of what is added; `matched` counts them."""

    def __init__(self, uow: UnitOfWork, staging: Staging, *, is_whole: bool, today: date) -> None:
        """`is_whole`: the bundle has every class of its source."""
        self._uow = uow
        self._staging = staging
        self._is_whole = is_whole
        self._today = today
        self.matched = 0

    def classes(self, scope: Scope) -> None:
        """Homerooms of the same school, title and school year, each taken by one row; before new ids are given.

        A source that calls the 5А of every year the same means a new class once the old one has ended.
        """
        for known in staging_match.known_homerooms(self._staging):
            with self._uow.read() as tx:
                closed = roster_matches.closed(tx, scope, [row[1] for row in known])
            staging_match.renew_classes(self._staging, [row[0] for row in known if row[1] in closed])
        if not staging_match.has_new(self._staging, "classes"):
            return
        with self._uow.read() as tx:
            years = roster_matches.years(tx, scope)
            rooms = roster_matches.homerooms(tx, scope)
        years |= staging_match.session_years(self._staging)
        taken = staging_match.spoken_for(self._staging, "classes", is_whole=self._is_whole)
        free: dict[tuple[str, str], list[tuple[str, set[int]]]] = {}
        for room in rooms:
            if room["id"] not in taken:
                key = (room["school_id"], fold_title(room["title"]))
                free.setdefault(key, []).append((room["id"], self._years(room["sessions"], years)))
        for batch in staging_match.new_homerooms(self._staging):
            found = []
            for rowid, title, school, sessions in batch:
                wanted = self._years(json.loads(sessions), years)
                there = free.get((school, fold_title(title)), [])
                same = next((one for one in there if one[1] & wanted), None)
                if same is not None:
                    there.remove(same)
                    found.append((same[0], rowid))
            self._take("classes", found)

    def _years(self, sessions: Iterable[str | None], known: Mapping[str, int]) -> set[int]:
        said = {known[one] for one in sessions if one is not None and one in known}
        return said or {self._today.year + (self._today.month >= _BEGINS_IN)}

    def held(self, scope: Scope, types: Mapping[str, str]) -> None:
        """Roles and places that people known before hold today; once it is known who is who.

        `types` gives our type of organisation by our id.
        """
        for batch in staging_match.new_roles(self._staging):
            with self._uow.read() as tx:
                roles = roster_matches.roles(tx, scope, [row[1] for row in batch], today=self._today)
            found = []
            for rowid, person, school, word in batch:
                role = mapping.our_role(word, types.get(school, "")) if word else ""
                if same := roles.pop((person, school, role), ""):
                    found.append((same, rowid))
            self._take("roles", found)
        for batch in staging_match.new_places(self._staging):
            with self._uow.read() as tx:
                places = roster_matches.places(tx, scope, [row[1] for row in batch], today=self._today)
                kinds = rosters.class_kinds(tx, scope, [row[2] for row in batch if row[2]])
            found = []
            for rowid, person, klass, word, is_primary in batch:
                is_led = word == "teacher" and is_primary and kinds.get(klass, ("", ""))[0] == "homeroom"
                if same := places.pop((person, klass, "class_teacher" if is_led else word), ""):
                    found.append((same, rowid))
            self._take("enrollments", found)

    def _take(self, kind: str, found: list[tuple[str, int]]) -> None:
        staging_match.match(self._staging, kind, found)
        self.matched += len(found)
