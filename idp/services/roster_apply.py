"""Last step of an import: the plan becomes rows, all in the caller's one write transaction.

Everything slow was done before: reading, checking, sealing, choosing usernames. What is left is a stream of batches
from the scratch table into the database; they must stand or fall together, so this transaction alone may last seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from idp.core.names import search_key, sort_key
from idp.core.scope import Scope
from idp.oneroster import mapping
from idp.services import found_accounts, logout
from idp.services.consent_ends import Ends
from idp.services.roster_ledger import Ledger
from idp.store import feed, guardian_memberships, guardianships, people, roster_matches, rosters, staging_plan
from idp.store.session import Tx
from idp.store.staging import Staging

_REMEMBERED = (
    "orgs", "academicSessions", "courses", "classes", "users", "demographics", "roles", "enrollments", "agents",
)  # fmt: skip
_MANY = 10_000
_FEEDS = {
    "academicSessions": "calendar", "classes": "classes", "roles": "memberships", "enrollments": "memberships",
    "agents": "guardianships",
}  # fmt: skip


class Apply:
    """Writes one plan. Methods run in the order of `run`, because later rows refer to earlier ones."""

    def __init__(
        self, tx: Tx, staging: Staging, scope: Scope, source: str, *, now: datetime, today: date,
        progress: Callable[[str, int], None], ledger: Ledger, links_wait: bool = False, by: str = "",
        ends: Ends | None = None,
    ) -> None:  # fmt: skip
        self._tx = tx
        self._ledger = ledger
        self._staging = staging
        self._scope = scope
        self._source = source
        self._now = now
        self._today = today
        self._progress = progress
        self._links_wait = links_wait
        self._by = by
        self._ends = ends
        self._types: dict[str, str] = {}
        self.closed: list[str] = []

    def run(self) -> None:
        self._organisations()
        self._types = rosters.organisation_types(self._tx, self._scope.schools)
        self._sessions()
        self._courses()
        self._classes()
        self._people()
        self._demographics()
        self._roles()
        self._enrolments()
        self._guardianships()
        self._endings()
        for kind in _REMEMBERED:
            for batch in staging_plan.to_remember(self._staging, kind):
                rosters.remember(self._tx, self._source, kind, batch)
            self._progress("records", self._staging.count(kind))
        if sum(self._staging.count(kind) for kind in _REMEMBERED) >= _MANY:
            rosters.refresh_planner(self._tx, self._scope)

    def _rows(self, kind: str, action: str, extra: str = "NULL", **resolve: str) -> Iterable[list[tuple[Any, ...]]]:
        for batch in staging_plan.rows(self._staging, kind, action, resolve, extra):
            yield batch
            self._progress(kind, len(batch))

    def _feed(self, kind: str, action: str, records: Iterable[tuple[str, str]]) -> None:
        feed.append(self._tx, kind, action, records, now=self._now)

    def _organisations(self) -> None:
        there = rosters.organisation_types(self._tx, self._scope.schools)
        parents: list[tuple[str, str]] = []
        for action in ("added", "changed"):
            for batch in self._rows("orgs", action, parent="orgs"):
                rows = [
                    {"id": target, "type": kind, "name": name, "identifier": number, "status": "active"}
                    for target, name, kind, _, number, _, _ in batch
                ]
                new = [{**row, "created_at": self._now} for row in rows if row["id"] not in there]
                old = [row for row in rows if row["id"] in there]
                if new:
                    rosters.add_organisations(self._tx, new)
                if old:
                    rosters.change_organisations(self._tx, old)
                parents += [(row[0], row[5]) for row in batch if row[5] is not None]
        if parents:
            rosters.place_organisations(self._tx, parents)

    def _write(self, kind: str, action: str, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        remember = self._ledger.added if action == "added" else self._ledger.changing
        remember(kind, [row["id"] for row in rows])
        write = rosters.add if action == "added" else rosters.change
        write(self._tx, self._scope, kind, rows)
        if kind in _FEEDS:
            self._feed(_FEEDS[kind], action, [(row["school_id"], row["id"]) for row in rows])

    def _sessions(self) -> None:
        parents: list[tuple[str, str]] = []
        for action in ("added", "changed"):
            for batch in self._rows("academicSessions", action, parent="academicSessions"):
                rows = [
                    {
                        "id": target, "school_id": self._source, "title": title, "type": kind,
                        "begin": date.fromisoformat(begin), "end": date.fromisoformat(end), "school_year": year,
                        "status": "active",
                    }
                    for target, title, kind, begin, end, year, _, _ in batch
                ]  # fmt: skip
                self._write("academicSessions", action, rows)
                parents += [(row[0], row[6]) for row in batch if row[6] is not None]
        if parents:
            rosters.place_sessions(self._tx, self._scope, parents)

    def _courses(self) -> None:
        for action in ("added", "changed"):
            for batch in self._rows("courses", action, org="orgs"):
                rows = [
                    {"id": target, "school_id": org, "title": title, "code": code, "subjects": json.loads(subjects),
                     "status": "active"}
                    for target, title, code, subjects, org, _ in batch
                ]  # fmt: skip
                self._write("courses", action, rows)

    def _classes(self) -> None:
        for action in ("added", "changed"):
            for batch in self._rows("classes", action, staging_plan.TERMS, course="courses", org="orgs"):
                rows = [
                    {
                        "id": target, "school_id": org, "course_id": course, "title": title, "kind": kind,
                        "grade": grade, "subject": subject, "language": language, "shift": shift,
                        "sessions": [term for term in json.loads(sessions) if term], "status": "active",
                    }
                    for target, title, kind, grade, subject, language, shift, course, org, _, sessions in batch
                ]  # fmt: skip
                self._write("classes", action, rows)

    def _people(self) -> None:
        school = staging_plan.school_of("r.sourced_id")
        for batch in self._rows("users", "added", f"{staging_plan.SEALED}, {staging_plan.BIRTH}, {school}"):
            people.add(self._tx, [self._person(row) for row in batch])
            self._ledger.added("users", [row[0] for row in batch])
            self._feed("people", "added", ((row[-1] or self._source, row[0]) for row in batch))
        for batch in self._rows("users", "matched"):
            if self._links_wait:
                found_accounts.note(
                    self._tx, self._scope, [row[0] for row in batch], self._source, actor_id=self._by, by="list",
                    now=self._now,
                )  # fmt: skip
        for batch in self._rows("users", "changed", school):
            self._ledger.changing("users", [row[0] for row in batch])
            self._ledger.changing_grades([row[0] for row in batch])
            people.change(self._tx, [self._changed(row) for row in batch])
            told = rosters.places_of(self._tx, self._scope, [row[0] for row in batch])
            told |= {(row[-1], row[0]) for row in batch if row[-1]}
            self._feed("people", "changed", sorted(told))
            rosters.set_grades(self._tx, self._scope, [(row[0], row[7]) for row in batch])
        for batch in staging_plan.seals(self._staging):
            self._ledger.changing("users", [person for person, _, _ in batch])
            people.set_iin(self._tx, [(person, bytes.fromhex(iin), sealed) for person, iin, sealed in batch])

    def _person(self, row: tuple[Any, ...]) -> dict[str, Any]:
        target, username, family, given, middle, email, phone, _, language, enabled, iin, sealed, birth, sex, _ = row
        return {
            "id": target, "username": username, "family_name": family, "given_name": given, "middle_name": middle,
            "sort_key": sort_key(family, given, middle), "search_key": search_key(family, given, middle),
            "email": email, "phone": phone, "language": language or "kk",
            "birth_date": _date(birth or ""), "sex": sex or "",
            "iin_lookup": bytes.fromhex(iin) if iin else None, "iin_sealed": sealed,
            "status": "active" if enabled else "disabled", "created_at": self._now, "updated_at": self._now,
        }  # fmt: skip

    def _changed(self, row: tuple[Any, ...]) -> dict[str, Any]:
        target, _, family, given, middle, email, phone, _, language, enabled, _, _ = row
        return {
            "b_id": target, "v_family": family, "v_given": given, "v_middle": middle,
            "v_sort": sort_key(family, given, middle), "v_search": search_key(family, given, middle),
            "v_email": email, "v_phone": phone, "v_language": language,
            "v_status": "active" if enabled else "disabled", "v_now": self._now,
        }  # fmt: skip

    def _demographics(self) -> None:
        for action in ("added", "changed"):
            for batch in self._rows("demographics", action, staging_plan.IS_NEW):
                rows = [(target, _date(birth), sex) for target, birth, sex, is_new in batch if not is_new]
                self._ledger.changing("demographics", [row[0] for row in rows])
                was = roster_matches.birth_dates(self._tx, [row[0] for row in rows])
                rosters.change_demographics(self._tx, rows, now=self._now)
                told = rosters.places_of(self._tx, self._scope, [row[0] for row in rows])
                self._feed("people", "changed", sorted(told))
                moved = {target for target, birth, _ in rows if birth and was.get(target) != birth}
                if self._ends is not None:
                    for target in sorted(moved):
                        self._ends.rebound(self._tx, target, now=self._now)
                guardianships.set_of_age(self._tx, [target for target, birth, _ in rows if birth])

    def _roles(self) -> None:
        grade = staging_plan.GRADE
        for batch in self._rows("roles", "added", grade, user="users", org="orgs"):
            self._write("roles", "added", [self._membership(row) for row in batch])
        for batch in self._rows("roles", "changed", grade, user="users", org="orgs"):
            rows = [self._membership(row) for row in batch]
            self._replace("roles", rows, ("person_id", "school_id", "role"))

    def _membership(self, row: tuple[Any, ...]) -> dict[str, Any]:
        target, person, school, word, is_primary, begin, end, _, grade = row
        role = mapping.our_role(word, self._types.get(school, ""))
        return {
            "id": target, "school_id": school, "person_id": person, "role": role,
            "grade": grade or "" if role == "pupil" else "", "is_primary": bool(is_primary),
            "begin": _date(begin), "end": _date(end),
        }  # fmt: skip

    def _enrolments(self) -> None:
        for action in ("added", "changed"):
            for batch in self._rows(
                "enrollments", action, staging_plan.CLASS, klass="classes", org="orgs", user="users"
            ):
                kinds = rosters.class_kinds(self._tx, self._scope, [row[1] for row in batch if row[-2] is None])
                rows = [_enrolment(row, kinds) for row in batch]
                if action == "added":
                    self._write("enrollments", "added", rows)
                else:
                    self._replace("enrollments", rows, ("person_id", "class_id", "role"))

    def _replace(self, kind: str, rows: list[dict[str, Any]], identity: tuple[str, str, str]) -> None:
        """Changes rows that stay about the same person, place and role; ends the others and adds new ones.

        A grant remembers its membership, so a pupil's membership must never turn into a teacher's.
        """
        held = rosters.held(self._tx, self._scope, kind, [row["id"] for row in rows])
        same = [row for row in rows if held.get(row["id"]) == tuple(row[field] for field in identity)]
        self._write(kind, "changed", same)
        moved = [row for row in rows if row["id"] in held and row not in same]
        self._ledger.changing(kind, [row["id"] for row in moved])
        ended = rosters.end(self._tx, self._scope, kind, [row["id"] for row in moved], today=self._today)
        self._feed(_FEEDS[kind], "ended", ended)
        fresh = staging_plan.renew(self._staging, kind, [row["id"] for row in moved])
        self._write(kind, "added", [{**row, "id": fresh[row["id"]]} for row in moved])

    def _guardianships(self) -> None:
        """A school's own file only asks: its links wait until somebody there confirms them one by one."""
        verified = {"verified_by": "roster", "verified_at": self._now}
        if self._links_wait:
            verified = {"verified_by": "", "verified_at": None}
        for batch in staging_plan.pairs(self._staging, "new"):
            of_age = guardianships.birthdays(self._tx, [row[1] for row in batch])
            rows = [
                {
                    "id": target, "school_id": school, "child_id": child, "guardian_id": guardian,
                    "relation": relation, "begin": self._today, **verified,
                    "evidence": {"channel": "roster"}, "of_age_on": of_age.get(child),
                }
                for target, child, guardian, relation, school in batch
            ]  # fmt: skip
            self._write("agents", "added", rows)
            known = [] if self._links_wait else [row[2] for row in batch]
            gone = guardian_memberships.leave_none(self._tx, known, today=self._today)
            self._feed("memberships", "ended", (("", one) for one in gone))
            self._progress("agents", len(batch))
        for batch in staging_plan.pairs(self._staging, "reopened"):
            rows = [{"id": row[0], "school_id": row[4], "relation": row[3]} for row in batch]
            self._ledger.changing("agents", [row["id"] for row in rows])
            if self._links_wait:
                rosters.ask_links_again(self._tx, self._scope, rows, today=self._today)
            else:
                rosters.reopen_links(self._tx, self._scope, rows, now=self._now)
            guardianships.set_of_age(self._tx, [row[1] for row in batch])
            self._feed("guardianships", "changed", [(row[4], row[0]) for row in batch])

    def _endings(self) -> None:
        for kind in ("agents", "enrollments", "roles", "classes", "courses", "academicSessions", "orgs"):
            for targets in staging_plan.endings(self._staging, kind):
                self._ledger.changing(kind, targets)
                ended = rosters.end(self._tx, self._scope, kind, targets, today=self._today)
                if kind in _FEEDS:
                    self._feed(_FEEDS[kind], "ended", ended)
                rosters.forget(self._tx, self._source, kind, targets, now=self._now)
        for kind in ("users", "demographics"):
            for targets in staging_plan.endings(self._staging, kind):
                rosters.forget(self._tx, self._source, kind, targets, now=self._now)
                if kind == "users":
                    at = rosters.schools_of(self._tx, self._scope, targets)
                    self._feed("people", "ended", ((at.get(p, self._source), p) for p in targets))
                    self._ledger.changing("users", targets)
                    closed = people.close(self._tx, self._scope, targets, today=self._today, now=self._now)
                    logout.end_all(self._tx, closed, now=self._now, reason="left")
                    self.closed += closed


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _enrolment(row: tuple[Any, ...], kinds: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """The class decides the school; a homeroom's primary teacher is its class teacher."""
    target, klass, school, person, role, is_primary, begin, end, kind, class_school = row
    if kind is None:
        kind, class_school = kinds.get(klass, ("", school))
    if role == "teacher" and is_primary and kind == "homeroom":
        role = "class_teacher"
    return {
        "id": target, "school_id": class_school or school, "class_id": klass, "person_id": person, "role": role,
        "is_primary": bool(is_primary), "begin": _date(begin), "end": _date(end),
    }  # fmt: skip
