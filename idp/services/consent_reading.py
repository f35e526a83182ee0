"""What people and schools see of consents: what is asked, what was answered, and the proof of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from idp.core.calendar import WorkingDays
from idp.core.clock import Clock, local_date
from idp.core.errors import BilimError, NotFound
from idp.core.scope import Scope
from idp.services import consent_contents, consent_signers
from idp.services import scope as scopes
from idp.services.consent_document import language_of, written
from idp.services.consent_seal import Seals, plain
from idp.services.consent_signers import Standing
from idp.services.listing import Asked, Found
from idp.services.school_days import SchoolDays
from idp.store import consent_lists, consent_people, consent_records, consent_texts, directory, guardianships, signing
from idp.store.consent_lists import STATES, AnswerRow, Sieve
from idp.store.consent_people import SubjectRow
from idp.store.consent_records import RecordRow
from idp.store.consent_texts import TextRow
from idp.store.session import Tx, UnitOfWork

__all__ = ["STATES", "About", "ConsentReading", "Evidence", "Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """One text that is asked about somebody, with the latest answer; `may` is `sign`, `acknowledge` or `read`."""

    text: TextRow
    record: RecordRow | None
    state: str
    may: str

    @property
    def is_waiting(self) -> bool:
        """Something is left to do here for who looks."""
        is_open = self.state in ("missing", "expired", "renewed")
        return (is_open and self.may == "sign") or self.may == "acknowledge"


@dataclass(frozen=True, slots=True)
class About:
    """Somebody whose consents the reader may see, at one school."""

    person_id: str
    name: str
    is_self: bool
    school_id: str
    school: str
    items: Sequence[Item]
    history: Sequence[RecordRow]

    @property
    def waiting(self) -> int:
        return sum(item.is_waiting for item in self.items)

    @property
    def by_law(self) -> list[RecordRow]:
        """Latest answers that are no longer needed: a law is the school's basis now, and nothing is asked."""
        latest: dict[tuple[str, str], RecordRow] = {}
        for row in self.history:
            latest.setdefault((row.purpose, row.recipient), row)
        asked = {(item.text.purpose, item.text.recipient) for item in self.items}
        return [row for key, row in latest.items() if key not in asked and row.proof.get("ended") == "other_basis"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One answer with everything that proves it: the text as it was, and whether the seal holds."""

    record: RecordRow
    text: TextRow
    is_whole: bool
    document: str
    signer_name: str
    person_name: str
    may: str = "read"

    def as_json(self) -> dict[str, Any]:
        """For downloading; shapes as in `docs/how-to/consents.md`."""
        row = {
            name: plain(value)
            for name, value in self.record._asdict().items()
            if name not in ("seal", "version", "title", "text_sha256")
        }
        text = self.text
        asked = {
            "purpose": text.purpose, "recipient": text.recipient, "version": text.version, "title": dict(text.title),
            "body": dict(text.body), "contents": dict(text.contents), "sha256": text.sha256,
        }  # fmt: skip
        seal = {"algorithm": "HMAC-SHA256", "value": self.record.seal.hex(), "holds": self.is_whole}
        return {"record": row, "text": asked, "document": self.document, "seal": seal}


@dataclass(frozen=True, slots=True)
class Clocked:
    """A withdrawal that waits for the school; `days_left` in working days, negative when late."""

    record: RecordRow
    name: str
    days_left: int


class ConsentReading:
    def __init__(self, uow: UnitOfWork, clock: Clock, seals: Seals, days: SchoolDays) -> None:
        self._uow = uow
        self._clock = clock
        self._seals = seals
        self._days = days

    def everybody(self, reader_id: str, *, language: str = "kk") -> list[About]:
        """The reader and every child whose link holds now, at each school where something is asked or was answered."""
        with self._uow.read() as tx:
            children = guardianships.children(tx, reader_id, today=self._today)
            own = [reader_id, *(one.person_id for one in children if one.may_act)]
            return [about for person_id in own for about in self._about(tx, person_id, reader_id, language)]

    def about(self, reader_id: str, person_id: str, *, language: str = "kk") -> list[About]:
        """The same for one person. Raises NotFound for a stranger and for the child of a link that does not hold."""
        with self._uow.read() as tx:
            self._check(tx, reader_id, person_id)
            return self._about(tx, person_id, reader_id, language)

    def waiting(self, reader_id: str) -> int:
        """How many answers are asked of this person now."""
        return sum(about.waiting for about in self.everybody(reader_id))

    def item(self, reader_id: str, person_id: str, text_id: str, *, language: str = "kk") -> tuple[About, Item]:
        """One text that is asked now. Raises NotFound."""
        for about in self.about(reader_id, person_id, language=language):
            for item in about.items:
                if item.text.id == text_id:
                    return about, item
        raise NotFound("no such text")

    def evidence(self, reader_id: str, person_id: str, record_id: str) -> Evidence:
        """One answer for the person or a guardian. Raises NotFound."""
        with self._uow.read() as tx:
            self._check(tx, reader_id, person_id)
            rows = consent_records.of_person(tx, person_id, today=self._today, record_id=record_id)
            return self._evidence(tx, rows, reader_id)

    def of_school(self, scope: Scope, school_id: str, record_id: str) -> Evidence:
        """One answer for the school that asked. Raises NotFound beyond the scope, its classes included."""
        with self._uow.read() as tx:
            rows = consent_records.in_schools(tx, scope, [record_id], today=self._today)
            rows = [row for row in rows if row.school_id == school_id and self._reaches(tx, scope, row.person_id)]
            return self._evidence(tx, rows, "")

    def person(self, scope: Scope, school_id: str, person_id: str) -> tuple[list[Item], list[RecordRow]]:
        """What one person is asked at a school, and every answer there. Raises NotFound beyond the scope."""
        with self._uow.read() as tx:
            if not self._reaches(tx, scope, person_id):
                raise NotFound("no such person")
            person = consent_people.subject(tx, person_id)
            rows = consent_records.of_person(tx, person_id, today=self._today)
            rows = [row for row in rows if row.school_id == school_id]
            if person is None:
                return [], rows
            here = [
                one for one in consent_signers.standings(tx, person, today=self._today) if one.school_id == school_id
            ]
            return [item for one in here for item in self._items(tx, one, rows, "")], rows

    def guardians(self, scope: Scope, person_id: str) -> list[Mapping[str, Any]]:
        """`person_id name relation holds is_blocked` of who is linked to a child within the scope: for papers."""
        with self._uow.read() as tx:
            if not self._reaches(tx, scope, person_id):
                raise NotFound("no such person")
            return consent_people.guardians(tx, person_id, today=self._today)

    def is_adult(self, person_id: str, school_id: str) -> bool:
        """Whether somebody at a school answers alone; False for who is not there."""
        with self._uow.read() as tx:
            person = consent_people.subject(tx, person_id)
            here = consent_signers.standings(tx, person, today=self._today) if person else []
        return any(one.is_adult for one in here if one.school_id == school_id)

    def listing(self, scope: Scope, text: TextRow, asked: Asked) -> Found[AnswerRow]:
        """`asked.filters` may hold `class` (an id) and `state`."""
        sieve = _sieve(asked)
        with self._uow.read() as tx:
            rows, total = consent_lists.page(
                tx, scope, text, sieve, today=self._today, limit=asked.per_page, offset=asked.offset
            )
        return Found(rows, total, asked)

    def export(self, scope: Scope, text: TextRow, asked: Asked) -> list[AnswerRow]:
        """Every row that the list has."""
        with self._uow.read() as tx:
            return consent_lists.everybody(tx, scope, text, _sieve(asked), today=self._today)

    def homerooms(self, scope: Scope) -> list[tuple[str, str]]:
        with self._uow.read() as tx:
            return consent_lists.homerooms(tx, scope)

    def withdrawals(self, scope: Scope) -> list[Clocked]:
        """The inbox: withdrawals without an answer, the most urgent first. A class teacher has none."""
        if scope.classes is not None:
            return []
        with self._uow.read() as tx:
            rows = consent_records.withdrawn(tx, scope, today=self._today)
            names = consent_lists.names(tx, [row.person_id for row in rows])
            days = {school: self._days.working_days(tx, school) for school in {row.school_id for row in rows}}
        return [
            Clocked(row, names.get(row.person_id, ""), _days_left(days[row.school_id], self._today, row.stop_by))
            for row in rows
            if row.stop_by is not None
        ]

    def count_withdrawals(self, scope: Scope) -> tuple[int, int]:
        """How many wait for the school, and how many of them are late."""
        with self._uow.read() as tx:
            return consent_records.count_withdrawn(tx, scope, today=self._today)

    @property
    def _today(self) -> date:
        return local_date(self._clock.now())

    def _check(self, tx: Tx, reader_id: str, person_id: str) -> None:
        if not consent_signers.may_read(tx, person_id, reader_id, today=self._today):
            raise NotFound("no such person")

    def _reaches(self, tx: Tx, scope: Scope, person_id: str) -> bool:
        day = self._today if scope.classes is not None else None
        return directory.within(tx, scope, person_id, today=day)

    def _about(self, tx: Tx, person_id: str, reader_id: str, language: str) -> list[About]:
        person = consent_people.subject(tx, person_id)
        if person is None:
            return []
        rows = consent_records.of_person(tx, person_id, today=self._today)
        here = {one.school_id: one for one in consent_signers.standings(tx, person, today=self._today)}
        found = []
        for school_id in dict.fromkeys([*here, *(row.school_id for row in rows)]):
            own = [row for row in rows if row.school_id == school_id]
            items = self._items(tx, here[school_id], own, reader_id) if school_id in here else []
            if items or own:
                school = _school(tx, school_id, language)
                found.append(About(person_id, person.name, person_id == reader_id, school_id, school, items, own))
        return found

    def _items(self, tx: Tx, subject: Standing, rows: Sequence[RecordRow], reader_id: str) -> list[Item]:
        scope = scopes.of_operator((subject.school_id,))
        texts = consent_texts.of_schools(tx, scope, current=True)
        can_sign = bool(reader_id) and self._can_sign(tx, subject, reader_id)
        items = []
        for text in texts:
            if not subject.is_asked(text):
                continue
            record = _latest(rows, text)
            may = "sign" if can_sign else "read"
            if not can_sign and reader_id == subject.person.id and _is_unacknowledged(subject, record):
                may = "acknowledge"
            items.append(Item(text, record, _state(text, record), may))
        return items

    def _can_sign(self, tx: Tx, subject: Standing, reader_id: str) -> bool:
        try:
            consent_signers.signer(tx, subject, reader_id, today=self._today)
        except BilimError:
            return False
        return True

    def _evidence(self, tx: Tx, rows: Sequence[RecordRow], reader_id: str) -> Evidence:
        if not rows:
            raise NotFound("no such consent")
        row = rows[0]
        text = consent_texts.one(tx, scopes.of_operator((row.school_id,)), row.text_id)
        assert text is not None
        known = [str(row.proof.get(name, "")) for name in ("person", "signer")]
        merged = consent_records.merged_into(tx, [one for one in known if one])
        person_name, signer_name = str(row.proof.get("person_name", "")), str(row.proof.get("signer_name", ""))
        document = _document(tx, row, text)
        may = "read"
        person = consent_people.subject(tx, row.person_id)
        if person is not None and reader_id:
            subject = self._standing(tx, person, row)
            if self._can_sign(tx, subject, reader_id):
                may = "sign"
            elif reader_id == row.person_id and _is_unacknowledged(subject, row):
                may = "acknowledge"
        is_whole = self._seals.holds(row, merged) and text.sha256 == row.text_sha256 and _is_same(text)
        if row.channel == "eds" and hashlib.sha256(document.encode()).hexdigest() != row.proof.get("sha256"):
            is_whole = False
        return Evidence(row, text, is_whole, document, signer_name, person_name, may)

    def _standing(self, tx: Tx, person: SubjectRow, row: RecordRow) -> Standing:
        for one in consent_signers.standings(tx, person, today=self._today):
            if one.school_id == row.school_id:
                return one
        return consent_signers.left(person, row.school_id, row.relation, today=self._today)


def _days_left(days: WorkingDays, today: date, due: date) -> int:
    """Working days; below zero from the day after the last one, also when that is a day off."""
    return days.between(today, due) or (0 if today <= due else -1)


def _document(tx: Tx, row: RecordRow, text: TextRow) -> str:
    """What the signer had before them: with an ЭЦҚ the very document that was signed, else written once more."""
    if row.channel == "eds" and row.proof.get("request"):
        return signing.document(tx, str(row.proof["request"])).decode()
    until = row.proof.get("until")
    return written(
        text, language_of(row.language), subject=str(row.proof.get("person_name", "")),
        signer=str(row.proof.get("signer_name", "")), relation=row.relation,
        until=date.fromisoformat(until) if until else None,
    )  # fmt: skip


def _sieve(asked: Asked) -> Sieve:
    class_id = asked.filters.get("class", "")
    return Sieve(asked.words, asked.filters.get("state", ""), (class_id,) if class_id else ())


def _latest(rows: Sequence[RecordRow], text: TextRow) -> RecordRow | None:
    """`rows` are newest first."""
    same = (row for row in rows if (row.purpose, row.recipient) == (text.purpose, text.recipient))
    return next(same, None)


def _state(text: TextRow, record: RecordRow | None) -> str:
    """As `consent_lists` has it, and `renewed` while an older version holds and the new one waits for an answer."""
    if record is None or (record.state == "declined" and record.version < text.version):
        return "missing"
    return "renewed" if record.state == "given" and record.version < text.version else record.state


def _is_unacknowledged(subject: Standing, record: RecordRow | None) -> bool:
    return (
        subject.acknowledges and record is not None and record.state == "given" and record.acknowledged_at is None
    )  # fmt: skip


def _is_same(text: TextRow) -> bool:
    return text.sha256 == consent_contents.digest(
        text.purpose, text.recipient, text.title, text.body, text.contents
    )  # fmt: skip


def _school(tx: Tx, school_id: str, language: str) -> str:
    found = consent_texts.school(tx, scopes.of_operator((school_id,)), school_id)
    assert found is not None
    return str((found["name_ru"] if language == "ru" else "") or found["name"])
