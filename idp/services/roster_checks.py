"""Second step of an import: what only shows across rows and files, and against what is stored. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from idp.core.scope import Scope
from idp.oneroster import mapping
from idp.oneroster.errors import Problems
from idp.oneroster.ports import Bundle
from idp.oneroster.records import REFERENCES
from idp.services.usernames import is_usable
from idp.store import people, rosters, staging_checks
from idp.store.session import UnitOfWork
from idp.store.staging import Staging

_ABOVE_SCHOOLS = ("ministry", "department", "district")
_OWNERS = tuple(ref for ref in REFERENCES if ref.is_owner) + tuple(
    ref._replace(kind="agents", field=field)
    for ref in REFERENCES
    if ref.kind == "agents"
    for field in ("owner", "other")
)


class Checks:
    """All cross checks of one bundle; findings go to `problems`."""

    def __init__(self, uow: UnitOfWork, staging: Staging, bundle: Bundle, problems: Problems, *, today: date) -> None:
        self._uow = uow
        self._staging = staging
        self._bundle = bundle
        self._problems = problems
        self._today = today

    def run(self, scope: Scope, org_types: dict[str, str]) -> None:
        """`org_types` gives our type of organisation by foreign id."""
        for kind in self._staging.fields:
            if kind not in ("agents",) and not (kind == "roles" and "roles" not in self._bundle.modes):
                self.add("duplicate_id", kind, "sourcedId", staging_checks.duplicates(self._staging, kind))
        for ref in REFERENCES:
            code = "dangling_owner" if ref.is_owner else "dangling_reference"
            whole = self._is_whole(ref.target)
            found = staging_checks.dangling(self._staging, ref.kind, ref.field, ref.target, is_whole=whole)
            self.add(code, ref.kind, ref.column, found)
        terms = staging_checks.dangling_terms(self._staging, is_whole=self._is_whole("academicSessions"))
        self.add("dangling_reference", "classes", "termSourcedIds", terms)
        for kind in ("orgs", "academicSessions"):
            self.add("parent_cycle", kind, "parentSourcedId", staging_checks.cycles(self._staging, kind))
        self._classes(org_types)
        self._endings()
        self._roles(scope)
        self._people()

    def _is_whole(self, target: str) -> bool:
        return self._bundle.modes.get(target) == "bulk"

    def _classes(self, org_types: dict[str, str]) -> None:
        for line, org in staging_checks.class_places(self._staging):
            if org_types.get(org, "") in _ABOVE_SCHOOLS:
                self.add("class_outside_school", "classes", "schoolSourcedId", [(line, org)])
        parts = staging_checks.classes_in_parts(self._staging)
        self.add("class_outside_school", "classes", "schoolSourcedId", parts)
        self.add("school_mismatch", "enrollments", "schoolSourcedId", staging_checks.school_mismatches(self._staging))

    def _endings(self) -> None:
        for ref in _OWNERS:
            found = staging_checks.end_with_owner(self._staging, ref.kind, ref.field, ref.target)
            self.add("owner_ended", ref.kind, ref.column, found)
        staging_checks.end_roleless(self._staging)

    def _roles(self, scope: Scope) -> None:
        staging_checks.collect_holds(self._staging, mapping.ROLES)
        if not self._is_whole("roles" if "roles" in self._bundle.modes else "users"):
            for batch in staging_checks.people_to_look_up(self._staging):
                by_target = {str(target): str(sourced_id) for sourced_id, target in batch}
                with self._uow.read() as tx:
                    held = rosters.roles_of(tx, scope, list(by_target), today=self._today)
                self._staging.add_holds((by_target[person], role) for person, role in held)
        self.add("enrolled_as_pupil", "enrollments", "role", staging_checks.enrolled_as_pupil(self._staging))
        self.add("enrolled_as_teacher", "enrollments", "role", staging_checks.enrolled_as_teacher(self._staging))
        self.add("user_without_role", "users", "sourcedId", staging_checks.without_role(self._staging))
        self.add(
            "agent_role", "agents", "agentSourcedIds", staging_checks.settle_agents(self._staging, mapping.GUARDIANS)
        )
        younger = staging_checks.child_no_younger(self._staging)
        self.add("child_older_than_guardian", "agents", "agentSourcedIds", younger)

    def _people(self) -> None:
        self.add("duplicate_iin", "users", "metadata.iin", ((n, "") for n, _ in staging_checks.same_iin(self._staging)))
        self.add("username_repeated", "users", "username", staging_checks.repeated(self._staging, "username"))
        shared = ((line, "") for line, _ in staging_checks.repeated(self._staging, "email"))
        self.add("email_shared", "users", "email", shared)
        for line, username in staging_checks.usernames(self._staging):
            if not is_usable(username.lower()):
                self.add("username_invalid", "users", "username", [(line, username)])
        staging_checks.usable_usernames(self._staging)
        self._match()

    def _match(self) -> None:
        """A person whose ИИН somebody in the database already has is that person."""
        aliases = staging_checks.aliases(self._staging)
        others: dict[str, list[str]] = {}
        for stored, lookup in aliases.items():
            others.setdefault(lookup, []).append(stored)
        for batch in staging_checks.with_iin(self._staging):
            wanted = [one for row in batch for one in (row[2], *others.get(row[2], ()))]
            with self._uow.read() as tx:
                found = people.by_iin(tx, [bytes.fromhex(one) for one in wanted])
            holders = {bytes.fromhex(aliases.get(one.hex(), one.hex())): person for one, person in found.items()}
            for sourced_id, line, lookup, target in batch:
                holder = holders.get(bytes.fromhex(lookup))
                if holder and target and holder != target:
                    self.add("iin_taken", "users", "metadata.iin", [(line, "")])
                elif holder and not target:
                    self._staging.add_match(sourced_id, holder)

    def add(self, code: str, kind: str, column: str, found: Iterable[tuple[int, str]]) -> None:
        implied = kind == "agents" or (kind == "roles" and "roles" not in self._bundle.modes)
        if implied and column in ("userSourcedId", "orgSourcedId"):
            column = {"userSourcedId": "sourcedId", "orgSourcedId": "orgSourcedIds"}[column]
        for line, value in found:
            file, shown = self._bundle.place(kind, line, implied=implied)
            self._problems.add(code, file, shown, column, value)
