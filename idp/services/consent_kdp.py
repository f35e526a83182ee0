"""The state service of access control to personal data (КДП, order № 144/НҚ): an adapter, NOT PROVEN.

No protocol of it is published, nobody has tried this against it, and who integrates signs an agreement first. So the
wire is this one file with a JSON shape of our own, it is off unless `IDP_KDP_URL` is set, and the page says why.

    POST {base}/requests {id, operator_bin, purpose, title, document, sha256, subject, signer} → {id, url}
    GET  {base}/requests/{their id} → {id, request, state: waiting|given|refused|withdrawn, at}

`id` is ours and `request` in the answer must be it: each side knows the other's number. `subject` and `signer` are ИИН,
by which the state knows people; they go in the body, over TLS, and are never logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlsplit

from idp.core.clock import Clock
from idp.core.errors import Conflict, NotFound, Unavailable
from idp.core.ids import new_id
from idp.services.fetch import Fetcher
from idp.store import one_time
from idp.store.session import UnitOfWork

_PURPOSE = "consent_kdp"
WAIT = timedelta(days=14)
_MAX_BYTES = 64 * 1024
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says of one request; `about` is what it was asked with."""

    state: str
    about: Mapping[str, str]
    proof: Mapping[str, str]
    """`kdp_id`, their number; `request`, ours; `at`, as they gave it."""
    url: str
    """Where the signer answers, at the service."""


class Kdp:
    def __init__(
        self, uow: UnitOfWork, clock: Clock, fetcher: Fetcher, base: str, open_iin: Callable[[str], str]
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._fetcher = fetcher
        self._base = base.rstrip("/")
        self._open_iin = open_iin

    def ask(
        self,
        about: Mapping[str, str],
        *,
        title: dict[str, str],
        document: str,
        sha256: str,
        operator_bin: str,
        purpose: str,
    ) -> str:
        """Tells the service whom to ask what; returns the page of ours that leads there and waits.

        Raises Conflict `kdp_without_iin` when one of the two has no ИИН here, Unavailable when the service is away.
        """
        subject, signer = self._open_iin(about["person"]), self._open_iin(about["signer"])
        if not subject or not signer:
            raise Conflict("the state knows people by their IIN", code="kdp_without_iin")
        request_id = new_id()
        body = {
            "id": request_id,
            "operator_bin": operator_bin,
            "purpose": purpose,
            "title": title,
            "document": document,
            "sha256": sha256,
            "subject": subject,
            "signer": signer,
        }
        answer = self._read(
            self._fetcher.post_bytes(
                f"{self._base}/requests", json.dumps(body).encode(), content_type="application/json",
                accept="application/json", max_bytes=_MAX_BYTES,
            )
        )  # fmt: skip
        theirs, url = str(answer.get("id") or ""), str(answer.get("url") or "")
        if not theirs or urlsplit(url).scheme != "https":
            raise Unavailable("the state consent service does not answer as it should", detail="no id or url")
        now = self._clock.now()
        with self._uow.write() as tx:
            data = dict(about) | {"kdp_id": theirs, "url": url}
            one_time.put(tx, request_id, purpose=_PURPOSE, data=data, now=now, ttl=WAIT)
        return f"/account/consents/state/{request_id}"

    def look(self, request_id: str) -> Answer:
        """How a request stands. Raises NotFound for what nobody asked or what is too old, Unavailable as above."""
        with self._uow.read() as tx:
            kept = one_time.peek(tx, request_id, purpose=_PURPOSE, now=self._clock.now())
        if kept is None:
            raise NotFound("no such request")
        theirs = str(kept["kdp_id"])
        found = BytesIO()
        self._fetcher.download(
            f"{self._base}/requests/{quote(theirs, safe='')}", found, max_bytes=_MAX_BYTES, seconds=_SECONDS
        )
        answer = self._read(found.getvalue())
        if answer.get("id") != theirs or answer.get("request") != request_id:
            raise Unavailable("the state consent service does not answer as it should", detail="another request")
        about = {name: str(value) for name, value in kept.items() if name not in ("kdp_id", "url")}
        proof = {"kdp_id": theirs, "request": request_id, "at": str(answer.get("at") or "")}
        return Answer(str(answer.get("state") or "waiting"), about, proof, str(kept["url"]))

    def _read(self, octets: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(octets)
        except (ValueError, RecursionError) as error:
            raise Unavailable("the state consent service does not answer as it should", detail="no JSON") from error
        if not isinstance(answer, dict):
            raise Unavailable("the state consent service does not answer as it should", detail="no object")
        return answer
