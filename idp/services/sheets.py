"""First passwords of a class: made, hashed, stored and handed out for printing once. A reprint replaces them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from idp.core.clock import Clock
from idp.core.errors import Conflict, NotFound
from idp.core.ids import random_bytes
from idp.core.names import full_name
from idp.services import scope as scopes
from idp.store import audit, credentials, people
from idp.store.people import ListedClass
from idp.store.session import UnitOfWork

CONSONANTS = "bdfghkmnprstz"
VOWELS = "aeuy"
DIGITS = "23456789"
_LOCAL = ZoneInfo("Asia/Almaty")


@dataclass(frozen=True, slots=True)
class Slip:
    """One person's part of the sheet. Holds the password in clear: print it, then let it go."""

    person_id: str
    name: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A class's slips, not valid until stored."""

    class_id: str
    title: str
    grade: str
    school: str
    school_ru: str
    slips: tuple[Slip, ...]


def _pick(letters: str) -> str:
    return letters[int.from_bytes(random_bytes(8), "big") % len(letters)]


def first_password() -> str:
    """Such as `kadety-sumuna-47`: twelve letters to read aloud, two digits, 40 bits, nothing that looks like another.

    Enough behind throttling and argon2id for a password that must be changed at the first sign-in.
    """
    words = ["".join(_pick(CONSONANTS) + _pick(VOWELS) for _ in range(3)) for _ in range(2)]
    return f"{words[0]}-{words[1]}-{_pick(DIGITS)}{_pick(DIGITS)}"


class Sheets:
    """`hash_password` is argon2id: slow, so it runs before the write transaction."""

    def __init__(self, uow: UnitOfWork, clock: Clock, hash_password: Callable[[str], str]) -> None:
        self._uow = uow
        self._clock = clock
        self._hash = hash_password

    def prepare(self, key: str, *, school: str = "") -> Sheet:
        """Makes passwords for the pupils of the class with this id or title; stores nothing yet.

        `school` (id or public number) narrows the search. Raises NotFound or Conflict, naming the candidates.
        """
        today = self._clock.now().astimezone(_LOCAL).date()
        with self._uow.read() as tx:
            schools = people.schools(tx, school)
            if school and len(schools) != 1:
                raise NotFound(f"{len(schools)} organisations are called {school}", code="school_unknown")
            scope = scopes.of_operator(tuple(schools))
            found = people.classes_called(tx, scope, key, people.fold_title(key))
            klass = _only(found, key)
            pupils = people.pupils_of(tx, scope, klass.id, today=today)
        if not pupils:
            raise NotFound(f"class {klass.title} has no pupils", code="class_empty")
        slips = tuple(
            Slip(pupil.id, full_name(pupil.family_name, pupil.given_name), pupil.username, first_password())
            for pupil in pupils
        )
        return Sheet(klass.id, klass.title, klass.grade, klass.school, klass.school_ru, slips)

    def store(self, sheet: Sheet, progress: Callable[[str, int], None] = lambda _step, _n: None) -> None:
        """Makes the printed passwords valid and every older one, with its sessions, void."""
        hashed = []
        for number, slip in enumerate(sheet.slips, start=1):
            hashed.append((slip.person_id, {"hash": self._hash(slip.password)}))
            progress("passwords", number)
        now = self._clock.now()
        with self._uow.write() as tx:
            credentials.replace(tx, "password", hashed, must_change=True, now=now)
            people.end_sessions(tx, [slip.person_id for slip in sheet.slips], now=now)
            audit.record(tx, event="sheets", now=now, data={"class_id": sheet.class_id, "people": len(sheet.slips)})


def _only(found: list[ListedClass], key: str) -> ListedClass:
    if not found:
        raise NotFound(f"no open class is called {key}", code="class_unknown")
    if len(found) > 1:
        listed = "; ".join(f"{klass.id} {klass.title}, {klass.school}" for klass in found[:10])
        raise Conflict(f"{len(found)} classes are called {key}: {listed}", code="class_ambiguous")
    return found[0]
