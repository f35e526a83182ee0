"""Whether a pupil's data may go to a client: the school asked, and nobody has consented. For one and for many."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, exists, or_, select

from idp.core.scope import Scope
from idp.store import consent_records
from idp.store.models.consents import RELEASING, ConsentRecord, ConsentText
from idp.store.models.people import Membership
from idp.store.session import Tx

_t = cast(Table, ConsentText.__table__).c
_r = cast(Table, ConsentRecord.__table__).c
_GROUP = 500
_today = bindparam("today", type_=_r.expires_on.type)
_newer = cast(Table, ConsentText.__table__).alias("newer")
_IS_NEWEST = _t.published_at.is_not(None) & ~exists().where(
    _newer.c.school_id == _t.school_id,
    _newer.c.purpose == _t.purpose,
    _newer.c.recipient == _t.recipient,
    _newer.c.published_at.is_not(None),
    _newer.c.version > _t.version,
)
_LACKS = select(_t.contents).where(
    _t.recipient == bindparam("b_client"),
    _t.purpose.in_(RELEASING),
    _IS_NEWEST,
    exists().where(
        Membership.id == bindparam("b_membership"),
        Membership.person_id == bindparam("b_person"),
        Membership.role == "pupil",
        Membership.school_id == _t.school_id,
    ),
    ~exists().where(
        _r.person_id == bindparam("b_person"),
        _r.school_id == _t.school_id,
        _r.purpose == _t.purpose,
        _r.recipient == _t.recipient,
        consent_records.holds(_today),
    ),
)


def lacks(tx: Tx, person_id: str, client_id: str, membership_id: str | None, *, today: date) -> bool:
    """True when the pupil's school passes data to this client by consent, and none holds.

    The newest text that was published says so even when it is retired: what rests on consent does not flow without one
    because nobody is asked any more. A school that never asked, and everybody but pupils, lack nothing.
    """
    if not membership_id:
        return False
    bound = {"b_person": person_id, "b_client": client_id, "b_membership": membership_id, "today": today}
    return any(_asks_pupils(row[0]) for row in tx.connection.execute(_LACKS, bound))


def asked_at(tx: Tx, scope: Scope, client_id: str) -> list[tuple[str, str]]:
    """(school, purpose) of what the scope's schools ask their pupils before data goes to this client, sorted.

    As in `lacks`, a retired text still says that the data rests on consent.
    """
    query = select(_t.school_id, _t.purpose, _t.contents).where(
        _t.school_id.in_(scope.schools), _t.recipient == client_id, _t.purpose.in_(RELEASING), _IS_NEWEST
    )
    rows = tx.connection.execute(query)
    return sorted({(row[0], row[1]) for row in rows if _asks_pupils(row[2])})


def _asks_pupils(contents: Mapping[str, Any]) -> bool:
    """A text for staff asks no pupil; one that names a law says that none is asked any more."""
    return contents.get("audience") != "staff" and "basis" not in contents


class Withheld(NamedTuple):
    """`at` are (school, person) of pupils without a consent that their school asks for; `people` who is nothing else
    at any school of the scope."""

    at: frozenset[tuple[str, str]]
    people: frozenset[str]


def withheld(
    tx: Tx, scope: Scope, client_id: str, asked: Sequence[tuple[str, str]], people: Collection[str], *, today: date
) -> Withheld:  # fmt: skip
    """Of these people, whose data may not go to the client where `asked` (`asked_at`) is what their schools ask."""
    roles: dict[str, set[tuple[str, str]]] = {}
    held: set[tuple[str, str, str]] = set()
    wanted = sorted(people)
    for group in (wanted[start : start + _GROUP] for start in range(0, len(wanted), _GROUP)):
        query = select(Membership.person_id, Membership.school_id, Membership.role).where(
            Membership.person_id.in_(group), Membership.school_id.in_(scope.schools),
            or_(Membership.end.is_(None), Membership.end > today),
        )  # fmt: skip
        for person_id, school_id, role in tx.connection.execute(query):
            roles.setdefault(person_id, set()).add((str(school_id), role))
        given = select(_r.person_id, _r.school_id, _r.purpose).where(
            _r.person_id.in_(group), _r.school_id.in_(scope.schools), _r.recipient == client_id,
            consent_records.holds(today),
        )  # fmt: skip
        held.update((row[0], row[1], row[2]) for row in tx.connection.execute(given))
    lacks = {
        (school, person)
        for person, held_roles in roles.items()
        for school, purpose in asked
        if (school, "pupil") in held_roles and (person, school, purpose) not in held
    }
    hidden = {
        person
        for person, held_roles in roles.items()
        if all(role == "pupil" and (school, person) in lacks for school, role in held_roles)
    }
    return Withheld(frozenset(lacks), frozenset(hidden))
