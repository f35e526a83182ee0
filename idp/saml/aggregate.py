"""A federation's aggregate: tens of megabytes, read in one pass, nothing of it kept (SAML Metadata §2.3.1).

Its signature is known to hold only at the end. So whoever takes the providers puts them aside, and keeps them when
`read_aggregate` has returned; when it raises, none of them is worth anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from idp.saml.entity import ServiceProvider
from idp.saml.metadata_errors import MetadataRefused
from idp.saml.metadata_values import MAX_NAME, plain
from idp.saml.sp_descriptor import ENTITY, ROLE, read_provider, unexpired
from idp.saml.sp_metadata import GROUP, group_until, signature_refusal
from idp.xml.errors import BadSignature, TooLarge, XmlError
from idp.xml.parser import Element, children
from idp.xml.stream import read_signed

MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Summary:
    """`skipped` counts entities that were left out by the code of their refusal; identity providers are in neither."""

    providers: int
    skipped: Counter[str]
    valid_until: datetime
    name: str


@dataclass
class _Reader:
    now: datetime
    on_provider: Callable[[ServiceProvider], None]
    on_refused: Callable[[str], None]
    providers: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    def take(self, entity: Element) -> None:
        """One bad entity never costs the others; of two with one entityID the first counts."""
        name = entity.get("entityID") or ""
        is_new = name not in self.seen
        self.seen.add(name)
        if not children(entity, ROLE):
            return
        try:
            if not is_new:
                raise MetadataRefused("duplicate_entity")
            provider = read_provider(entity, now=self.now, group_until=group_until(entity, self.now))
        except MetadataRefused as wrong:
            self.skipped[wrong.code] += 1
            self.on_refused(name)
            return
        self.providers += 1
        self.on_provider(provider)


def read_aggregate(
    file: BinaryIO,
    *,
    now: datetime,
    certificates: Sequence[bytes],
    on_provider: Callable[[ServiceProvider], None],
    on_refused: Callable[[str], None] = lambda _entity_id: None,
    max_bytes: int = MAX_BYTES,
) -> Summary:
    """Hands every service provider to `on_provider`, the entityID of each that is left out to `on_refused`, then says
    whether they may be kept.

    Raises `MetadataRefused` for the whole: unsigned, signed by none of `certificates` (DER), expired, without
    validUntil (an old copy could be played back for ever), not an EntitiesDescriptor.
    """
    if not certificates:
        raise MetadataRefused("unsigned", detail="no certificate is pinned")
    reader = _Reader(now, on_provider, on_refused)
    try:
        root = read_signed(file, certificates, ENTITY, reader.take, max_bytes=max_bytes)
    except TooLarge as wrong:
        raise MetadataRefused("too_large", detail=str(wrong)) from wrong
    except BadSignature as wrong:
        raise signature_refusal(wrong) from wrong
    except XmlError as wrong:
        raise MetadataRefused("not_xml", detail=wrong.detail or str(wrong)) from wrong
    if root.tag != GROUP:
        raise MetadataRefused("no_entity", detail=root.tag[:200])
    until = unexpired(root.attributes, now)
    if until is None:
        raise MetadataRefused("no_validity")
    return Summary(reader.providers, reader.skipped, until, plain(root.attributes.get("Name", ""), MAX_NAME))
