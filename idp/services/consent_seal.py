"""The seal on every answer: HMAC over record and proof, so that any edit behind our back is found (art. 25(2)(5)).

It covers what was said and what became of it since. Each lawful change seals anew, but never over a broken seal: what
was once edited stays found.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from idp.services.consent_contents import canonical
from idp.store.consent_records import RecordRow

_VERSION = "bilim-consent-1"
_FACTS = (
    "id", "school_id", "text_id", "text_sha256", "purpose", "recipient", "relation", "channel", "language", "answer",
    "proof", "given_at", "expires_on", "acknowledged_at", "withdrawn_at", "withdrawn_by", "stop_by", "stopped_at",
    "refusal",
)  # fmt: skip
"""Subject and signer are sealed as the proof names them: two records of one person may be merged later."""


class Seals:
    def __init__(self, secret: Callable[[str], bytes]) -> None:
        self._secret = secret

    def of(self, row: RecordRow) -> bytes:
        """The seal a record should bear."""
        whole = {"v": _VERSION} | {name: plain(getattr(row, name)) for name in _FACTS}
        return hmac.new(self._secret("evidence"), canonical(whole), hashlib.sha256).digest()

    def holds(self, row: RecordRow, merged_into: Mapping[str, str] | None = None) -> bool:
        """False when anything was changed other than by an act of ours. `merged_into` as `consent_records` tells it."""
        known = merged_into or {}
        is_same = _leads(known, str(row.proof.get("person", "")), row.person_id) and _leads(
            known, str(row.proof.get("signer", "")), row.signer_id or ""
        )
        return is_same and hmac.compare_digest(self.of(row), row.seal)

    def changed(self, row: RecordRow, **values: Any) -> RecordRow:
        """The record with other values, sealed; one whose seal was broken keeps the broken seal."""
        again = row._replace(**values)
        is_whole = hmac.compare_digest(self.of(row), row.seal)
        return again._replace(seal=self.of(again)) if is_whole else again


def _leads(merged_into: Mapping[str, str], begin: str, end: str) -> bool:
    """Whether a person named then is, by way of merges, the one named now."""
    for _ in range(len(merged_into) + 1):
        if begin == end:
            return True
        begin = merged_into.get(begin, begin)
    return False


def plain(value: Any) -> Any:
    """A value as JSON has it: moments in UTC, days as they are."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value
