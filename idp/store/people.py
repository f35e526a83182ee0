"""People: usernames in use, ИИН in use, new rows, and the lists that sheets are printed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, insert, or_, select, update

from idp.core.names import fold_title
from idp.core.scope import Scope
from idp.store import guardianships, words
from idp.store.bulk import add_rows
from idp.store.models.org import SCHOOL_TYPES, Organisation
from idp.store.models.people import Credential, Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.rosters import groups
from idp.store.session import Tx


def taken_usernames(tx: Tx, usernames: Sequence[str]) -> set[str]:
    """Those of the given usernames that somebody has."""
    found: set[str] = set()
    for group in groups(usernames):
        found.update(tx.connection.execute(select(Person.username).where(Person.username.in_(group))).scalars())
    return found


def by_iin(tx: Tx, lookups: Sequence[bytes]) -> dict[bytes, str]:
    """Person ids by the keyed hash of their ИИН."""
    found: dict[bytes, str] = {}
    for start in range(0, len(lookups), 500):
        query = select(Person.iin_lookup, Person.id).where(Person.iin_lookup.in_(lookups[start : start + 500]))
        found.update((row[0], row[1]) for row in tx.connection.execute(query) if row[0] is not None)
    return found


def by_username(tx: Tx, username: str) -> str | None:
    return tx.connection.execute(select(Person.id).where(Person.username == username)).scalar()


def add(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the columns of `people`; their words come with them."""
    add_rows(tx, Person, rows)
    words.add(tx, rows)


_CHANGE = (
    update(Person)
    .where(Person.id == bindparam("b_id"))
    .values(
        family_name=bindparam("v_family"),
        given_name=bindparam("v_given"),
        middle_name=bindparam("v_middle"),
        sort_key=bindparam("v_sort"),
        search_key=bindparam("v_search"),
        # An address or a number that changed has not been proved by anybody.
        email_verified=case((Person.email == bindparam("v_email"), Person.email_verified), else_=False),
        phone_verified=case((Person.phone == bindparam("v_phone"), Person.phone_verified), else_=False),
        email=bindparam("v_email"),
        phone=bindparam("v_phone"),
        language=case((bindparam("v_language") == "", Person.language), else_=bindparam("v_language")),
        status=bindparam("v_status"),
        updated_at=bindparam("v_now"),
    )
)


def change(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with `b_id` and `v_family v_given v_middle v_sort v_search v_email v_phone v_language v_status v_now`.

    The username never changes: people remember it and old sheets show it.
    """
    tx.connection.execute(_CHANGE, [dict(row) for row in rows])
    words.renew(tx, [row["b_id"] for row in rows])


def set_iin(tx: Tx, rows: Sequence[tuple[str, bytes, bytes]], *, now: datetime | None = None) -> None:
    """(person, lookup, sealed). With `now` the people are changed from then on; the feed is the caller's."""
    query = update(Person).where(Person.id == bindparam("b_id"))
    query = query.values(iin_lookup=bindparam("b_lookup"), iin_sealed=bindparam("b_sealed"))
    if now is not None:
        query = query.values(updated_at=now)
    tx.connection.execute(query, [{"b_id": p, "b_lookup": lookup, "b_sealed": sealed} for p, lookup, sealed in rows])


def sealed(tx: Tx, *, after: str, limit: int) -> list[tuple[str, bytes]]:
    """The next people after an id who have an ИИН, with it as it is sealed."""
    query = select(Person.id, Person.iin_sealed).where(Person.iin_sealed.is_not(None), Person.id > after)
    rows = tx.connection.execute(query.order_by(Person.id).limit(limit))
    return [(row[0], row[1]) for row in rows if row[1] is not None]


def sealed_of(tx: Tx, person_id: str) -> bytes | None:
    """The sealed ИИН of one person."""
    found: bytes | None = tx.connection.execute(select(Person.iin_sealed).where(Person.id == person_id)).scalar()
    return found


def reseal(tx: Tx, rows: Sequence[tuple[str, bytes, bytes, bytes]]) -> None:
    """(person, sealed before, lookup, sealed). A number that was corrected meanwhile stays as it is."""
    query = update(Person).where(Person.id == bindparam("b_id"), Person.iin_sealed == bindparam("b_before"))
    query = query.values(iin_lookup=bindparam("b_lookup"), iin_sealed=bindparam("b_sealed"))
    names = ("b_id", "b_before", "b_lookup", "b_sealed")
    tx.connection.execute(query, [dict(zip(names, row, strict=True)) for row in rows])


def close(tx: Tx, scope: Scope, people: Sequence[str], *, today: date, now: datetime) -> list[str]:
    """Ends people who hold nothing any more at any school; returns who that was. Their sessions are the caller's."""
    closed: list[str] = []
    for group in groups(people):
        open_membership = (
            select(Membership.id)
            .where(Membership.person_id == Person.id)
            .where(or_(Membership.end.is_(None), Membership.end > today))
        )
        open_link = (
            select(Guardianship.id)
            .where(Guardianship.guardian_id == Person.id, Guardianship.school_id.is_not(None))
            .where(or_(Guardianship.end.is_(None), Guardianship.end > today))
        )
        query = select(Person.id).where(Person.id.in_(group), ~open_membership.exists(), ~open_link.exists())
        ids = list(tx.connection.execute(query).scalars())
        if ids:
            tx.connection.execute(update(Person).where(Person.id.in_(ids)).values(status="ended", updated_at=now))
        closed += ids
    return closed


def reopen(tx: Tx, person_id: str, *, now: datetime) -> None:
    """Somebody who had ended holds something again."""
    query = update(Person).where(Person.id == person_id, Person.status == "ended")
    tx.connection.execute(query.values(status="active", updated_at=now))


@dataclass(frozen=True, slots=True)
class ListedClass:
    id: str
    title: str
    grade: str
    school: str
    """The school's name in Kazakh."""
    school_ru: str


def classes_called(tx: Tx, scope: Scope, key: str, title: str) -> list[ListedClass]:
    """Open classes with this id, or with this folded title (`fold_title`), in the schools of the scope."""
    query = (
        select(SchoolClass.id, SchoolClass.title, SchoolClass.grade, Organisation.name, Organisation.name_ru)
        .join(Organisation, Organisation.id == SchoolClass.school_id)
        .where(SchoolClass.status == "active", SchoolClass.school_id.in_(scope.schools))
    )
    by_id = tx.connection.execute(query.where(SchoolClass.id == key)).all()
    rows = by_id or [row for row in tx.connection.execute(query) if fold_title(row[1]) == title]
    return [ListedClass(row[0], row[1], row[2], row[3], row[4] or row[3]) for row in rows]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody a first password is printed for."""

    id: str
    username: str
    family_name: str
    given_name: str
    has_password: bool


_READER = (
    Person.id,
    Person.username,
    Person.family_name,
    Person.given_name,
    select(Credential.id).where(Credential.person_id == Person.id, Credential.method == "password").exists(),
    Person.sort_key,
)


def _readers(tx: Tx, query: Select[*tuple[Any, ...]]) -> list[Reader]:
    """In Kazakh alphabetical order, each once."""
    ordered = query.where(Person.status == "active").order_by(Person.sort_key, Person.id).distinct()
    return [Reader(*row[:5]) for row in tx.connection.execute(ordered)]


def reader(tx: Tx, person_id: str) -> Reader | None:
    """Somebody who may sign in."""
    found = _readers(tx, select(*_READER).where(Person.id == person_id))
    return found[0] if found else None


def pupils_of(tx: Tx, scope: Scope, class_id: str, *, today: date) -> list[Reader]:
    """Active pupils of a class on a day."""
    query = (
        select(*_READER)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.class_id == class_id, Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil")
        .where(or_(Enrolment.end.is_(None), Enrolment.end > today))
    )
    return _readers(tx, query)


def guardians_of(tx: Tx, scope: Scope, class_id: str, *, today: date) -> list[Reader]:
    """Who may act for a pupil of a class on a day."""
    query = (
        select(*_READER)
        .join(Guardianship, Guardianship.guardian_id == Person.id)
        .join(Enrolment, Enrolment.person_id == Guardianship.child_id)
        .where(Enrolment.class_id == class_id, Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil")
        .where(or_(Enrolment.end.is_(None), Enrolment.end > today))
        .where(guardianships.holds(today))
    )
    return _readers(tx, query)


def staff_of(tx: Tx, scope: Scope, *, today: date) -> list[Reader]:
    """Everybody who works at the scope's schools on a day."""
    query = (
        select(*_READER)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.school_id.in_(scope.schools), Membership.role.not_in(("pupil", "guardian")))
        .where(or_(Membership.end.is_(None), Membership.end > today))
    )
    return _readers(tx, query)


def school_names(tx: Tx, school_id: str) -> tuple[str, str]:
    """In Kazakh and in Russian."""
    query = select(Organisation.name, Organisation.name_ru).where(Organisation.id == school_id)
    name, name_ru = tx.connection.execute(query).one()
    return name, name_ru or name


def family_names(tx: Tx, people: Sequence[str]) -> dict[str, str]:
    """By person."""
    found: dict[str, str] = {}
    for group in groups(people):
        query = select(Person.id, Person.family_name).where(Person.id.in_(group))
        found.update((row[0], row[1]) for row in tx.connection.execute(query))
    return found


def is_authority(tx: Tx, organisation_id: str) -> bool:
    """Whether an organisation is above schools, and no school itself."""
    kind = tx.connection.execute(select(Organisation.type).where(Organisation.id == organisation_id)).scalar()
    return kind is not None and kind not in SCHOOL_TYPES


def schools(tx: Tx, key: str = "") -> list[str]:
    """Ids of organisations, for the operator's scope: all, or those with this id or public number."""
    query = select(Organisation.id)
    if key:
        query = query.where(or_(Organisation.id == key, Organisation.identifier == key))
    return list(tx.connection.execute(query).scalars())


def memberships(tx: Tx, scope: Scope, person_id: str) -> list[tuple[str, str]]:
    """(school_id, role) of a person in these schools, whatever its term."""
    query = select(Membership.school_id, Membership.role)
    query = query.where(Membership.person_id == person_id, Membership.school_id.in_(scope.schools))
    return [(str(row[0]), row[1]) for row in tx.connection.execute(query)]


def add_membership(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    """A row with the columns of `memberships`, for one of the scope's schools."""
    if not scope.allows(str(row["school_id"])):
        raise ValueError("outside the scope")
    tx.connection.execute(insert(Membership), dict(row))
