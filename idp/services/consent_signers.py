"""Who may answer for whom: by age, by link, by what somebody is at the school (order-456 reference F1, F2).

Under 14 a guardian; from 14 to 17 a guardian, and the pupil acknowledges; from 18 the person alone. Staff for
themselves. A pupil whose date of birth nobody knows counts as a child.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from idp.core import levels
from idp.core.calendar import OF_AGE, age, years_after
from idp.core.errors import Conflict, Denied, NotFound
from idp.services.acting import StepUp
from idp.services.rights import RECENT
from idp.store import consent_people
from idp.store.consent_people import SubjectRow
from idp.store.consent_texts import TextRow
from idp.store.session import Tx

ACKNOWLEDGES = 14
SELF = "self"


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody at the account, how surely known and since when; `language` is what they read."""

    person_id: str
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    session_id: str = ""
    language: str = "kk"

    def check_strength(self, now: datetime) -> None:
        """A consent needs more than a password, proved lately (Digital Code art. 46(4), 47). Raises StepUp."""
        if not levels.satisfies(self.acr, (levels.MFA,)) or now - self.auth_time > RECENT:
            raise StepUp(levels.MFA)

    def check_notice(self, now: datetime) -> None:
        """Taking back is a notice at any time (Law № 94-V art. 8(2)): a password, proved lately. Raises StepUp.

        Asking for more than was needed to sign in would keep data flowing that nobody wants to give.
        """
        if not levels.satisfies(self.acr, (levels.PASSWORD,)) or now - self.auth_time > RECENT:
            raise StepUp(levels.PASSWORD)

    @property
    def is_strong(self) -> bool:
        return levels.satisfies(self.acr, (levels.MFA,))


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody at one school today; `leaves_on` is the first day they are no longer there."""

    person: SubjectRow
    school_id: str
    is_pupil: bool
    leaves_on: date | None
    years: int | None

    @property
    def is_adult(self) -> bool:
        return self.years >= OF_AGE if self.years is not None else not self.is_pupil

    @property
    def acknowledges(self) -> bool:
        """A pupil who is told, and whose word is kept beside the guardian's."""
        return self.years is not None and ACKNOWLEDGES <= self.years < OF_AGE

    def is_asked(self, text: TextRow) -> bool:
        """A text asks pupils, staff or both."""
        wanted = {"pupils": (True,), "staff": (False,)}.get(str(text.contents.get("audience")), (True, False))
        return text.school_id == self.school_id and self.is_pupil in wanted


def standings(tx: Tx, person: SubjectRow, *, today: date) -> list[Standing]:
    """What somebody is at each school: a pupil there, or staff. Being a guardian is no standing of one's own."""
    years = age(person.birth_date, today) if person.birth_date else None
    found: dict[str, Standing] = {}
    for school_id, role, end in consent_people.memberships(tx, person.id, today=today):
        if role == "guardian":
            continue
        known = found.get(school_id)
        is_pupil = role == "pupil" or (known is not None and known.is_pupil)
        # Of two roles the one that lasts longer says when the school is left.
        leaves_on = end if known is None or (end and known.leaves_on and end > known.leaves_on) else known.leaves_on
        found[school_id] = Standing(person, school_id, is_pupil, None if end is None else leaves_on, years)
    return list(found.values())


def standing(tx: Tx, person_id: str, school_id: str, *, today: date, lock: bool = False) -> Standing:
    """Raises NotFound for who is not at the school now."""
    person = consent_people.subject(tx, person_id, lock=lock)
    if person is not None and person.status == "active":
        for one in standings(tx, person, today=today):
            if one.school_id == school_id:
                return one
    raise NotFound("no such person at this school")


def left(person: SubjectRow, school_id: str, relation: str, *, today: date) -> Standing:
    """Who is no longer at the school: what was given there is still theirs, or their guardian's, to take back."""
    years = age(person.birth_date, today) if person.birth_date else None
    return Standing(person, school_id, relation != SELF, today, years)


def signer(tx: Tx, subject: Standing, signer_id: str, *, today: date) -> str:
    """In which capacity somebody may answer: `self`, or the relation of a guardian whose link holds now.

    Raises NotFound for a stranger and for a guardian whose link is blocked or over; Denied `consent_under_age` for a
    pupil who is to be spoken for, `consent_of_age` for the guardian of somebody of age.
    """
    if signer_id == subject.person.id:
        if not subject.is_adult:
            raise Denied("a guardian answers for who is under age", code="consent_under_age")
        return SELF
    relation = consent_people.relation(tx, signer_id, subject.person.id, today=today)
    if not relation or not subject.is_pupil:
        raise NotFound("no such person")
    if subject.is_adult:
        raise Denied("who is of age answers alone", code="consent_of_age")
    return relation


def may_read(tx: Tx, person_id: str, reader_id: str, *, today: date) -> bool:
    """One's own, and a child's while the link holds and the child is not of age."""
    return person_id == reader_id or consent_people.acts_for(tx, reader_id, person_id, today=today)


def expires_on(text: TextRow, subject: Standing, relation: str, given_on: date) -> date | None:
    """The first day a consent of a day no longer holds: its term, leaving school, the day a child comes of age."""
    ends = [subject.leaves_on]
    days = text.contents.get("term_days")
    if days:
        ends.append(given_on + timedelta(days=int(days)))
    if relation != SELF and subject.person.birth_date:
        ends.append(years_after(subject.person.birth_date, OF_AGE))
    known = [end for end in ends if end is not None]
    return min(known) if known else None


def check_nameable(subject: Standing) -> None:
    """Art. 8(4) wants the subject's full name; whoever has only one name is named by it (F10).

    Raises Conflict `consent_without_name`.
    """
    if not subject.person.name:
        raise Conflict("the subject has no name", code="consent_without_name")
