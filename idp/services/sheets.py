"""First passwords: made, hashed, stored and handed out for printing once. A reprint replaces them.

Of a class's pupils, of their guardians, or of a school's staff. Grown-ups who have a password are left out unless asked
for: a parent of two would lose the password of the first class's sheet to the second's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, NotFound
from idp.core.ids import random_bytes
from idp.core.names import fold_title, full_name
from idp.core.scope import Scope
from idp.services import logout
from idp.services import scope as scopes
from idp.services.post import Post
from idp.store import addresses, audit, credentials, people
from idp.store.people import ListedClass, Reader
from idp.store.session import Tx, UnitOfWork

CONSONANTS = "bdfghkmnprstz"
VOWELS = "aeuy"
DIGITS = "23456789"


@dataclass(frozen=True, slots=True)
class Slip:
    """One person's part of the sheet. Holds the password in clear: print it, then let it go."""

    person_id: str
    name: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Slips of one class or one school's staff (then `title` is empty), not valid until stored."""

    id: str
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
    return f"{_word()}-{_word()}-{_pick(DIGITS)}{_pick(DIGITS)}"


def _word() -> str:
    """Three syllables; no two alike side by side, which children would laugh at."""
    syllables: list[str] = []
    while len(syllables) < 3:
        syllable = _pick(CONSONANTS) + _pick(VOWELS)
        if not syllables or syllable != syllables[-1]:
            syllables.append(syllable)
    return "".join(syllables)


class Sheets:
    """`hash_password` is argon2id: slow, so it runs before the write transaction."""

    def __init__(
        self, uow: UnitOfWork, clock: Clock, hash_password: Callable[[str], str], post: Post | None = None
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._hash = hash_password
        self._post = post

    def of_class(self, key: str, *, school: str = "", who: str = "pupils", again: bool = False) -> Sheet:
        """Makes passwords for the `pupils` or `guardians` of the class with this id or title; stores nothing yet.

        `school` (id or public number) narrows the search; `again` includes guardians who have a password. Raises
        NotFound or Conflict, naming the candidates.
        """
        today = self._today()
        with self._uow.read() as tx:
            scope = scopes.of_operator(_schools(tx, school))
            klass = _only(people.classes_called(tx, scope, key, fold_title(key)), key)
            listed = people.guardians_of if who == "guardians" else people.pupils_of
            found = listed(tx, scope, klass.id, today=today)
        slips = _slips([one for one in found if again or who == "pupils" or not one.has_password])
        if not slips:
            raise NotFound(f"class {klass.title} has no {who} without a password", code="class_empty")
        grade = klass.grade if who == "pupils" else ""
        return Sheet(klass.id, klass.title, grade, klass.school, klass.school_ru, slips)

    def of_staff(self, school: str, *, again: bool = False) -> Sheet:
        """Makes passwords for everybody who works at a school (id or public number); stores nothing yet."""
        with self._uow.read() as tx:
            (school_id,) = _schools(tx, school, exactly_one=True)
            found = people.staff_of(tx, scopes.of_operator((school_id,)), today=self._today())
            name, name_ru = people.school_names(tx, school_id)
        slips = _slips([one for one in found if again or not one.has_password])
        if not slips:
            raise NotFound("nobody there works without a password", code="class_empty")
        return Sheet(school_id, "", "", name, name_ru, slips)

    def of_person(self, scope: Scope, person_id: str) -> Sheet:
        """Makes a password for one person of the one school of the scope; stores nothing yet. Raises NotFound."""
        (school_id,) = scope.schools
        with self._uow.read() as tx:
            found = people.reader(tx, person_id)
            name, name_ru = people.school_names(tx, school_id)
        if found is None:
            raise NotFound("nobody who may sign in")
        return Sheet(person_id, "", "", name, name_ru, _slips([found]))

    def _today(self) -> date:
        return local_date(self._clock.now())

    def store(
        self, sheet: Sheet, progress: Callable[[str, int], None] = lambda _step, _n: None, *, actor_id: str = "",
        school_id: str = "", check: Callable[[Tx], None] = lambda _tx: None,
    ) -> None:  # fmt: skip
        """Makes the printed passwords valid and every older one, with its sessions, void.

        `check` is asked in the same transaction and may raise. Whose one password it is hears of it by mail.
        """
        hashed = []
        for number, slip in enumerate(sheet.slips, start=1):
            hashed.append((slip.person_id, {"hash": self._hash(slip.password)}))
            progress("passwords", number)
        now = self._clock.now()
        with self._uow.write() as tx:
            check(tx)
            credentials.replace(tx, "password", hashed, must_change=True, now=now)
            for slip in sheet.slips:
                logout.end_everything(tx, slip.person_id, now=now, reason="password_reset")
            audit.record(
                tx, event="sheets", now=now, actor_id=actor_id, school_id=school_id,
                person_id=sheet.slips[0].person_id if len(sheet.slips) == 1 else "",
                data={"of": sheet.id, "people": len(sheet.slips)},
            )  # fmt: skip
            if self._post is not None and len(sheet.slips) == 1:
                self._post.tell(tx, addresses.of_person(tx, sheet.slips[0].person_id), "first_password", now=now)


def _slips(found: list[Reader]) -> tuple[Slip, ...]:
    return tuple(
        Slip(one.id, full_name(one.family_name, one.given_name), one.username, first_password()) for one in found
    )


def _schools(tx: Tx, school: str, *, exactly_one: bool = False) -> tuple[str, ...]:
    found = people.schools(tx, school)
    if (school or exactly_one) and len(found) != 1:
        raise NotFound(f"{len(found)} organisations are called {school}", code="school_unknown")
    return tuple(found)


def _only(found: list[ListedClass], key: str) -> ListedClass:
    if not found:
        raise NotFound(f"no open class is called {key}", code="class_unknown")
    if len(found) > 1:
        listed = "; ".join(f"{klass.id} {klass.title}, {klass.school}" for klass in found[:10])
        raise Conflict(f"{len(found)} classes are called {key}: {listed}", code="class_ambiguous")
    return found[0]
