"""What an import reads and writes: bulk statements over organisations, people and what ties them together.

Statements on school-bound tables take the Scope of the import first: the schools of its source and no other.
Rows are dictionaries with the columns of the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, bindparam, case, func, insert, or_, select, tuple_, update

from idp.core.errors import Conflict, Denied
from idp.core.scope import Scope
from idp.store.base import Base
from idp.store.bulk import add_rows, refresh_statistics
from idp.store.guardianships import DECIDED
from idp.store.models.org import AcademicSession, Organisation
from idp.store.models.people import Course, Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.models.rosters import RosterRecord
from idp.store.session import Tx

Row = Mapping[str, Any]
PAGE = 5000
_GENERATION = {"source": "", "kind": "import", "sourced_id": ""}
_GROUP = 500

TABLES: dict[str, type[Base]] = {
    "orgs": Organisation,
    "academicSessions": AcademicSession,
    "courses": Course,
    "classes": SchoolClass,
    "roles": Membership,
    "enrollments": Enrolment,
    "agents": Guardianship,
}
_DATED = ("roles", "enrollments", "agents")


def _table(kind: str) -> Table:
    table = TABLES[kind].__table__
    assert isinstance(table, Table)
    return table


def groups(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Slices small enough for the parameters of one statement."""
    for start in range(0, len(values), _GROUP):
        yield values[start : start + _GROUP]


def generation(tx: Tx) -> str:
    """Changes with every import; compared again by `next_generation`, so two imports never mix."""
    query = select(RosterRecord.digest).filter_by(**_GENERATION)
    return str(tx.connection.execute(query).scalar() or "")


def next_generation(tx: Tx, seen: str, fresh: str) -> None:
    """Raises Conflict when another import was applied since `seen` was read."""
    if not seen:
        tx.connection.execute(insert(RosterRecord), {**_GENERATION, "target_id": "", "digest": fresh, "ended_at": None})
        return
    query = update(RosterRecord).filter_by(**_GENERATION).where(RosterRecord.digest == seen).values(digest=fresh)
    if tx.connection.execute(query).rowcount != 1:
        raise Conflict("another import was applied meanwhile: run this one again", code="roster_changed")


def organisations_by_key(tx: Tx, key: str) -> list[str]:
    """Ids of organisations whose id or public number is `key`."""
    query = select(Organisation.id).where(or_(Organisation.id == key, Organisation.identifier == key))
    return list(tx.connection.execute(query).scalars())


def organisations_by_identifier(tx: Tx, identifiers: Sequence[str]) -> dict[str, str]:
    """Our ids by БИН, for those that one organisation only has."""
    found: dict[str, list[str]] = {}
    for group in groups(identifiers):
        query = select(Organisation.identifier, Organisation.id).where(Organisation.identifier.in_(group))
        for identifier, target in tx.connection.execute(query):
            found.setdefault(identifier, []).append(target)
    return {identifier: targets[0] for identifier, targets in found.items() if len(targets) == 1}


def organisation_types(tx: Tx, targets: Sequence[str]) -> dict[str, str]:
    types: dict[str, str] = {}
    for group in groups(targets):
        query = select(Organisation.id, Organisation.type).where(Organisation.id.in_(group))
        types.update((row[0], row[1]) for row in tx.connection.execute(query))
    return types


def sources_of(tx: Tx, kind: str, sourced_ids: Sequence[str]) -> list[str]:
    """Sources that an earlier import filed one of these foreign ids under."""
    found: set[str] = set()
    for group in groups(sourced_ids):
        query = select(RosterRecord.source).where(RosterRecord.kind == kind, RosterRecord.sourced_id.in_(group))
        found.update(tx.connection.execute(query.distinct()).scalars())
    return sorted(found)


def known(tx: Tx, source: str) -> Iterator[list[tuple[str, str, str, str, int]]]:
    """Pages of (kind, sourced_id, target, digest, ended) of one source, in the order of the key."""
    after = ("", "")
    columns = (RosterRecord.kind, RosterRecord.sourced_id)
    query = (
        select(*columns, RosterRecord.target_id, RosterRecord.digest, RosterRecord.ended_at.is_not(None))
        .where(RosterRecord.source == source, tuple_(*columns) > tuple_(bindparam("kind"), bindparam("id")))
        .order_by(*columns)
        .limit(PAGE)
    )
    while True:
        rows = tx.connection.execute(query, {"kind": after[0], "id": after[1]}).all()
        if rows:
            yield [(row[0], row[1], row[2], row[3], int(row[4])) for row in rows]
        if len(rows) < PAGE:
            return
        after = (rows[-1][0], rows[-1][1])


def remember(tx: Tx, source: str, kind: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Files (action, sourced_id, target, digest); `added` ones are new, others replace what was known."""
    new = [
        {"source": source, "kind": kind, "sourced_id": s, "target_id": t, "digest": d, "ended_at": None}
        for action, s, t, d in rows
        if action == "added"
    ]
    old = [
        {"b_source": source, "b_kind": kind, "b_id": s, "target_id": t, "digest": d, "ended_at": None}
        for action, s, t, d in rows
        if action != "added"
    ]
    if new:
        add_rows(tx, RosterRecord, new)
    if old:
        query = update(RosterRecord).where(
            RosterRecord.source == bindparam("b_source"),
            RosterRecord.kind == bindparam("b_kind"),
            RosterRecord.sourced_id == bindparam("b_id"),
        )
        tx.connection.execute(
            query.values(target_id=bindparam("target_id"), digest=bindparam("digest"), ended_at=None),
            [{k: v for k, v in row.items() if k != "ended_at"} for row in old],
        )


def forget(tx: Tx, source: str, kind: str, targets: Sequence[str], *, now: datetime) -> None:
    """Marks the records behind these rows as ended."""
    for group in groups(targets):
        query = update(RosterRecord).where(
            RosterRecord.target_id.in_(group), RosterRecord.source == source, RosterRecord.kind == kind
        )
        tx.connection.execute(query.where(RosterRecord.ended_at.is_(None)).values(ended_at=now))


def _within(scope: Scope, rows: Sequence[Row]) -> None:
    """An import writes for its own schools only, whatever its file says."""
    reach = frozenset(scope.schools)
    outside = {row["school_id"] for row in rows} - reach
    if outside:
        raise Denied("outside the schools of this source", detail=f"{sorted(outside)[:3]}")


def refresh_planner(tx: Tx, scope: Scope) -> None:
    """After many rows: see `bulk.refresh_statistics`."""
    refresh_statistics(tx, Person, Membership, Enrolment, Guardianship, SchoolClass, RosterRecord)


def add_organisations(tx: Tx, rows: Sequence[Row]) -> None:
    """`parent_id` comes later, because a parent may stand below its child."""
    add_rows(tx, Organisation, rows)


def change_organisations(tx: Tx, rows: Sequence[Row]) -> None:
    """Rows with `id`, `name`, `type`, `identifier`, `status`."""
    fields = [field for field in rows[0] if field != "id"]
    query = update(Organisation).where(Organisation.id == bindparam("b_id"))
    query = query.values({field: bindparam(f"v_{field}") for field in fields})
    tx.connection.execute(query, [{"b_id": row["id"], **{f"v_{f}": row[f] for f in fields}} for row in rows])


def place_organisations(tx: Tx, parents: Sequence[tuple[str, str]]) -> None:
    """(organisation, parent)."""
    query = update(Organisation).where(Organisation.id == bindparam("b_id")).values(parent_id=bindparam("b_parent"))
    tx.connection.execute(query, [{"b_id": target, "b_parent": parent} for target, parent in parents])


def place_sessions(tx: Tx, scope: Scope, parents: Sequence[tuple[str, str]]) -> None:
    """(academic session, parent); there are few."""
    for target, parent in parents:
        query = update(AcademicSession).where(
            AcademicSession.id == target, AcademicSession.school_id.in_(scope.schools)
        )
        tx.connection.execute(query.values(parent_id=parent))


def add(tx: Tx, scope: Scope, kind: str, rows: Sequence[Row]) -> None:
    """Inserts rows of a school-bound kind."""
    _within(scope, rows)
    add_rows(tx, _table(kind), rows)


def change(tx: Tx, scope: Scope, kind: str, rows: Sequence[Row]) -> None:
    """Updates rows of a school-bound kind by `id`; both where they are and where they go must be within the scope."""
    _within(scope, rows)
    table = _table(kind)
    at: dict[str, str] = {}
    for group in groups([row["id"] for row in rows]):
        query = select(table.c.id, table.c.school_id).where(table.c.id.in_(group), table.c.school_id.in_(scope.schools))
        at.update((row[0], row[1]) for row in tx.connection.execute(query))
    fields = [field for field in rows[0] if field != "id"]
    changing = update(table).where(table.c.id == bindparam("b_id"), table.c.school_id == bindparam("b_school"))
    values = [
        {"b_id": row["id"], "b_school": at[row["id"]], **{f"v_{f}": row[f] for f in fields}}
        for row in rows
        if row["id"] in at
    ]
    if values:
        tx.connection.execute(changing.values({field: bindparam(f"v_{field}") for field in fields}), values)


def held(tx: Tx, scope: Scope, kind: str, targets: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """By id: what makes a membership (person, school, role) or an enrolment (person, class, role) itself."""
    table = _table(kind)
    middle = table.c.school_id if kind == "roles" else table.c.class_id
    found: dict[str, tuple[Any, ...]] = {}
    for group in groups(targets):
        query = select(table.c.id, table.c.person_id, middle, table.c.role)
        query = query.where(table.c.id.in_(group), table.c.school_id.in_(scope.schools))
        found.update((row[0], (row[1], row[2], row[3])) for row in tx.connection.execute(query))
    return found


def class_kinds(tx: Tx, scope: Scope, classes: Sequence[str]) -> dict[str, tuple[str, str]]:
    """(kind, school_id) by class."""
    found: dict[str, tuple[str, str]] = {}
    for group in groups(sorted(set(classes))):
        query = select(SchoolClass.id, SchoolClass.kind, SchoolClass.school_id)
        query = query.where(SchoolClass.id.in_(group), SchoolClass.school_id.in_(scope.schools))
        found.update((row[0], (row[1], row[2])) for row in tx.connection.execute(query))
    return found


def roles_of(tx: Tx, scope: Scope, people: Sequence[str], *, today: date) -> list[tuple[str, str]]:
    """(person, role) of open memberships in these schools."""
    found: list[tuple[str, str]] = []
    for group in groups(people):
        query = select(Membership.person_id, Membership.role).where(
            Membership.person_id.in_(group), Membership.school_id.in_(scope.schools), _open(Membership.end, today)
        )
        found += [(row[0], row[1]) for row in tx.connection.execute(query)]
    return found


def schools_of(tx: Tx, scope: Scope, people: Sequence[str]) -> dict[str, str]:
    """One school of each person among those of the scope, the newest membership first."""
    found: dict[str, str] = {}
    for group in groups(people):
        query = select(Membership.person_id, Membership.school_id)
        query = query.where(Membership.person_id.in_(group), Membership.school_id.in_(scope.schools))
        found.update((row[0], str(row[1])) for row in tx.connection.execute(query.order_by(Membership.id)))
    return found


def places_of(tx: Tx, scope: Scope, people: Sequence[str]) -> set[tuple[str, str]]:
    """(school, person) for every membership of these people in the scope's schools: who reads of one reads of all."""
    found: set[tuple[str, str]] = set()
    for group in groups(people):
        query = select(Membership.school_id, Membership.person_id).distinct()
        query = query.where(Membership.person_id.in_(group), Membership.school_id.in_(scope.schools))
        found.update((str(row[0]), row[1]) for row in tx.connection.execute(query))
    return found


def links(tx: Tx, scope: Scope, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, bool]]:
    """(child, guardian) → (id, stays as it is), whichever school recorded it: there is one link for a pair.

    A block stays, and an end that a person decided: no file makes a parent of somebody who said that they are none.
    """
    children = sorted({child for child, _ in pairs})
    wanted = set(pairs)
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    columns = (Guardianship.child_id, Guardianship.guardian_id, Guardianship.id)
    stays = or_(Guardianship.blocked_at.is_not(None), Guardianship.end_reason.in_(DECIDED))
    for group in groups(children):
        query = select(*columns, stays).where(Guardianship.child_id.in_(group), Guardianship.school_id.is_not(None))
        for child, guardian, target, is_settled in tx.connection.execute(query):
            if (child, guardian) in wanted:
                found[child, guardian] = (target, bool(is_settled))
    return found


def reopen_links(tx: Tx, scope: Scope, rows: Sequence[Row], *, now: datetime) -> None:
    """A link that ended holds again, and one that waited for the school is confirmed: its own list names it.

    A block by a school or a court stays, whatever a file says.
    """
    _within(scope, rows)
    query = update(Guardianship).where(Guardianship.id == bindparam("b_id"), Guardianship.school_id.is_not(None))
    query = query.values(
        end=None,
        relation=bindparam("b_relation"),
        verified_by=case((Guardianship.verified_at.is_(None), "roster"), else_=Guardianship.verified_by),
        verified_at=func.coalesce(Guardianship.verified_at, now),
    )
    tx.connection.execute(query, [{"b_id": row["id"], "b_relation": row["relation"]} for row in rows])


def ask_links_again(tx: Tx, scope: Scope, rows: Sequence[Row], *, today: date) -> None:
    """A link that ended waits for the school again; one that is open stays as it is, verified or not."""
    _within(scope, rows)
    query = update(Guardianship).where(
        Guardianship.id == bindparam("b_id"), Guardianship.school_id.is_not(None), Guardianship.end <= today
    )
    query = query.values(end=None, relation=bindparam("b_relation"), verified_by="", verified_at=None)
    tx.connection.execute(query, [{"b_id": row["id"], "b_relation": row["relation"]} for row in rows])


def dependants(tx: Tx, scope: Scope, kind: str, targets: Sequence[str], *, today: date) -> dict[str, list[str]]:
    """Open rows that cannot outlive these organisations, classes or people, by kind."""
    found: dict[str, list[str]] = {}
    places: dict[str, tuple[tuple[str, Any], ...]] = {
        "orgs": (("roles", Membership.school_id), ("enrollments", Enrolment.school_id)),
        "classes": (("enrollments", Enrolment.class_id),),
        "users": (
            ("roles", Membership.person_id),
            ("enrollments", Enrolment.person_id),
            ("agents", Guardianship.child_id),
            ("agents", Guardianship.guardian_id),
        ),
    }
    for group in groups(targets):
        for dependant, column in places.get(kind, ()):
            table = _table(dependant)
            query = select(table.c.id).where(
                column.in_(group), table.c.school_id.in_(scope.schools), _open(table.c.end, today)
            )
            found.setdefault(dependant, []).extend(tx.connection.execute(query).scalars())
        if kind == "orgs":
            classes = select(SchoolClass.id).where(SchoolClass.school_id.in_(group), SchoolClass.status == "active")
            found.setdefault("classes", []).extend(tx.connection.execute(classes).scalars())
    return found


def end(tx: Tx, scope: Scope, kind: str, targets: Sequence[str], *, today: date) -> list[tuple[str, str]]:
    """Ends rows of these schools; returns (school_id, id) of those that were open."""
    table = _table(kind)
    is_dated = kind in _DATED
    ended: list[tuple[str, str]] = []
    for group in groups(targets):
        owner = table.c.id if kind == "orgs" else table.c.school_id
        is_open = _open(table.c.end, today) if is_dated else table.c.status == "active"
        found = [
            (row[0], row[1])
            for row in tx.connection.execute(
                select(owner, table.c.id).where(table.c.id.in_(group), owner.in_(scope.schools), is_open)
            )
        ]
        ids = [target for _, target in found]
        if not ids:
            continue
        query = update(table).where(table.c.id.in_(ids), owner.in_(scope.schools))
        tx.connection.execute(query.values(end=today) if is_dated else query.values(status="ended"))
        ended += found
    return ended


def set_grades(tx: Tx, scope: Scope, grades: Sequence[tuple[str, str]]) -> None:
    """(person, grade) for open pupil memberships in these schools, when the user's row changed."""
    for person, grade in grades:
        query = update(Membership).where(
            Membership.person_id == person, Membership.school_id.in_(scope.schools), Membership.role == "pupil"
        )
        tx.connection.execute(query.values(grade=grade))


def change_demographics(tx: Tx, rows: Sequence[tuple[str, date | None, str]], *, now: datetime) -> None:
    """(person, birth_date, sex); an empty cell leaves what is stored."""
    for column, place_ in (("birth_date", 1), ("sex", 2)):
        values = [{"b_id": row[0], "b_value": row[place_]} for row in rows if row[place_]]
        if values:
            query = update(Person).where(Person.id == bindparam("b_id"))
            query = query.values({column: bindparam("b_value"), "updated_at": now})
            tx.connection.execute(query, values)


def _open(column: Any, today: date) -> Any:
    return or_(column.is_(None), column > today)
