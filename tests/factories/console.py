"""A district with two schools and somebody in every role, for the console: tests come in as whom they name.

ground.school, ground.other, ground.district    ids of organisations
ground.people["director"]                        ids by role at `school`; `other_director`, `other_pupil` at `other`
ground.klass, ground.other_klass                 a homeroom class 7 «Ә» of each school
ground.browser("director")                       a browser signed in by ЭЦҚ a moment ago; `acr=`, `age=` change that
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, update

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.core.names import search_key, sort_key
from idp.parts import Parts
from idp.store.models.people import ROLES, Enrolment, Guardianship, SchoolClass
from idp.store.models.sessions import LoginSession
from idp.store.session import Tx
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school
from tests.fakes.browser import Browser

NAMES = {
    "pupil": ("Серікова", "Айгерім", "Болатқызы"),
    "guardian": ("Серікова", "Гүлнара", ""),
    "teacher": ("Есенғалиева", "Динара", ""),
    "class_teacher": ("Ахметов", "Марат", ""),
    "director": ("Омарова", "Сәуле", ""),
    "deputy": ("Қасымова", "Жанар", ""),
    "secretary": ("Өтегенова", "Гауһар", "Маратқызы"),
    "operator": ("", "Әкімші", ""),
    "official": ("Тілеуов", "Ерлан", ""),
}


@dataclass
class Console:
    app: Flask
    parts: Parts
    clock: FixedClock
    district: str = ""
    school: str = ""
    other: str = ""
    klass: str = ""
    other_klass: str = ""
    people: dict[str, str] = field(default_factory=dict)
    memberships: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.parts.uow.write() as tx:
            self.district = add_school(tx, "Көктөбе ауданының білім бөлімі", type="district")
            self.school = add_school(tx, parent_id=self.district)
            self.other = add_school(tx, "№ 5 ауыл мектебі", parent_id=self.district)
            self.klass = add_class(tx, self.school)
            self.other_klass = add_class(tx, self.other)
            for role in ROLES:
                self.add(tx, role, role, self.district if role in ("operator", "official") else self.school)
            self.add(tx, "other_director", "director", self.other)
            self.add(tx, "other_pupil", "pupil", self.other)
            add_enrolment(tx, self.school, self.klass, self.people["class_teacher"], "class_teacher")
            add_enrolment(tx, self.school, self.klass, self.people["pupil"], "pupil")
            add_enrolment(tx, self.other, self.other_klass, self.people["other_pupil"], "pupil")
            add_guardianship(tx, self.school, self.people["pupil"], self.people["guardian"])

    def add(self, tx: Tx, name: str, role: str, school_id: str, **fields: object) -> str:
        """One more person, known as `name`; returns the id."""
        family, given, middle = NAMES.get(role, ("Жұмабаева", "Қарақат", ""))
        names = {"family_name": family, "given_name": given, "middle_name": middle}
        parts = (family, given, middle)
        keys = {"sort_key": sort_key(*parts), "search_key": search_key(*parts)}
        birth = {"birth_date": date(2013, 5, 17) if role == "pupil" else None}
        values: dict[str, Any] = names | keys | birth | fields
        person_id = self.people[name] = add_person(tx, name, **values)
        grade = "7" if role == "pupil" else ""
        self.memberships[name] = add_membership(tx, person_id, school_id, role, is_primary=True, grade=grade)
        return person_id

    def browser(self, name: str, *, acr: str = levels.EDS, age: timedelta = timedelta(0)) -> Browser:
        """A browser in which `name` signed in at `acr`, `age` ago."""
        now = self.clock.now()
        with self.parts.uow.write() as tx:
            opened = self.parts.sessions.open(
                tx, person_id=self.people[name], acr=acr, amr=("pwd",), is_shared=False, browser="Firefox",
                membership_id=self.memberships[name],
            )  # fmt: skip
            tx.connection.execute(
                update(LoginSession).where(LoginSession.id == opened.session_id).values(auth_time=now - age)
            )
        client = self.app.test_client()
        client.set_cookie("bilim_id", opened.token)
        return Browser(client)


def add_class(tx: Tx, school_id: str, title: str = "7 «Ә»", **fields: object) -> str:
    row = {"id": new_id(), "school_id": school_id, "title": title, "grade": "7", "kind": "homeroom"} | fields
    tx.connection.execute(insert(SchoolClass), row)
    return str(row["id"])


def add_enrolment(tx: Tx, school_id: str, class_id: str, person_id: str, role: str, **fields: object) -> str:
    row = {"id": new_id(), "school_id": school_id, "class_id": class_id, "person_id": person_id, "role": role} | fields
    tx.connection.execute(insert(Enrolment), row)
    return str(row["id"])


def add_guardianship(tx: Tx, school_id: str, child_id: str, guardian_id: str, **fields: object) -> str:
    """A verified link; returns the id."""
    row = {
        "id": new_id(), "school_id": school_id, "child_id": child_id, "guardian_id": guardian_id,
        "verified_by": "roster", "verified_at": BEGINNING,
    } | fields  # fmt: skip
    tx.connection.execute(insert(Guardianship), row)
    return str(row["id"])
