"""A school that asks for consents: pupils of every age, two guardians and a blocked one, a member of staff.

ground = ConsentGround(parts, clock)
text_id = ground.publish("visits")                    # a text with the eight contents
ground.desk.acts.give(ground.hand("gulnara"), ground.people["nurlan"], text_id)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from idp.core import levels
from idp.core.clock import FixedClock, local_date
from idp.core.names import sort_key
from idp.core.scope import Scope
from idp.parts import Parts
from idp.services.acting import Actor
from idp.services.consent_signers import Hand
from idp.services.consent_texts import Draft
from idp.services.data_consents import in_force
from idp.services.scope import of_operator
from idp.store import consent_records, words
from idp.store.consent_records import RecordRow
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.people import Guardianship
from tests.factories.citizens import Citizens, house
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import add_membership, add_person, add_school
from tests.fakes.browser import Browser

BIN = "140240000018"
PUPILS = {"nurlan": date(2019, 3, 1), "aigerim": date(2011, 9, 20), "daulet": date(2008, 9, 15)}
"""On 1 September 2026: 7, 14 (15 soon) and 17 (18 on the 15th)."""


def contents(**changes: Any) -> dict[str, Any]:
    """All eight of art. 8(4)."""
    return {
        "operator_name": {"kk": "№ 12 мектеп-гимназия", "ru": "Школа-гимназия № 12"},
        "operator_bin": BIN,
        "term_days": 300,
        "term_text": {"kk": "Оқу жылының соңына дейін", "ru": "До конца учебного года"},
        "third_parties": {"is": False, "kk": "", "ru": ""},
        "cross_border": {"is": False, "kk": "", "ru": ""},
        "published": {"is": False, "kk": "", "ru": ""},
        "data": {"kk": ["аты-жөні", "сыныбы"], "ru": ["имя", "класс"]},
        "notes": {"kk": "Кез келген уақытта қайтарып алуға болады.", "ru": "Можно отозвать в любое время."},
        "audience": "pupils",
    } | changes


def draft(**changes: Any) -> Draft:
    title = {"kk": "Мектепке келіп-кетуді есепке алу", "ru": "Учёт посещений школы"}
    body = {"kk": "Мектеп келу мен кету уақытын жазады.", "ru": "Школа записывает время прихода и ухода."}
    return replace(Draft(title, body, contents()), **changes)


PASSING = {"is": True, "kk": "«Оқулық» ЖШС", "ru": "ТОО «Оқулық»"}


@contextmanager
def consent_ground(database_url: str, folder: Path, clock: FixedClock) -> Iterator[ConsentGround]:
    with house(database_url, folder, clock) as parts:
        yield ConsentGround(parts, clock)


class ConsentGround:
    """`people` holds ids by name; `guardian_link` the id of gulnara's link to nurlan."""

    def __init__(self, parts: Parts, clock: FixedClock) -> None:
        self.parts = parts
        self.clock = clock
        self.desk = parts.consent_desk
        self.people: dict[str, str] = {}
        self.memberships: dict[str, str] = {}
        with parts.uow.write() as tx:
            self.school = add_school(tx, name_ru="Школа-гимназия № 12", identifier=BIN)
            self.other = add_school(tx, "№ 5 ауыл мектебі")
            self.klass = add_class(tx, self.school)
            self.grade1 = add_class(tx, self.school, "1 «А»", grade="1")
            for name, birth in PUPILS.items():
                self.people[name] = self._person(tx, name, "Серікова", name.title(), birth_date=birth)
                self.memberships[name] = add_membership(tx, self.people[name], self.school, "pupil", is_primary=True)
                add_enrolment(
                    tx, self.school, self.grade1 if name == "nurlan" else self.klass, self.people[name], "pupil"
                )
            for name in ("gulnara", "serik", "blocked", "marat", "saule", "stranger"):
                self.people[name] = self._person(tx, name, "Серікова", name.title())
            for name, role in (("marat", "class_teacher"), ("saule", "director")):
                self.memberships[name] = add_membership(tx, self.people[name], self.school, role, is_primary=True)
            add_enrolment(tx, self.school, self.klass, self.people["marat"], "class_teacher")
            words.renew(tx, list(self.people.values()))
            for child in PUPILS:
                of_age_on = PUPILS[child].replace(year=PUPILS[child].year + 18)
                for guardian in ("gulnara", "serik"):
                    self._link(tx, child, guardian, of_age_on=of_age_on)
                self._link(tx, child, "blocked", of_age_on=of_age_on, blocked_at=clock.now(), block_basis="court")

    def _person(self, tx: Any, username: str, family: str, given: str, **fields: Any) -> str:
        names = {"family_name": family, "given_name": given, "sort_key": sort_key(family, given)}
        return add_person(tx, username, **names, **fields)

    def _link(self, tx: Any, child: str, guardian: str, **fields: Any) -> None:
        add_guardianship(tx, self.school, self.people[child], self.people[guardian], **fields)

    @property
    def scope(self) -> Scope:
        return of_operator((self.school,))

    def class_scope(self, class_id: str = "") -> Scope:
        """That of a class teacher."""
        return replace(self.scope, role="class_teacher", classes=(class_id or self.klass,))

    def actor(self, name: str = "saule", role: str = "director") -> Actor:
        return Actor(self.people[name], "m", role, self.school, levels.EDS, ("pwd",), self.clock.now(), "s")

    def hand(self, name: str, *, acr: str = levels.MFA, age: timedelta = timedelta(0), language: str = "kk") -> Hand:
        return Hand(self.people[name], acr, ("pwd", "otp"), self.clock.now() - age, "session", language)

    def browser(self, app: Flask, name: str, acr: str = levels.MFA) -> Browser:
        """Signed in a moment ago, in the role at the school."""
        with self.parts.uow.write() as tx:
            opened = self.parts.sessions.open(
                tx, person_id=self.people[name], acr=acr, amr=("pwd", "otp"), is_shared=False, browser="a test",
                membership_id=self.memberships.get(name, ""),
            )  # fmt: skip
        client = app.test_client()
        client.set_cookie("bilim_id", opened.token)
        return Browser(client)

    def publish(self, purpose: str = "visits", recipient: str = "", **changes: Any) -> str:
        """A text that is asked from now on; returns its id."""
        texts = self.desk.texts
        text_id = texts.draft(self.scope, self.school, self.actor(), purpose, recipient, draft(**changes))
        texts.publish(self.scope, text_id, self.actor())
        return text_id

    def give(self, guardian: str, child: str, text_id: str, **hand: Any) -> str:
        """By two factors; returns the record's id."""
        found = self.desk.acts.give(self.hand(guardian, **hand), self.people[child], text_id)
        assert isinstance(found, str)
        return found

    def record(self, child: str, record_id: str = "") -> RecordRow:
        """The newest answer about somebody, or the one named."""
        with self.parts.uow.read() as tx:
            today = local_date(self.clock.now())
            return consent_records.of_person(tx, self.people[child], today=today, record_id=record_id)[0]

    def holds(self, child: str, purpose: str = "visits", recipient: str = "") -> bool:
        with self.parts.uow.read() as tx:
            return in_force(tx, self.people[child], purpose, recipient, today=local_date(self.clock.now()))

    def block(self, child: str, guardian: str) -> None:
        where = (Guardianship.child_id == self.people[child], Guardianship.guardian_id == self.people[guardian])
        with self.parts.uow.write() as tx:
            tx.connection.execute(update(Guardianship).where(*where).values(blocked_at=self.clock.now()))

    def changes(self) -> list[tuple[str, str]]:
        """(action, record) of the feed's kind `consents`, in order."""
        query = select(Change.action, Change.record_id).where(Change.kind == "consents").order_by(Change.seq)
        with self.parts.uow.read() as tx:
            return [(row[0], row[1]) for row in tx.connection.execute(query)]

    def events(self, event: str) -> list[dict[str, Any]]:
        query = select(AuditEvent.data).where(AuditEvent.event == event).order_by(AuditEvent.id)
        with self.parts.uow.read() as tx:
            return list(tx.connection.execute(query).scalars())

    def citizens(self) -> Citizens:
        """The miniature NCA, trusted by this house."""
        return Citizens(self.parts, self.clock)
