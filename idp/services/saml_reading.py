"""Metadata from where it lies: fetched, verified, put aside on disk. Nothing of it counts before this has returned.

No line here runs inside a transaction.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from idp.services.fetch import Fetcher
from idp.services.saml_schedule import HEAD, cache_duration
from idp.store.saml_entities import SourceRow

if TYPE_CHECKING:
    from idp.saml.entity import ServiceProvider

ACCEPT = "application/samlmetadata+xml, application/xml;q=0.8, text/xml;q=0.8"
MAX_DOCUMENT = 4 * 2**20
MAX_AGGREGATE = 256 * 2**20
DOWNLOAD_SECONDS = 300.0
"""An aggregate of 80 MB over a slow line; the worker does it, nobody waits."""


@dataclass(slots=True)
class Reading:
    """What was put aside, and what holds for the whole of it; `skipped` counts entities by the code of a refusal."""

    providers: int = 0
    valid_until: datetime | None = None
    cache_duration: timedelta | None = None
    skipped: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    """entityIDs of what is there, but could not be taken."""


class Stage:
    """Providers on disk, one a line: an aggregate of a federation holds thousands."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.providers = 0

    def put(self, provider: ServiceProvider) -> None:
        self._file.write(json.dumps(provider.as_json(), ensure_ascii=False).encode() + b"\n")
        self.providers += 1

    def batches(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """In the shape of `ServiceProvider.as_json`, in their order."""
        self._file.seek(0)
        while lines := list(islice(self._file, size)):
            yield [json.loads(line) for line in lines]


@contextmanager
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryFile(prefix="bilim-id-saml-") as file:
        yield Stage(file)


def pinned(source: SourceRow) -> list[bytes]:
    """DER certificates, one of which must have signed."""
    return [base64.b64decode(one) for one in source.certificates]


class SamlReading:
    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def document(
        self, url: str, certificates: Sequence[bytes], *, now: datetime
    ) -> tuple[list[ServiceProvider], Reading]:
        """Every service provider of a document that is read whole. Raises Unavailable, MetadataRefused."""
        from idp.saml.sp_metadata import read_document

        data = self._fetcher.get_bytes(url, accept=ACCEPT, max_bytes=MAX_DOCUMENT)
        found = read_document(data, now=now, certificates=certificates)
        untils = [one.valid_until for one in found if one.valid_until]
        return found, Reading(len(found), min(untils, default=None), cache_duration(data))

    def aggregate(self, source: SourceRow, put: Callable[[ServiceProvider], None], *, now: datetime) -> Reading:
        """Hands every service provider of an aggregate to `put`. Raises Unavailable, MetadataRefused: then nothing of
        what was handed over is worth anything."""
        from idp.saml.aggregate import read_aggregate

        refused: set[str] = set()
        with tempfile.TemporaryFile(prefix="bilim-id-saml-") as file:
            self._fetcher.download(source.url, file, max_bytes=MAX_AGGREGATE, seconds=DOWNLOAD_SECONDS)
            file.seek(0)
            head = file.read(HEAD)
            file.seek(0)
            told = read_aggregate(
                file,
                now=now,
                certificates=pinned(source),
                on_provider=put,
                on_refused=refused.add,
                max_bytes=MAX_AGGREGATE,
            )
        return Reading(told.providers, told.valid_until, cache_duration(head), dict(told.skipped), refused)

    def one(self, source: SourceRow, entity_id: str, *, now: datetime) -> ServiceProvider:
        """What a source of single answers says about an entity (draft-young-md-query §3).

        Raises Unavailable, MetadataRefused: also for an answer about somebody else, or good for ever.
        """
        from idp.saml.mdq import query_url
        from idp.saml.metadata_errors import MetadataRefused

        found, _ = self.document(query_url(source.url, entity_id), pinned(source), now=now)
        if [one.entity_id for one in found] != [entity_id]:
            raise MetadataRefused("bad_entity_id", detail="the answer is about another entity")
        if found[0].valid_until is None:
            raise MetadataRefused("no_validity")
        return found[0]
