"""Values of metadata: XML Schema types read strictly, texts of strangers made plain and short.

No text is ever markup: what a page shows has passed `plain`, what becomes a form action has passed `address`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from idp.saml import names
from idp.saml.datatypes import boolean, instant, unsigned_short
from idp.saml.metadata_errors import MetadataRefused
from idp.xml.parser import Element, text_of

MAX_ENTITY_ID = 1024
"""SAML Core §8.3.6, in octets: no index of PostgreSQL holds 1024 letters of four octets each, and one entity must not
cost a federation its reading."""
MAX_TOKEN = 1024
MAX_ADDRESS = 2048
MAX_NAME = 200
MAX_TEXT = 2000
_LANGUAGE = re.compile(r"([A-Za-z]{2,8})(-[A-Za-z0-9]{1,8})*")
_AUTHORITY = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,5})?")
"""It goes into the policy of our pages, where `;` and `,` would say more than an address."""
_ODD = frozenset(" \\\"<>^`{|}*'")
_JOINERS = "\u200c\u200d"


class Attributes(Protocol):
    """An element, or what is left of one: its attributes."""

    def get(self, key: str, /) -> str | None: ...


def flag(element: Attributes, name: str) -> bool | None:
    """xs:boolean, None when the attribute is missing."""
    value = element.get(name)
    with _typed(name, "bad_value"):
        return None if value is None else boolean(value)


def number(element: Attributes, name: str, *, refusal: str = "bad_value") -> int:
    """xs:unsignedShort, demanded."""
    with _typed(name, refusal):
        value = unsigned_short(element.get(name))
        if value is None:
            raise ValueError("missing")
        return value


def moment(element: Attributes, name: str) -> datetime | None:
    """xs:dateTime in UTC (SAML Core §1.3.3), None when the attribute is missing."""
    value = element.get(name)
    with _typed(name, "bad_value"):
        return None if value is None else instant(value)


@contextmanager
def _typed(name: str, refusal: str) -> Iterator[None]:
    try:
        yield
    except ValueError as wrong:
        raise MetadataRefused(refusal, detail=f"{name}: {wrong}") from wrong


def entity_id(element: Attributes) -> str:
    """SAML Metadata §2.3.2. Google Workspace's is not even a URI, so only what is compared and shown must be sound."""
    value = element.get("entityID") or ""
    if not 0 < len(value.encode()) <= MAX_ENTITY_ID or not value.isprintable() or " " in value:
        raise MetadataRefused("bad_entity_id", detail=ascii(value[:80]))
    return value


def token(value: str | None) -> str:
    """A URI or a short name, compared and never shown as more than text."""
    read = (value or "").strip()
    if len(read) > MAX_TOKEN or not read.isprintable():
        raise MetadataRefused("bad_value", detail=ascii(read[:80]))
    return read


def address(value: str | None, *, plain_http: bool = False) -> str:
    """An address that a form may lead to: https, or http on this machine (`plain_http`: anywhere); CVE-2023-6717."""
    read = (value or "").strip()
    if is_web_address(read) and (read[:6].lower() == "https:" or plain_http or _is_here(urlsplit(read).hostname or "")):
        return read
    raise MetadataRefused("bad_endpoint", detail=ascii(read[:200]))


def is_web_address(value: str) -> bool:
    """http or https with a host, in printable ASCII, without credentials or a fragment."""
    if len(value) > MAX_ADDRESS or not value.isascii() or not value.isprintable() or _ODD & set(value):
        return False
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(host and _AUTHORITY.fullmatch(parts.netloc)) and "#" not in value


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or re.fullmatch(r"127\.\d{1,3}\.\d{1,3}\.\d{1,3}", host) is not None


def plain(value: str, limit: int) -> str:
    """Text on one line without control and direction characters, cut to `limit`."""
    line = " ".join(value[: limit * 4].split())
    if not line.isprintable():
        line = "".join(letter for letter in line if letter in _JOINERS or unicodedata.category(letter)[0] != "C")
    return line[:limit].rstrip()


def by_language(elements: Iterable[Element], limit: int) -> dict[str, str]:
    """Texts by the language without its region, the first of each; those without a language are left out."""
    found: dict[str, str] = {}
    for one in elements:
        match = _LANGUAGE.fullmatch(one.get(names.q(names.XML, "lang")) or "")
        text = plain(text_of(one), limit)
        if match and text:
            found.setdefault(match[1].lower(), text)
    return found


def addresses_by_language(elements: Iterable[Element]) -> dict[str, str]:
    """Links to read more; those that no page should link to are left out."""
    return {language: link for language, link in by_language(elements, MAX_ADDRESS).items() if is_web_address(link)}
