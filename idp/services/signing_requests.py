"""What modules do with signing requests: make one, look at it, take it back. Each client knows only its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, NotFound, Unavailable
from idp.core.ids import fingerprint, new_id
from idp.oidc.client import Client
from idp.oidc.subjects import Subjects
from idp.services import evidence, signing_submission
from idp.services.eds import Eds
from idp.services.scope import of_operator
from idp.services.signing_submission import Rejected, Submission
from idp.store import audit, clients, one_time, signing
from idp.store.session import Tx, UnitOfWork
from idp.store.signing import RequestRow

_REPEATED = "signing_request"
REPEAT_TTL = timedelta(days=1)
"""How long an Idempotency-Key is remembered."""


@dataclass(frozen=True, slots=True)
class Made:
    id: str
    state: str
    expires_at: datetime


class SigningRequests:
    def __init__(self, uow: UnitOfWork, clock: Clock, subjects: Subjects, eds: Eds) -> None:
        self._uow = uow
        self._clock = clock
        self._subjects = subjects
        self._eds = eds

    def create(self, client: Client, body: Any, *, idempotency_key: str = "") -> Made:
        """Keeps a document for signing.

        The same key with the same body within a day gives the request it made before. Raises Rejected with the
        mistakes, Unavailable when nobody could sign here, Conflict for a key that came with another body.
        """
        off = self._eds.why_off()
        if off:
            raise Unavailable("signatures cannot be checked here", code="eds_off", detail=off)
        submission = signing_submission.read(body, client, max_bytes=self._eds.max_bytes)
        self._check_schools(client, submission)
        body_hash = fingerprint(json.dumps(body, sort_keys=True)) if idempotency_key else ""
        key = f"{client.client_id}\n{idempotency_key}" if idempotency_key else ""
        try:
            with self._uow.write() as tx:
                before = self._made_before(tx, key, body_hash)
                return before or self._keep(tx, client, submission, key, body_hash)
        except IntegrityError as error:
            # Somebody else was first with the same key, on a database that lets two writers begin.
            with self._uow.read() as tx:
                before = self._made_before(tx, key, body_hash)
            if before is None:
                raise Conflict("this Idempotency-Key is used up", code="idempotency_key_reused") from error
            return before

    def show(self, client: Client, request_id: str) -> dict[str, Any]:
        """The request as its client may see it. Raises NotFound for anybody else's.

        `evidence` is there only for a client that may receive ИИН, on a recorded basis: a certificate holds it.
        """
        with self._uow.read() as tx:
            row = self._own(tx, client, request_id)
            signature = signing.signature_of(tx, row.id) if row.state == "signed" else None
        shown: dict[str, Any] = {
            "id": row.id,
            "state": row.state_at(self._clock.now()),
            "sha256": row.document_sha256,
            "created_at": row.created_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        }
        if signature is None:
            return shown
        sub = self._subjects.sub(client.record.sector, signature.person_id)
        shown["signer"] = {"sub": sub, **signature.signer}
        if "iin" in client.approved_claims:
            shown["evidence"] = evidence.as_json(self._eds.open(signature.evidence_sealed, row.id))
            with self._uow.write() as tx:
                audit.record(
                    tx,
                    event="evidence_released",
                    now=self._clock.now(),
                    person_id=signature.person_id,
                    client_id=client.client_id,
                    data={"request": row.id},
                )
        return shown

    def cancel(self, client: Client, request_id: str) -> None:
        """Takes a waiting request back; twice is as good as once. Raises NotFound, or Conflict once it is over."""
        with self._uow.write() as tx:
            row = self._own(tx, client, request_id)
            now = self._clock.now()
            if signing.close(tx, row.id, state="cancelled", person_id=None, now=now):
                audit.record(
                    tx, event="signing_cancelled", now=now, client_id=client.client_id, data={"request": row.id}
                )
            elif row.state != "cancelled":
                raise Conflict(f"the request is {row.state_at(now)}", code="signing_closed")

    def _check_schools(self, client: Client, submission: Submission) -> None:
        """A client asks the roles of those schools alone that have switched it on."""
        asked = tuple(dict.fromkeys(school for _, school in submission.roles))
        if not asked:
            return
        with self._uow.read() as tx:
            today = local_date(self._clock.now())
            if client.record.all_schools:
                known = set(signing.schools(tx, asked)) - clients.schools_off(tx, client.client_id, today=today)
            else:
                known = signing.schools_on(tx, of_operator(asked), client.client_id, today=today)
        wrong = [
            (f"/signers/roles/{number}/school_id", "the client is not switched on at this school")
            for number, (_, school) in enumerate(submission.roles)
            if school not in known
        ]
        if wrong:
            raise Rejected(wrong)

    def _keep(self, tx: Tx, client: Client, submission: Submission, key: str, body_hash: str) -> Made:
        now = self._clock.now()
        made = Made(new_id(), "waiting", now + submission.wait)
        row = {
            "id": made.id,
            "client_id": client.client_id,
            "title": submission.title,
            "media_type": submission.media_type,
            "document": submission.document,
            "document_sha256": submission.sha256,
            "signers": submission.signers(),
            "return_uri": submission.return_uri,
            "state": made.state,
            "person_id": None,
            "created_at": now,
            "expires_at": made.expires_at,
            "closed_at": None,
        }
        signing.add(tx, row)
        if key:
            data = {"request": made.id, "body": body_hash}
            one_time.forget_expired(tx, key, purpose=_REPEATED, now=now)
            one_time.put(tx, key, purpose=_REPEATED, data=data, now=now, ttl=REPEAT_TTL)
        audit.record(
            tx,
            event="signing_requested",
            now=now,
            client_id=client.client_id,
            data={"request": made.id, "sha256": submission.sha256, "schools": [one for _, one in submission.roles]},
        )
        return made

    def _made_before(self, tx: Tx, key: str, body_hash: str) -> Made | None:
        now = self._clock.now()
        before = one_time.peek(tx, key, purpose=_REPEATED, now=now) if key else None
        if before is None:
            return None
        if before["body"] != body_hash:
            raise Conflict("this Idempotency-Key came with another body", code="idempotency_key_reused")
        row = signing.find(tx, str(before["request"]))
        return Made(row.id, row.state_at(now), row.expires_at) if row else None

    def _own(self, tx: Tx, client: Client, request_id: str) -> RequestRow:
        row = signing.find(tx, request_id)
        if row is None or row.client_id != client.client_id:
            raise NotFound("no such signing request")
        return row
