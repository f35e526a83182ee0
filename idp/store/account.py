"""What a signed-in person sees of themselves. Bound to the person, so no scope is needed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from idp.core.names import full_name
from idp.store.models.people import Person
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class Named:
    id: str
    username: str
    family_name: str
    given_name: str
    middle_name: str
    language: str

    @property
    def name(self) -> str:
        return full_name(self.family_name, self.given_name, self.middle_name) or self.username

    @property
    def words(self) -> tuple[str, ...]:
        """The parts a password must not contain."""
        return tuple(part for part in (self.username, self.family_name, self.given_name, self.middle_name) if part)


_NAMED = select(
    Person.id, Person.username, Person.family_name, Person.given_name, Person.middle_name, Person.language
).where(Person.id == bindparam("person_id"))


def named(tx: Tx, person_id: str) -> Named | None:
    row = tx.connection.execute(_NAMED, {"person_id": person_id}).first()
    return None if row is None else Named(*row)
