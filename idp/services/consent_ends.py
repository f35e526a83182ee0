"""How consents end without anybody's withdrawal: their term, leaving the school, a newer text that asks for more.

With what depends on them: a client to which data went loses its tokens in the same transaction, modules read the end in
the feed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from idp.core.clock import LOCAL, Clock, local_date
from idp.core.scope import Scope
from idp.services import consent_signers
from idp.services import scope as scopes
from idp.services.consent_seal import Seals
from idp.services.guardian_acts import settle_age
from idp.store import audit, consent_people, consent_records, consent_texts, feed, grants
from idp.store.consent_records import RecordRow
from idp.store.models.consents import RELEASING
from idp.store.session import Tx, UnitOfWork

KIND = "consents"


class Ends:
    def __init__(self, seals: Seals) -> None:
        self._seals = seals

    def leavers(self, tx: Tx, school_id: str, person_ids: Sequence[str], today: date, *, now: datetime) -> int:
        """People have left a school: what was consented to there ends (order-456 reference D4)."""
        if not person_ids:
            return 0
        scope = scopes.of_operator((school_id,))
        rows = consent_records.held(tx, scope, today=today, people=person_ids)
        return self.end(tx, rows, "left", now=now)

    def of_purpose(self, tx: Tx, scope: Scope, purpose: str, recipient: str, *, now: datetime) -> int:
        """A newer text asks for more: what was given to older ones no longer suffices."""
        rows = consent_records.held(tx, scope, today=local_date(now), purpose=purpose, recipient=recipient)
        return self.end(tx, rows, "wider_text", now=now)

    def of_law(
        self, tx: Tx, scope: Scope, purpose: str, recipient: str, basis: Mapping[str, str], *, now: datetime
    ) -> int:
        """A law is the basis from now on: what was given is no longer needed, and says so to who gave it."""
        rows = consent_records.held(tx, scope, today=local_date(now), purpose=purpose, recipient=recipient)
        return self.end(tx, rows, "other_basis", now=now, basis=dict(basis))

    def of_tokens(self, tx: Tx, scope: Scope, client_id: str, *, now: datetime) -> None:
        """A school asks from now on for what goes to a client: its pupils sign in there anew, with a consent."""
        for school_id in scope.schools:
            grants.revoke_pupils(tx, scopes.of_operator((school_id,)), client_id, now=now)

    def rebound(self, tx: Tx, person_id: str, *, now: datetime) -> None:
        """A date of birth was corrected: links and what guardians consented to end on the right 18th birthday, and
        what somebody said alone who is under age ends now. What has ended does not come back: it is asked again.
        """
        today = local_date(now)
        settle_age(tx, person_id, now=now, today=today)
        person = consent_people.subject(tx, person_id)
        standings = consent_signers.standings(tx, person, today=today) if person else []
        at = {one.school_id: one for one in standings}
        over: list[RecordRow] = []
        moved: list[RecordRow] = []
        for row in consent_records.of_person(tx, person_id, today=today, lock=True):
            subject = at.get(row.school_id)
            text = consent_texts.one(tx, scopes.of_operator((row.school_id,)), row.text_id)
            if row.state != "given" or subject is None or text is None:
                continue
            until = consent_signers.expires_on(text, subject, row.relation, _given_on(row))
            is_childs = row.relation == consent_signers.SELF and not subject.is_adult
            if is_childs or (until is not None and until <= today):
                over.append(row)
            elif until != row.expires_on:
                moved.append(self._seals.changed(row, expires_on=until))
        for row in moved:
            consent_records.save(tx, person_id, row)
        feed.append(tx, KIND, "changed", [(row.school_id, row.id) for row in moved], now=now)
        self.end(tx, over, "birth_date", now=now)

    def end(self, tx: Tx, rows: Sequence[RecordRow], why: str, *, now: datetime, **said: Any) -> int:
        """These consents hold no longer, from now; those whose term is over, from the midnight when it was.

        The proof keeps `why`, and what is `said` beside it.
        """
        ended = [
            self._seals.changed(row, proof=dict(row.proof) | {"ended": why, **said}, **_end(row, now)) for row in rows
        ]
        for row in ended:
            consent_records.save(tx, row.person_id, row)
            audit.record(
                tx,
                event="data_consent_ended",
                now=now,
                actor_id="system",
                person_id=row.person_id,
                client_id=row.recipient,
                school_id=row.school_id,
                data={"record": row.id, "purpose": row.purpose, "why": why},
            )
        feed.append(tx, KIND, "ended", [(row.school_id, row.id) for row in ended], now=now)
        revoke(tx, ended, now=now)
        return len(ended)


def _given_on(row: RecordRow) -> date:
    """The day from which a term counts: the one on a paper, else when it was given here."""
    said = row.proof.get("date") if row.channel == "paper" else None
    return date.fromisoformat(str(said)) if said else local_date(row.given_at)


def _end(row: RecordRow, now: datetime) -> dict[str, Any]:
    today = local_date(now)
    if row.expires_on is not None and row.expires_on <= today:
        return {"stopped_at": datetime.combine(row.expires_on, time.min, LOCAL)}
    return {"expires_on": today, "stopped_at": now}


def revoke(tx: Tx, rows: Sequence[RecordRow], *, now: datetime) -> None:
    """What we control stops at once: grants of clients to which the data went."""
    people: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.recipient and row.purpose in RELEASING:
            people[row.recipient].append(row.person_id)
    for client_id, person_ids in people.items():
        for person_id in person_ids:
            grants.revoke_client(tx, person_id, client_id, now=now)


class ConsentExpiry:
    """The job: ends what has run out, and what belongs to people who have left by whatever way."""

    def __init__(self, uow: UnitOfWork, clock: Clock, ends: Ends) -> None:
        self._uow = uow
        self._clock = clock
        self._ends = ends

    def __call__(self) -> int:
        now = self._clock.now()
        today, ended = local_date(now), 0
        with self._uow.read() as tx:
            schools = consent_records.schools_with(tx)
        for school_id in schools:
            scope = scopes.of_operator((school_id,))
            with self._uow.write() as tx:
                ended += self._ends.end(tx, consent_records.run_out(tx, scope, today=today), "term", now=now)
                ended += self._ends.end(tx, consent_records.of_leavers(tx, scope, today=today), "left", now=now)
        return ended
