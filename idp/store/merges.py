"""Two records of one person become one: what hangs on the merged record moves to the kept one, listed, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from idp.core.scope import Scope
from idp.store.directory import holds
from idp.store.models.cards import Card
from idp.store.models.consents import ConsentRecord
from idp.store.models.invitations import Invitation
from idp.store.models.people import Credential, Enrolment, Guardianship, Membership, Merge, Person, Photo
from idp.store.models.rosters import RosterRecord
from idp.store.models.subject_requests import SubjectRequest
from idp.store.session import Tx

_BOUND_TO_PERSON = ("totp", "passkey", "recovery")
"""Secrets sealed for one person: in another's row they open nothing, so they stay and are set up anew."""
_BLOCK = ("blocked_at", "blocked_by", "block_basis", "blocked_reason")
_STANDING = (
    "school_id", "relation", "basis", "verified_by", "verified_at", "evidence", "begin", "end", "end_reason", "kept_at",
    *_BLOCK,
)  # fmt: skip
"""What a link stands on: every column but whom it ties, and the birthday that follows from the child."""
_COLUMNS: dict[str, tuple[Any, str]] = {
    "memberships": (Membership, "person_id"),
    "enrolments": (Enrolment, "person_id"),
    "children": (Guardianship, "guardian_id"),
    "guardians": (Guardianship, "child_id"),
    "cards": (Card, "person_id"),
    "invitations": (Invitation, "child_id"),
    "consents": (ConsentRecord, "person_id"),
    "signed": (ConsentRecord, "signer_id"),
    "requests": (SubjectRequest, "person_id"),
    "requested": (SubjectRequest, "requester_id"),
    "credentials": (Credential, "person_id"),
}


def _where(model: Any, column: str, person_id: str) -> list[ColumnElement[bool]]:
    """Bound to the person whose rows these are; whoever signed or asked did it about somebody."""
    conditions = [getattr(model, column) == person_id]
    if column in ("signer_id", "requester_id"):
        conditions.append(model.person_id.is_not(None))
    return conditions


def move(tx: Tx, person_id: str, kept_id: str, *, leave: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Moves every row of `person_id` but those in `leave`; returns ids of what moved, by name."""
    moved: dict[str, list[str]] = {}
    for name, (model, column) in _COLUMNS.items():
        query = select(model.id).where(*_where(model, column, person_id))
        ids = [one for one in tx.connection.execute(query).scalars() if one not in leave.get(name, ())]
        _give(tx, name, ids, person_id, kept_id)
        moved[name] = ids
    has_photo = select(Photo.person_id).where(Photo.person_id == kept_id).exists()
    photo = update(Photo).where(Photo.person_id == person_id, ~has_photo).values(person_id=kept_id)
    moved["photos"] = [kept_id] * tx.connection.execute(photo).rowcount
    records = select(RosterRecord.source, RosterRecord.kind, RosterRecord.sourced_id)
    rows = tx.connection.execute(records.where(_is_record_of(person_id))).all()
    tx.connection.execute(update(RosterRecord).where(_is_record_of(person_id)).values(target_id=kept_id))
    moved["records"] = ["\t".join(row) for row in rows]
    return moved


def move_back(tx: Tx, person_id: str, kept_id: str, moved: Mapping[str, Sequence[str]]) -> None:
    """The reverse of `move`, for what is still where it was moved to."""
    for name in _COLUMNS:
        _give(tx, name, list(moved.get(name, ())), kept_id, person_id)
    if moved.get("photos"):
        tx.connection.execute(update(Photo).where(Photo.person_id == kept_id).values(person_id=person_id))
    for source, kind, sourced_id in (record.split("\t") for record in moved.get("records", ())):
        tx.connection.execute(
            update(RosterRecord).values(target_id=person_id).where(
                RosterRecord.source == source, RosterRecord.kind == kind, RosterRecord.sourced_id == sourced_id,
                RosterRecord.target_id == kept_id,
            )
        )  # fmt: skip


def _is_record_of(person_id: str) -> ColumnElement[bool]:
    return and_(RosterRecord.kind.in_(("users", "demographics")), RosterRecord.target_id == person_id)


def _give(tx: Tx, name: str, ids: Sequence[str], person_id: str, other_id: str) -> None:
    model, column = _COLUMNS[name]
    for start in range(0, len(ids), 500):
        query = update(model).where(model.id.in_(ids[start : start + 500]), *_where(model, column, person_id))
        tx.connection.execute(query.values({column: other_id}))


def credentials_to_leave(tx: Tx, person_id: str, kept_id: str) -> list[str]:
    """Credentials of a method that the kept record has too, or that open for their own record only."""
    there = select(Credential.method).where(Credential.person_id == kept_id)
    query = select(Credential.id).where(
        Credential.person_id == person_id, or_(Credential.method.in_(there), Credential.method.in_(_BOUND_TO_PERSON))
    )
    return list(tx.connection.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A child and a guardian linked on both records: the rows as they are, `name` as in `move`."""

    name: str
    merged: Mapping[str, Any]
    kept: Mapping[str, Any]

    @property
    def loses_block(self) -> bool:
        return self.merged["blocked_at"] is not None and self.kept["blocked_at"] is None

    def is_stronger(self, today: date) -> bool:
        """Whether the merged record's link says more than the kept one's: blocked, holds, paused, waits, ended."""
        return _strength(self.merged, today) > _strength(self.kept, today)


def _strength(link: Mapping[str, Any], today: date) -> int:
    if link["blocked_at"] is not None:
        return 4
    if link["end"] is not None and link["end"] <= today:
        return 0
    if link["verified_at"] is None:
        return 1
    is_of_age = link["of_age_on"] is not None and link["of_age_on"] <= today and link["kept_at"] is None
    return 2 if is_of_age or (link["begin"] is not None and link["begin"] > today) else 3


def shared_links(tx: Tx, person_id: str, kept_id: str) -> list[SharedLink]:
    """Guardianships of one record for which the other has the same."""
    found: list[SharedLink] = []
    for name, own, mate in (("children", "guardian_id", "child_id"), ("guardians", "child_id", "guardian_id")):
        of_one, of_kept = ({row[mate]: row for row in _links(tx, own, one)} for one in (person_id, kept_id))
        found += [SharedLink(name, row, of_kept[other]) for other, row in of_one.items() if other in of_kept]
    return found


def _links(tx: Tx, column: str, person_id: str) -> list[Mapping[str, Any]]:
    query = select(Guardianship.__table__).where(getattr(Guardianship, column) == person_id)
    return [dict(row) for row in tx.connection.execute(query.order_by(Guardianship.id)).mappings()]


def are_linked(tx: Tx, person_id: str, other_id: str) -> bool:
    """Whether one is the other's guardian."""
    query = select(Guardianship.id).where(
        or_(
            and_(Guardianship.child_id == person_id, Guardianship.guardian_id == other_id),
            and_(Guardianship.child_id == other_id, Guardianship.guardian_id == person_id),
        )
    )
    return tx.connection.execute(query).first() is not None


def end_links(tx: Tx, person_id: str, links: Sequence[SharedLink], *, today: date) -> list[dict[str, Any]]:
    """Ends the merged record's links that the kept one has too, but those that had ended; returns what they were."""
    was = [link.merged for link in links if link.merged["end"] is None or link.merged["end"] > today]
    _set_links(tx, person_id, [row["id"] for row in was], {"end": today, "end_reason": "merged"})
    return [{"id": row["id"], "end": plain(row["end"]), "end_reason": row["end_reason"]} for row in was]


def reopen_links(tx: Tx, person_id: str, was: Sequence[Mapping[str, Any]]) -> None:
    """The reverse of `end_links`, for what has not been ended anew since."""
    for row in was:
        values = {"end": rich("end", row["end"]), "end_reason": row["end_reason"]}
        _set_links(tx, person_id, [row["id"]], values, Guardianship.end_reason == "merged")


def _set_links(
    tx: Tx, person_id: str, ids: Sequence[str], values: Mapping[str, Any], *only_if: ColumnElement[bool]
) -> None:
    own = or_(Guardianship.child_id == person_id, Guardianship.guardian_id == person_id)
    tx.connection.execute(update(Guardianship).where(Guardianship.id.in_(ids), own, *only_if).values(dict(values)))


def take_over(tx: Tx, person_id: str, links: Sequence[SharedLink], *, today: date) -> list[dict[str, Any]]:
    """Gives the kept record's links the standing of the merged record's where that is stronger; returns what they
    were and what they became.
    """
    changed = [link for link in links if link.is_stronger(today)]
    for link in changed:
        _set_links(tx, person_id, [link.kept["id"]], {name: link.merged[name] for name in _STANDING})
    return [
        {
            "id": link.kept["id"], "was": {name: plain(link.kept[name]) for name in _STANDING},
            "became": {name: plain(link.merged[name]) for name in _STANDING},
        }
        for link in changed
    ]  # fmt: skip


def give_back(tx: Tx, person_id: str, changed: Sequence[Mapping[str, Any]]) -> None:
    """The reverse of `take_over`, for links that nobody has decided about since."""
    columns = [getattr(Guardianship, name) for name in _STANDING]
    either = or_(Guardianship.child_id == person_id, Guardianship.guardian_id == person_id)
    for one in changed:
        query = select(*columns).where(Guardianship.id == one["id"], either)
        row = tx.connection.execute(query).mappings().first()
        if row is not None and {name: plain(row[name]) for name in _STANDING} == one["became"]:
            _set_links(tx, person_id, [one["id"]], {name: rich(name, one["was"][name]) for name in _STANDING})


def share_blocks(tx: Tx, person_id: str, links: Sequence[SharedLink]) -> None:
    """A block that came after two records became one holds for both of them when they are two again."""
    for link in links:
        if link.kept["blocked_at"] is not None and link.merged["blocked_at"] is None:
            _set_links(tx, person_id, [link.merged["id"]], {name: link.kept[name] for name in _BLOCK})


def plain(value: Any) -> Any:
    """Days and moments as text, for JSON."""
    return value.isoformat() if isinstance(value, date) else value


def rich(name: str, value: Any) -> Any:
    """The reverse of `plain`, by the name of the column."""
    if not isinstance(value, str):
        return value
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name in ("begin", "end") else value


def active_card(tx: Tx, person_id: str) -> str:
    query = select(Card.id).where(Card.person_id == person_id, Card.state == "active")
    return str(tx.connection.execute(query).scalar() or "")


def set_card(tx: Tx, person_id: str, card_id: str, state: str, *, before: str, by: str, now: datetime) -> bool:
    """`active` to `returned` and back; False when it was neither."""
    query = update(Card).where(Card.id == card_id, Card.person_id == person_id, Card.state == before)
    reason = "other" if state == "returned" else ""
    values = {"state": state, "reason": reason, "changed_at": now, "changed_by": by}
    return tx.connection.execute(query.values(values)).rowcount == 1


def held_twice(tx: Tx, person_id: str, other_id: str, *, today: date) -> list[tuple[str, date | None]]:
    """Memberships of one record that the other holds too, with their ends: same role at the same school, today."""
    return _twice(tx, Membership, "school_id", person_id, other_id, today)


def enrolled_twice(tx: Tx, person_id: str, other_id: str, *, today: date) -> list[tuple[str, date | None]]:
    """Places in classes that the other record has too, with their ends."""
    return _twice(tx, Enrolment, "class_id", person_id, other_id, today)


def _twice(
    tx: Tx, model: Any, place: str, person_id: str, other_id: str, today: date
) -> list[tuple[str, date | None]]:  # fmt: skip
    one, two = aliased(model), aliased(model)
    query = (
        select(one.id, one.end)
        .join(two, and_(one.role == two.role, getattr(one, place) == getattr(two, place)))
        .where(one.person_id == person_id, two.person_id == other_id)
        .where(or_(one.end.is_(None), one.end > today), or_(two.end.is_(None), two.end > today))
        .distinct()
    )
    return [(row[0], row[1]) for row in tx.connection.execute(query)]


def set_end(tx: Tx, person_id: str, table: str, ids: Sequence[str], end: date | None) -> None:
    """Ends `memberships` or `enrolments`, or opens them again."""
    model = _COLUMNS[table][0]
    tx.connection.execute(update(model).where(model.id.in_(ids), model.person_id == person_id).values(end=end))


def places(tx: Tx, person_id: str) -> dict[str, list[tuple[str, str]]]:
    """(school, id) of what the feed tells of, by its kind."""
    memberships = select(Membership.school_id, Membership.id).where(Membership.person_id == person_id)
    links = select(Guardianship.school_id, Guardianship.id).where(
        or_(Guardianship.child_id == person_id, Guardianship.guardian_id == person_id)
    )
    return {
        "memberships": [(str(row[0] or ""), row[1]) for row in tx.connection.execute(memberships)],
        "guardianships": [(str(row[0]), row[1]) for row in tx.connection.execute(links)],
        "cards": _at(tx, Card, person_id),
        "consents": _at(tx, ConsentRecord, person_id),
    }


def _at(tx: Tx, model: Any, person_id: str) -> list[tuple[str, str]]:
    query = select(model.school_id, model.id).where(model.person_id == person_id)
    return [(row[0], row[1]) for row in tx.connection.execute(query)]


def mark(tx: Tx, person_id: str, kept_id: str, moved: Mapping[str, Any], *, by: str, now: datetime) -> None:
    """The record keeps its row, as merged."""
    values = {"status": "merged", "merged_into_id": kept_id, "updated_at": now}
    tx.connection.execute(update(Person).where(Person.id == person_id).values(values))
    row = {"merged_id": person_id, "kept_id": kept_id, "moved": dict(moved), "merged_by": by, "merged_at": now}
    tx.connection.execute(insert(Merge), row)


def unmark(tx: Tx, person_id: str, status: str, *, now: datetime) -> None:
    values = {"status": status, "merged_into_id": None, "updated_at": now}
    tx.connection.execute(update(Person).where(Person.id == person_id).values(values))
    tx.connection.execute(delete(Merge).where(Merge.merged_id == person_id))


def set_numbers(tx: Tx, rows: Sequence[tuple[str, bytes | None, bytes | None]]) -> None:
    """(person, lookup, sealed), one after the other: a number must leave one record before it is another's."""
    for person_id, lookup, sealed in rows:
        query = update(Person).where(Person.id == person_id)
        tx.connection.execute(query.values(iin_lookup=lookup, iin_sealed=sealed))


def merged(tx: Tx, scope: Scope, kept_id: str) -> list[tuple[str, str, datetime, Mapping[str, Any]]]:
    """(merged record, its username, when, what moved) of what became somebody, newest first."""
    query = (
        select(Merge.merged_id, Person.username, Merge.merged_at, Merge.moved)
        .join(Person, Person.id == Merge.merged_id)
        .where(Merge.kept_id == kept_id)
        .order_by(Merge.merged_at.desc())
    )
    return [(row[0], row[1], row[2], row[3]) for row in tx.connection.execute(query)]


def alike(tx: Tx, scope: Scope, *, today: date, limit: int) -> list[tuple[str, str, str]]:
    """Pairs of people of the scope's schools who may be one: (why, one, other), by `name`, `phone` or `email`.

    The same folded name and birth date, or the same phone or e-mail under the same given name: parents share phones.
    """
    here = (
        select(Membership.person_id)
        .where(Membership.school_id.in_(scope.schools), holds(Membership, today))
        .distinct()
        .subquery()
    )
    one, two = aliased(Person), aliased(Person)
    found: list[tuple[str, str, str]] = []
    same: tuple[tuple[str, list[ColumnElement[bool]]], ...] = (
        ("name", [one.search_key == two.search_key, one.birth_date == two.birth_date]),
        ("phone", [one.phone == two.phone, one.phone != "", _first_name(one) == _first_name(two)]),
        ("email", [one.email == two.email, one.email != "", _first_name(one) == _first_name(two)]),
    )
    for why, conditions in same:
        query = (
            select(one.id, two.id)
            .join(two, and_(one.id < two.id, *conditions))
            .where(one.id.in_(select(here.c.person_id)), two.id.in_(select(here.c.person_id)))
            .where(one.status == "active", two.status == "active")
            .order_by(one.sort_key, one.id, two.id)
            .limit(limit)
        )
        found += [(why, row[0], row[1]) for row in tx.connection.execute(query)]
    return found


def _first_name(person: Any) -> ColumnElement[str]:
    return func.lower(person.given_name)
