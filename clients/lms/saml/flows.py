"""Sign-ins and sign-outs under way, bound to the browser that began them; messages that were taken once.

The answer comes as a form from another site, with which browsers send no `Lax` cookie. So what belongs to a request
lies in the database under the request's id; the checked answer waits there under a one-time code, and the browser
fetches it with a GET of its own site, which brings the cookie that proves it is the same browser (login CSRF).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.exc import IntegrityError

from clients.kit.db import Database
from clients.kit.login_states import LoginStates
from idp.core.errors import Conflict
from idp.core.ids import fingerprint, new_secret

_REQUEST_SECONDS = 3600
_ANSWER_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Flow:
    """What was known when the browser was sent away. `browser` is the hash of its cookie's secret."""

    relay_state: str = field(repr=False)
    browser: str = ""
    target: str = "/"


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked sign-in that waits for its browser. `until`: when the IdP ends the session, as ISO 8601, or empty."""

    browser: str
    target: str
    sub: str = field(repr=False)
    sid: str = field(repr=False)
    claims: dict[str, Any] = field(repr=False)
    until: str = ""


class Flows:
    """`seen` has `key` and `expires_at`."""

    def __init__(self, states: LoginStates, database: Database, seen: Table) -> None:
        self._states = states
        self._database = database
        self._seen = seen

    def begin(self, request_id: str, flow: Flow) -> None:
        self._states.set(f"request {request_id}", json.dumps(asdict(flow)), _REQUEST_SECONDS)

    def find(self, request_id: str) -> Flow | None:
        kept = self._states.get(f"request {request_id}")
        return Flow(**json.loads(kept)) if kept is not None else None

    def take(self, request_id: str) -> Flow | None:
        """Once."""
        kept = self._states.take(f"request {request_id}")
        return Flow(**json.loads(kept)) if kept is not None else None

    def hold(self, answer: Answer) -> str:
        """The code under which the browser fetches it."""
        code = new_secret()
        self._states.set(f"answer {code}", json.dumps(asdict(answer)), _ANSWER_SECONDS)
        return code

    def fetch(self, code: str) -> Answer | None:
        """Once."""
        kept = self._states.take(f"answer {code}")
        return Answer(**json.loads(kept)) if kept is not None else None

    def note_once(self, issuer: str, message_id: str, keep_until: datetime) -> None:
        """Raises Conflict when the message came before."""
        row = {"key": fingerprint(f"{issuer}\n{message_id}"), "expires_at": keep_until}
        try:
            with self._database.write() as connection:
                connection.execute(insert(self._seen).values(row))
        except IntegrityError:
            raise Conflict("a message twice", code="link_expired", detail="replay") from None
