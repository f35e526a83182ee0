"""Taking a person out of the tables in place: what is about them goes, the row stays, so traces keep their meaning.

What the law keeps stays and is restricted (Law № 94-V art. 18; Digital Code art. 41): by id the audit trail; consents'
proofs and signed documents with the names that stand in them, for a document without its names proves nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, update

from idp.core.scope import Scope
from idp.store.directory import holds
from idp.store.models.cards import Card
from idp.store.models.invitations import Invitation
from idp.store.models.people import (
    Credential,
    Enrolment,
    Guardianship,
    Membership,
    Merge,
    Person,
    PersonWord,
    Photo,
)
from idp.store.models.rosters import ImportChange, RosterRecord
from idp.store.models.saml import SamlParticipant
from idp.store.models.sessions import LoginSession, OneTimeValue
from idp.store.models.signing import PhoneErrand, SigningRequest
from idp.store.models.subject_requests import Breach, BreachPerson, SubjectRequest
from idp.store.session import Tx


def same_person(tx: Tx, person_id: str) -> list[str]:
    """The record and every record merged into it, whatever the number of steps."""
    found = [person_id]
    for one in found:
        rows = tx.connection.execute(select(Merge.merged_id).where(Merge.kept_id == one)).scalars()
        found += [row for row in rows if row not in found]
    return found


def memberships_today(tx: Tx, person_id: str, *, today: date) -> list[tuple[str, str, str]]:
    """(id, school, role) of what somebody holds at schools today."""
    query = select(Membership.id, Membership.school_id, Membership.role).where(
        Membership.person_id == person_id, Membership.school_id.is_not(None), holds(Membership, today)
    )
    return [(row[0], str(row[1]), row[2]) for row in tx.connection.execute(query)]


def schools(tx: Tx, person_id: str) -> list[str]:
    """Every school that ever had somebody: whose readers must hear of a change."""
    query = select(Membership.school_id).where(Membership.person_id == person_id, Membership.school_id.is_not(None))
    linked = select(Guardianship.school_id).where(
        or_(Guardianship.child_id == person_id, Guardianship.guardian_id == person_id)
    )
    return sorted(str(row) for row in tx.connection.execute(query.union(linked)).scalars())


def restrict(tx: Tx, person_id: str, *, at: datetime | None, now: datetime) -> None:
    """Blocks processing since `at`, or lets it go on with None."""
    tx.connection.execute(update(Person).where(Person.id == person_id).values(restricted_at=at, updated_at=now))


def empty_person(tx: Tx, person_id: str, *, now: datetime) -> None:
    """Names, contacts, numbers and dates go; the id stays. Nobody can sign in with the row, and nothing is released."""
    gone = dict.fromkeys(
        ("family_name", "given_name", "middle_name", "sort_key", "search_key", "sex", "email", "phone"), ""
    )
    values: dict[str, Any] = {
        **gone, "username": f"erased-{person_id}", "birth_date": None, "iin_sealed": None, "iin_lookup": None,
        "email_verified": False, "phone_verified": False, "claims": {}, "status": "erased", "restricted_at": now,
        "updated_at": now,
    }  # fmt: skip
    tx.connection.execute(update(Person).where(Person.id == person_id).values(**values))


def remove_rows(tx: Tx, person_id: str, *, now: datetime) -> None:
    """What is only about the person, or would bring them back: words, photo, credentials, what imports remember."""
    for table in (PersonWord, Photo, Credential):
        tx.connection.execute(delete(table).where(table.person_id == person_id))
    tx.connection.execute(delete(RosterRecord).where(RosterRecord.target_id == person_id))
    tx.connection.execute(delete(ImportChange).where(ImportChange.row_id == person_id))
    tx.connection.execute(update(LoginSession).where(LoginSession.person_id == person_id).values(browser=""))
    tx.connection.execute(delete(SamlParticipant).where(SamlParticipant.person_id == person_id))
    _remove_questions(tx, person_id)
    revoked = update(Invitation).where(Invitation.child_id == person_id, Invitation.revoked_at.is_(None))
    tx.connection.execute(revoked.values(revoked_at=now))


def _remove_questions(tx: Tx, person_id: str) -> None:
    """Texts of consent that were put to somebody, with names in them, and that nobody signed or answered."""
    asked = SigningRequest.signers["about"]
    named = or_(asked["person"].as_string() == person_id, asked["signer"].as_string() == person_id)
    unsigned = select(SigningRequest.id).where(SigningRequest.state != "signed", named)
    tx.connection.execute(delete(PhoneErrand).where(PhoneErrand.request_id.in_(unsigned)))
    tx.connection.execute(delete(SigningRequest).where(SigningRequest.id.in_(unsigned)))
    kept = OneTimeValue.data
    named = or_(kept["person"].as_string() == person_id, kept["signer"].as_string() == person_id)
    tx.connection.execute(delete(OneTimeValue).where(OneTimeValue.purpose == "consent_kdp", named))


def end_ties(tx: Tx, person_id: str, *, by: str, today: date, now: datetime) -> list[tuple[str, str, str]]:
    """Ends memberships, enrolments, links and cards today and empties what they say in words.

    Returns (kind of the feed, school, record).
    """
    ended: list[tuple[str, str, str]] = []
    for table in (Membership, Enrolment):
        open_ = and_(table.person_id == person_id, or_(table.end.is_(None), table.end > today))
        rows = tx.connection.execute(select(table.school_id, table.id).where(open_, table.school_id.is_not(None)))
        ended += [("memberships", str(row[0]), row[1]) for row in rows]
        tx.connection.execute(update(table).where(open_).values(end=today))
    link = or_(Guardianship.child_id == person_id, Guardianship.guardian_id == person_id)
    rows = tx.connection.execute(select(Guardianship.school_id, Guardianship.id).where(link))
    ended += [("guardianships", str(row[0]), row[1]) for row in rows]
    still = and_(link, or_(Guardianship.end.is_(None), Guardianship.end > today))
    tx.connection.execute(update(Guardianship).where(still).values(end=today, end_reason="erased"))
    tx.connection.execute(update(Guardianship).where(link).values(basis="", evidence={}, blocked_reason=""))
    held = and_(Card.person_id == person_id, Card.state.in_(("active", "blocked")))
    rows = tx.connection.execute(select(Card.school_id, Card.id).where(held))
    ended += [("cards", str(row[0]), row[1]) for row in rows]
    closed = {"state": "returned", "reason": "left", "changed_at": now, "changed_by": by}
    tx.connection.execute(update(Card).where(held).values(**closed))
    tx.connection.execute(
        update(Card).where(Card.person_id == person_id).values(number_hash=b"", short_hash=None, number_hint="")
    )
    return ended


def is_held() -> ColumnElement[bool]:
    """What keeps a term from destroying `Person`: blocked processing, a request that waits, a breach still open.

    That is our legal hold: while somebody's claim is looked into, nothing of the evidence goes.
    """
    asked = select(SubjectRequest.id).where(SubjectRequest.person_id == Person.id, SubjectRequest.state == "open")
    breached = (
        select(Breach.id)
        .join(BreachPerson, BreachPerson.breach_id == Breach.id)
        .where(BreachPerson.person_id == Person.id, Breach.closed_at.is_(None))
    )
    return or_(Person.restricted_at.is_not(None), asked.exists(), breached.exists())


def is_over(before: datetime, today: date) -> ColumnElement[bool]:
    """Ended since `before`, with no role at a school, no child who still learns, and nothing that holds."""
    role = select(Membership.id).where(
        Membership.person_id == Person.id, or_(Membership.end.is_(None), Membership.end > today)
    )
    child = select(Guardianship.id).where(
        Guardianship.guardian_id == Person.id, or_(Guardianship.end.is_(None), Guardianship.end > today)
    )
    is_ended = and_(Person.status == "ended", Person.updated_at <= before)
    return and_(is_ended, ~role.exists(), ~child.exists(), ~is_held())


def due(tx: Tx, scope: Scope, *, before: datetime, today: date, limit: int) -> list[str]:
    """Whom the term is over for. For the operator alone: a person belongs to no single school."""
    condition = is_over(before, today) if scope.role == "operator" else false()
    return list(tx.connection.execute(select(Person.id).where(condition).order_by(Person.id).limit(limit)).scalars())
