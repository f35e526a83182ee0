"""The lists of people: one school's, and the search over every school that a right reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from idp.core.clock import Clock, local_date
from idp.core.names import full_name, search_words
from idp.core.scope import Scope
from idp.services.listing import Asked, Found
from idp.store import people_lists
from idp.store.people_lists import ListedRow, Sieve
from idp.store.session import Tx, UnitOfWork

_EXPORT_PAGE = 1000


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """`state` is `active`, `restricted`, `disabled` or `ended`; `school` is filled where several are searched."""

    id: str
    name: str
    username: str
    birth_date: date | None
    roles: tuple[str, ...]
    classes: tuple[str, ...]
    state: str
    school_id: str = ""
    school: str = ""


class PeopleLists:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def of_school(self, scope: Scope, asked: Asked) -> Found[ListedPerson]:
        """`asked.filters` may hold `role`, `class` (an id) and `state` (`left` for who is no more here)."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            rows, total = people_lists.page(
                tx, scope, _sieve(asked), today=today, limit=asked.per_page, offset=asked.offset,
                backwards=asked.sort == "-name",
            )  # fmt: skip
            return Found(self._listed(tx, scope, rows, today, asked), total, asked)

    def everywhere(self, scope: Scope, asked: Asked, *, language: str = "kk") -> Found[ListedPerson]:
        """Who is called so at any school of the scope; nobody until a word is typed."""
        if not search_words(asked.words):
            return Found([], 0, asked)
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            rows, total = people_lists.page(
                tx, scope, Sieve(asked.words), today=today, limit=asked.per_page, offset=asked.offset
            )
            return Found(self._listed(tx, scope, rows, today, asked, language=language), total, asked)

    def export(self, scope: Scope, asked: Asked) -> Iterator[ListedPerson]:
        """Every row that the list has, in its order."""
        today, offset = local_date(self._clock.now()), 0
        while True:
            with self._uow.read() as tx:
                rows, total = people_lists.page(
                    tx, scope, _sieve(asked), today=today, limit=_EXPORT_PAGE, offset=offset,
                    backwards=asked.sort == "-name",
                )  # fmt: skip
                yield from self._listed(tx, scope, rows, today, asked)
            offset += _EXPORT_PAGE
            if offset >= total:
                return

    def homerooms(self, scope: Scope) -> list[tuple[str, str]]:
        """(id, title) of open classes, for the filter and for newcomers."""
        with self._uow.read() as tx:
            return people_lists.homerooms(tx, scope)

    def _listed(
        self, tx: Tx, scope: Scope, rows: list[ListedRow], today: date, asked: Asked, *, language: str = ""
    ) -> list[ListedPerson]:
        """Who holds nothing and is here all the same is here as a guardian."""
        ids = [row.id for row in rows]
        roles = people_lists.roles_of(tx, scope, ids, today=today)
        titles = people_lists.titles_of(tx, scope, ids, today=today)
        schools = {school for held in roles.values() for _, school in held} if language else set()
        names = people_lists.school_names(tx, scope, sorted(schools)) if schools else {}
        nothing = [] if _sieve(asked).has_left else [("guardian", "")]
        return [_listed(row, roles.get(row.id, nothing), titles.get(row.id, []), names, language) for row in rows]


def _sieve(asked: Asked) -> Sieve:
    filters = asked.filters
    return Sieve(asked.words, filters.get("role", ""), filters.get("class", ""), filters.get("state", "") == "left")


def _listed(
    row: ListedRow, held: list[tuple[str, str]], titles: list[str], names: dict[str, tuple[str, str]], language: str
) -> ListedPerson:
    school_id = held[0][1] if held and language else ""
    school = names.get(school_id, ("", ""))[language == "ru"]
    return ListedPerson(
        row.id,
        full_name(row.family_name, row.given_name, row.middle_name) or row.username,
        row.username,
        row.birth_date,
        tuple(dict.fromkeys(role for role, _ in held)),
        tuple(titles),
        "restricted" if row.is_restricted else row.status,
        school_id,
        school,
    )
