"""How an answer gets into its table: sealed, with its trace and its line in the feed, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.services import consent_questions
from idp.services import scope as scopes
from idp.services.consent_channels import Question
from idp.services.consent_ends import KIND, Ends
from idp.services.consent_seal import Seals
from idp.store import audit, consent_records, feed
from idp.store.consent_records import RecordRow
from idp.store.session import Tx

_JOINED = ("version", "text_sha256", "title", "state")


class Writing:
    def __init__(self, seals: Seals, clock: Clock) -> None:
        self._seals = seals
        self._clock = clock
        self._ends = Ends(seals)

    def once(
        self, tx: Tx, question: Question, channel: str, proof: Mapping[str, Any], *, actor_id: str = ""
    ) -> str:  # fmt: skip
        """A yes, unless the very same text holds already: then that record's id. Consents to older texts end, for what
        is given now replaces them."""
        rows = [row for row in consent_questions.answers(tx, question) if row.state == "given"]
        for row in rows:
            if row.text_id == question.text.id:
                return row.id
        self._ends.end(tx, rows, "replaced", now=question.at)
        return self.add(tx, question, channel, proof, actor_id=actor_id)

    def add(
        self, tx: Tx, question: Question, channel: str, proof: Mapping[str, Any], *, answer: str = "given",
        actor_id: str = "",
    ) -> str:  # fmt: skip
        """A new answer; returns its id. `actor_id` is who entered it when that is not the signer."""
        text, now, person = question.text, question.at, question.subject.person
        whole = question.shown | dict(proof) | {"person": person.id, "signer": question.signer_id}
        row = RecordRow(
            id=new_id(), school_id=text.school_id, text_id=text.id, purpose=text.purpose, recipient=text.recipient,
            person_id=person.id, signer_id=question.signer_id or None, relation=question.relation, channel=channel,
            language=question.language, answer=answer, proof=whole, seal=b"", given_at=now,
            expires_on=question.ends_on, acknowledged_at=None, withdrawn_at=None, withdrawn_by="", stop_by=None,
            stopped_at=None, refusal="", version=text.version, text_sha256=text.sha256, title=text.title, state=answer,
        )  # fmt: skip
        row = row._replace(seal=self._seals.of(row))
        values = {name: value for name, value in row._asdict().items() if name not in _JOINED}
        consent_records.add(tx, scopes.of_operator((text.school_id,)), values)
        data = {"channel": channel, "relation": question.relation, "text": text.id, "version": text.version}
        about = _about(row, actor_id or question.signer_id, data, now)
        if answer == "given":
            audit.record(tx, event="data_consent_given", **about)
            feed.append(tx, KIND, "added", [(row.school_id, row.id)], now=now)
        else:
            audit.record(tx, event="data_consent_declined", **about)
        return row.id

    def record(
        self, tx: Tx, row: RecordRow, *, event: str, actor_id: str, change: str = "",
        data: Mapping[str, Any] | None = None, **values: Any,
    ) -> RecordRow:  # fmt: skip
        """Another state of an answer. `change` is the feed's word, empty when it changes nothing for modules."""
        now = self._clock.now()
        saved = self._seals.changed(row, **values)
        consent_records.save(tx, row.person_id, saved)
        audit.record(tx, event=event, **_about(row, actor_id, data or {}, now))
        if change:
            feed.append(tx, KIND, change, [(row.school_id, row.id)], now=now)
        return saved


def _about(row: RecordRow, actor_id: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "now": now, "actor_id": actor_id, "person_id": row.person_id, "client_id": row.recipient,
        "school_id": row.school_id, "data": {"record": row.id, "purpose": row.purpose, **data},
    }  # fmt: skip
