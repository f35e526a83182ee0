"""Classes: who learns in which, and whose class teacher somebody is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.ids import new_id
from idp.core.names import full_name, search_key, sort_key
from idp.core.scope import Scope
from idp.services import scope as scopes
from idp.services.forms import Sheet, Wrong
from idp.services.listing import Asked, Found
from idp.store import audit, classes, feed
from idp.store.session import Tx, UnitOfWork

GRADES = ("", *(str(grade) for grade in range(13)))
LANGUAGES = ("", "kk", "ru", "en", "ug", "uz", "tg")
SHIFTS = ("", "1", "2", "3")
KINDS = ("homeroom", "scheduled")
_OFFERED = 300
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One class in the list."""

    id: str
    title: str
    grade: str
    shift: str
    language: str
    kind: str
    is_open: bool
    pupils: int
    teacher: str


@dataclass(frozen=True, slots=True)
class Member:
    """`id` is the enrolment's; `role` is `pupil`, `teacher` or `class_teacher`."""

    id: str
    person_id: str
    name: str
    initials: str
    role: str


@dataclass(frozen=True, slots=True)
class Page:
    """A class with everybody in it. `free` are pupils of the school in no class, `staff` who may teach it."""

    line: Line
    pupils: Sequence[Member]
    teachers: Sequence[Member]
    free: Sequence[tuple[str, str]] = field(default_factory=tuple)
    staff: Sequence[tuple[str, str]] = field(default_factory=tuple)


class Classes:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def listed(self, scope: Scope, asked: Asked) -> Found[Line]:
        """Open homerooms unless the filters `kind` and `status` say other; by grade, then in Kazakh order."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            rows = classes.listed(tx, scope, today=today)
            teachers = _teachers(classes.members(tx, scope, today=today, roles=("class_teacher", "teacher")))
        wanted = asked.filters
        words = search_key(asked.words).split()
        lines = [_line(row, teachers.get(row["id"], "")) for row in rows]
        found = [
            line
            for line in lines
            if line.is_open == (wanted.get("status", "") != "ended")
            and line.kind == (wanted.get("kind") or "homeroom")
            and all(
                not wanted.get(name) or getattr(line, name) == wanted[name] for name in ("grade", "shift", "language")
            )
            and all(word in search_key(line.title, line.teacher) for word in words)
        ]
        found.sort(key=lambda line: (int(line.grade or 99), sort_key(line.title), line.id))
        return Found(found[asked.offset : asked.offset + asked.per_page], len(found), asked)

    def page(self, scope: Scope, class_id: str, *, may_change: bool = False) -> Page:
        """Raises NotFound outside the scope."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            row = _known(tx, scope, class_id)
            everybody = classes.members(tx, scope, today=today, class_id=class_id)
            free = classes.homeless(tx, scope, today=today, limit=_OFFERED) if may_change else []
            staff = classes.staff(tx, scope, today=today) if may_change else []
        pupils = [_member(one) for one in everybody if one["role"] == "pupil"]
        line = _line({**row, "pupils": len(pupils)}, _teachers(everybody).get(class_id, ""))
        return Page(
            line, pupils, [_member(one) for one in everybody if one["role"] != "pupil"],
            [(one["person_id"], _with_grade(one)) for one in free], [(one["id"], _name(one)) for one in staff],
        )  # fmt: skip

    def add(self, scope: Scope, actor_id: str, school_id: str, sent: Mapping[str, str]) -> str:
        """Returns the id. Raises Wrong."""
        values = _read(sent)
        class_id, now = new_id(), self._clock.now()
        with self._uow.write() as tx:
            row = {"id": class_id, "school_id": school_id, "kind": "homeroom", "status": "active", "sessions": []}
            classes.add(tx, scope, row | values)
            feed.append(tx, "classes", "added", [(school_id, class_id)], now=now)
            audit.record(tx, event="class_added", now=now, actor_id=actor_id, school_id=school_id,
                         data={"class": class_id})  # fmt: skip
        return class_id

    def change(self, scope: Scope, actor_id: str, class_id: str, sent: Mapping[str, str]) -> None:
        """Renames it and the like; a new grade is the grade of its pupils too. Raises Wrong, NotFound."""
        values = _read(sent)
        now = self._clock.now()
        with self._uow.write() as tx:
            was = _known(tx, scope, class_id)
            fields = sorted(name for name, value in values.items() if was[name] != value)
            if not fields:
                return
            classes.change(tx, scope, class_id, values)
            if "grade" in fields and was["kind"] == "homeroom":
                pupils = classes.members(tx, scope, today=local_date(now), class_id=class_id, roles=("pupil",))
                self._grades(tx, scope, was["school_id"], [one["person_id"] for one in pupils], values["grade"])
            feed.append(tx, "classes", "changed", [(was["school_id"], class_id)], now=now)
            audit.record(tx, event="class_changed", now=now, actor_id=actor_id, school_id=was["school_id"],
                         data={"class": class_id, "fields": fields})  # fmt: skip

    def close(self, scope: Scope, actor_id: str, class_id: str) -> int:
        """Ends the class and every place in it; closing twice does nothing. Returns how many places ended."""
        now = self._clock.now()
        today = local_date(now)
        with self._uow.write() as tx:
            was = _known(tx, scope, class_id)
            if was["status"] != "active":
                return 0
            places = [one["id"] for one in classes.members(tx, scope, today=today, class_id=class_id)]
            ended = classes.end_places(tx, scope, places, today=today)
            classes.change(tx, scope, class_id, {"status": "ended"})
            feed.append(tx, "memberships", "ended", [(was["school_id"], one) for one in ended], now=now)
            feed.append(tx, "classes", "ended", [(was["school_id"], class_id)], now=now)
            audit.record(tx, event="class_closed", now=now, actor_id=actor_id, school_id=was["school_id"],
                         data={"class": class_id, "places": len(ended)})  # fmt: skip
        return len(ended)

    def put(self, scope: Scope, actor_id: str, class_id: str, people: Sequence[str]) -> int:
        """Puts pupils of the school into a homeroom, out of the one they were in; returns how many came.

        Their grade becomes that of the class. Raises NotFound for a class outside the scope, Wrong for who is no pupil
        of the school or too many at once.
        """
        now = self._clock.now()
        today = local_date(now)
        people = list(dict.fromkeys(people))
        if not people or len(people) > _MOST_AT_ONCE:
            raise Wrong({"people": "missing" if not people else "too_long"})
        with self._uow.write() as tx:
            klass = _open(tx, scope, class_id)
            here = _at(scope, klass["school_id"])
            if set(classes.pupil_memberships(tx, here, people, today=today)) != set(people):
                raise Wrong({"people": "unknown"})
            places = classes.homeroom_places(tx, here, people, today=today)
            there = {person for _, place, person in places if place == class_id}
            moved = [place for place, at, person in places if at != class_id and person not in there]
            ended = classes.end_places(tx, here, moved, today=today) if klass["kind"] == "homeroom" else []
            rows = [
                {
                    "id": new_id(), "school_id": klass["school_id"], "class_id": class_id, "person_id": person,
                    "role": "pupil", "is_primary": False, "begin": today, "end": None,
                }
                for person in people if person not in there
            ]  # fmt: skip
            classes.enrol(tx, here, rows)
            if klass["kind"] == "homeroom":
                self._grades(tx, here, klass["school_id"], [row["person_id"] for row in rows], klass["grade"])
            feed.append(tx, "memberships", "ended", [(klass["school_id"], one) for one in ended], now=now)
            feed.append(tx, "memberships", "added", [(klass["school_id"], row["id"]) for row in rows], now=now)
            for row in rows:
                audit.record(tx, event="class_joined", now=now, actor_id=actor_id, person_id=row["person_id"],
                             school_id=klass["school_id"], data={"class": class_id})  # fmt: skip
        return len(rows)

    def take_out(self, scope: Scope, actor_id: str, class_id: str, enrolment_id: str) -> None:
        """Ends one place, of a pupil or a teacher. Doing it twice does nothing; raises NotFound outside the scope."""
        now = self._clock.now()
        today = local_date(now)
        with self._uow.write() as tx:
            klass = _known(tx, scope, class_id)
            place = next((one for one in classes.members(tx, scope, today=today, class_id=class_id)
                          if one["id"] == enrolment_id), None)  # fmt: skip
            if place is None:
                return
            classes.end_places(tx, scope, [enrolment_id], today=today)
            feed.append(tx, "memberships", "ended", [(klass["school_id"], enrolment_id)], now=now)
            audit.record(tx, event="class_left", now=now, actor_id=actor_id, person_id=place["person_id"],
                         school_id=klass["school_id"], data={"class": class_id, "role": place["role"]})  # fmt: skip

    def set_teacher(self, scope: Scope, actor_id: str, class_id: str, person_id: str) -> None:
        """Makes somebody of the staff the one class teacher; the one before is it no longer.

        Raises NotFound outside the scope, Wrong for who does not work at the school.
        """
        now = self._clock.now()
        today = local_date(now)
        with self._uow.write() as tx:
            klass = _open(tx, scope, class_id)
            school_id = klass["school_id"]
            here = _at(scope, school_id)
            if person_id not in {one["id"] for one in classes.staff(tx, here, today=today)}:
                raise Wrong({"teacher": "unknown"})
            teachers = classes.members(tx, here, today=today, class_id=class_id, roles=("class_teacher", "teacher"))
            if any(one["role"] == "class_teacher" and one["person_id"] == person_id for one in teachers):
                return
            old = [one["id"] for one in teachers if one["role"] == "class_teacher"]
            ended = classes.end_places(tx, here, old, today=today)
            for one in teachers:
                if one["role"] == "teacher" and one["is_primary"]:
                    classes.change_place(tx, here, one["id"], {"is_primary": False})
            row = {
                "id": new_id(), "school_id": school_id, "class_id": class_id, "person_id": person_id,
                "role": "class_teacher", "is_primary": True, "begin": today, "end": None,
            }  # fmt: skip
            classes.enrol(tx, here, [row])
            feed.append(tx, "memberships", "ended", [(school_id, one) for one in ended], now=now)
            feed.append(tx, "memberships", "added", [(school_id, str(row["id"]))], now=now)
            audit.record(tx, event="class_teacher_set", now=now, actor_id=actor_id, person_id=person_id,
                         school_id=school_id, data={"class": class_id})  # fmt: skip

    def _grades(self, tx: Tx, scope: Scope, school_id: str, people: Sequence[str], grade: str) -> None:
        """A pupil's membership says the grade of the class."""
        now = self._clock.now()
        held = classes.pupil_memberships(tx, scope, people, today=local_date(now))
        other = [membership for membership, was in held.values() if was != grade]
        if grade and other:
            classes.set_grade(tx, scope, other, grade)
            feed.append(tx, "memberships", "changed", [(school_id, one) for one in other], now=now)


def _at(scope: Scope, school_id: str) -> Scope:
    """The same actor at the one school of a class."""
    return scopes.of_actor(scope.person, scope.role, (school_id,), classes=scope.classes)


def _known(tx: Tx, scope: Scope, class_id: str) -> Mapping[str, Any]:
    row = classes.one(tx, scope, class_id)
    if row is None:
        raise NotFound("no such class")
    return row


def _open(tx: Tx, scope: Scope, class_id: str) -> Mapping[str, Any]:
    row = _known(tx, scope, class_id)
    if row["status"] != "active":
        raise NotFound("the class is closed")
    return row


def _read(sent: Mapping[str, str]) -> dict[str, str]:
    sheet = Sheet(sent)
    values = {
        "title": sheet.text("title", longest=40, required=True), "grade": sheet.choice("grade", GRADES),
        "language": sheet.choice("language", LANGUAGES), "shift": sheet.choice("shift", SHIFTS),
    }  # fmt: skip
    sheet.done()
    return values


def _name(row: Mapping[str, Any]) -> str:
    return full_name(row["family_name"], row["given_name"], row["middle_name"])


def _with_grade(row: Mapping[str, Any]) -> str:
    return f"{_name(row)} · {row['grade']}" if row["grade"] else _name(row)


def _member(row: Mapping[str, Any]) -> Member:
    initials = row["given_name"][:1] + row["family_name"][:1]
    return Member(row["id"], row["person_id"], _name(row), initials, row["role"])


def _teachers(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The class teacher by class; a homeroom's primary teacher where nobody was made it."""
    found: dict[str, str] = {}
    for row in rows:
        if row["role"] == "teacher" and row["is_primary"]:
            found.setdefault(row["class_id"], _name(row))
    return found | {row["class_id"]: _name(row) for row in rows if row["role"] == "class_teacher"}


def _line(row: Mapping[str, Any], teacher: str) -> Line:
    return Line(
        row["id"], row["title"], row["grade"], row["shift"], row["language"], row["kind"], row["status"] == "active",
        int(row["pupils"]), teacher,
    )  # fmt: skip
