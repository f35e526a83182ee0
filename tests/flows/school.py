"""One school with one pupil, and what its secretary or operator may do to them in the middle of a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, update

from idp.parts import Parts
from idp.services.scope import of_operator
from idp.store import clients, credentials
from idp.store.models.people import Membership, Person
from tests.factories.rows import add_membership, add_person, add_school
from tests.idp.web.conftest import HASH

FAMILY, GIVEN, MIDDLE = "Әбдіғалиқызы", "Үміт", "Нұрғожақызы"
NAME = f"{FAMILY} {GIVEN} {MIDDLE}"
SCHOOL = "Ығылман Шөреков атындағы № 7 мектеп-лицей"


@dataclass(frozen=True)
class School:
    parts: Parts
    id: str
    person_id: str
    username: str = "umit"

    def switch_off(self, client_id: str) -> None:
        with self.parts.uow.write() as tx:
            clients.switch_off(tx, of_operator((self.id,)), client_id)

    def block(self) -> None:
        self._change(Person.__table__, Person.id == self.person_id, status="blocked")

    def let_go(self) -> None:
        """The pupil has left: the membership ended yesterday."""
        yesterday = self.parts.clock.now().date() - timedelta(days=1)
        self._change(Membership.__table__, Membership.person_id == self.person_id, end=yesterday)

    def _change(self, table: Any, which: Any, **values: Any) -> None:
        assert isinstance(table, Table)
        with self.parts.uow.write() as tx:
            assert tx.connection.execute(update(table).where(which).values(values)).rowcount == 1


def open_school(parts: Parts) -> School:
    with parts.uow.write() as tx:
        person_id = add_person(tx, "umit", family_name=FAMILY, given_name=GIVEN, middle_name=MIDDLE)
        school_id = add_school(tx, SCHOOL)
        add_membership(tx, person_id, school_id, "pupil", is_primary=True)
        credentials.replace(tx, "password", [(person_id, {"hash": HASH})], must_change=False, now=parts.clock.now())
    return School(parts, school_id, person_id)
