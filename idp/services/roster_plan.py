"""Third step of an import: every row gets its action and our id, and what ends is known. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.oneroster.errors import Problems
from idp.oneroster.ports import Bundle
from idp.services.roster_match import Match
from idp.services.usernames import Usernames
from idp.store import people, rosters, staging_match, staging_plan
from idp.store.session import UnitOfWork
from idp.store.staging import Staging

DEPENDENT_KINDS = ("classes", "roles", "enrollments", "agents")


class Plan:
    """The plan of one bundle, held by the scratch table. `ended_with` counts rows that end only because others do."""

    def __init__(self, uow: UnitOfWork, staging: Staging, bundle: Bundle, problems: Problems, *, today: date) -> None:
        self._uow = uow
        self._staging = staging
        self._bundle = bundle
        self._problems = problems
        self._today = today
        self.ended_with = dict.fromkeys(DEPENDENT_KINDS, 0)
        self.ended_absent: dict[str, int] = {}
        self.matched = 0
        """Classes, roles and places that the school has already."""

    def organisations(self, source: str, *, is_new_source: bool) -> None:
        """First, because the scope comes from it. The root of a new source is the source."""
        staging_plan.plan(self._staging, "orgs")
        for batch in staging_plan.new_rows(self._staging, "orgs", "r.rowid, r.identifier, r.sourced_id"):
            # A БИН has 12 digits and names one organisation; other numbers repeat from district to district.
            numbers = [row[1] for row in batch if len(row[1]) == 12 and row[1].isdigit()]
            with self._uow.read() as tx:
                same = rosters.organisations_by_identifier(tx, numbers)
            targets = []
            for rowid, identifier, _ in batch:
                target = same.pop(identifier, "")
                if not target and is_new_source:
                    target, is_new_source = source, False
                targets.append((target or new_id(), rowid))
            staging_plan.assign(self._staging, "orgs", targets)

    def run(self, scope: Scope, types: Mapping[str, str]) -> None:
        """`types` gives our type of organisation by our id."""
        is_whole = self._bundle.modes.get("classes") == "bulk"
        match = Match(self._uow, self._staging, is_whole=is_whole, today=self._today)
        for kind in ("academicSessions", "courses", "classes", "roles", "enrollments"):
            staging_plan.plan(self._staging, kind)
            if kind == "classes":
                match.classes(scope)
            elif kind == "enrollments":
                staging_match.renew_places(self._staging)
            for batch in staging_plan.new_rows(self._staging, kind):
                staging_plan.assign(self._staging, kind, ((new_id(), row[0]) for row in batch))
        self._people()
        match.held(scope, types)
        self.matched = match.matched
        staging_plan.plan(self._staging, "demographics")
        staging_plan.assign_demographics(self._staging)
        self._links(scope)
        self._endings(scope)

    def _people(self) -> None:
        staging_plan.plan(self._staging, "users")
        names = Usernames(self._taken, lambda names: staging_plan.reserve_usernames(self._staging, names))
        columns = "r.rowid, r.username, r.given_name, r.family_name, s.person_id, m.person"
        for batch in staging_plan.new_rows(self._staging, "users", columns):
            new = [row for row in batch if row[5] is None]
            usernames = names.choose([(row[1], row[2], row[3]) for row in new])
            rows = [(row[4] or new_id(), "added", name, row[0]) for row, name in zip(new, usernames, strict=True)]
            rows += [(row[5], "matched", "", row[0]) for row in batch if row[5] is not None]
            staging_plan.assign_people(self._staging, rows)

    def _taken(self, usernames: Sequence[str]) -> set[str]:
        with self._uow.read() as tx:
            stored = people.taken_usernames(tx, usernames)
        return stored | staging_plan.reserved_usernames(self._staging, usernames)

    def _links(self, scope: Scope) -> None:
        """Guardianships: one row for a pair, found again when another school or an earlier import made it."""
        staging_plan.plan(self._staging, "agents")
        staging_plan.make_pairs(self._staging)
        for batch in staging_plan.open_pairs(self._staging):
            with self._uow.read() as tx:
                there = rosters.links(tx, scope, [(row[1], row[2]) for row in batch])
                schools = rosters.schools_of(tx, scope, [row[1] for row in batch if row[3] is None])
            settled = []
            for rowid, child, guardian, school in batch:
                target, is_blocked = there.get((child, guardian), ("", False))
                action = "blocked" if is_blocked else "reopened" if target else "new"
                settled.append((target or new_id(), action, school or schools.get(child) or scope.schools[0], rowid))
            staging_plan.settle_pairs(self._staging, settled)
        staging_plan.assign_agents(self._staging)

    def _endings(self, scope: Scope) -> None:
        for kind in ("roles", "agents"):
            staging_plan.end_implied(self._staging, kind)
        for file, mode in self._bundle.modes.items():
            if mode == "bulk" and file != "userProfiles":
                self._absent(file)
        staging_plan.keep_linked(self._staging)
        staging_match.keep_matched(self._staging)
        for kind in ("orgs", "classes", "users"):
            for targets in staging_plan.endings(self._staging, kind):
                with self._uow.read() as tx:
                    found = rosters.dependants(tx, scope, kind, targets, today=self._today)
                for dependant, ids in found.items():
                    added = self._staging.add_endings(dependant, ((target, "") for target in ids))
                    self.ended_with[dependant] += added

    def _absent(self, kind: str) -> None:
        gone = list(staging_plan.absent(self._staging, kind))
        file, _ = self._bundle.place(kind, 0, implied=False)
        for sourced_id, _ in gone:
            self._problems.add("absent", file, 0, "sourcedId", sourced_id)
        if "absent" in self._problems.accepted:
            self.ended_absent[kind] = self._staging.add_endings(kind, ((target, s) for s, target in gone))
