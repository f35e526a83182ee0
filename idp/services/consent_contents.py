"""What a text of consent must hold, by Law № 94-V art. 8(4), and what is missing in a draft.

1 operator's name and БИН · 2 the subject's full name, filled in when it is signed · 3 term or period · 4 third parties
· 5 abroad · 6 published · 7 list of data · 8 further notes. Words are in Kazakh and Russian: a signer reads either.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from idp.core.errors import Invalid
from idp.methods import eds_challenge
from idp.services.signing_submission import is_unseen
from idp.store.models.consents import PURPOSES

LANGUAGES = ("kk", "ru")
FACTS = (
    "operator_name", "operator_bin", "term_days", "term_text", "third_parties", "cross_border", "published", "data",
    "notes", "audience",
)  # fmt: skip
"""`operator_name` {kk, ru} · `operator_bin` 12 digits · `term_days` a number or None · `term_text` {kk, ru} ·
`third_parties`, `cross_border`, `published` {is: bool, kk, ru} with words needed where `is` · `data` {kk: [], ru: []} ·
`notes` {kk, ru} · `audience` who is asked: `pupils`, `staff` or `everyone`."""
WIDENING = (
    "operator_name", "operator_bin", "term_days", "term_text", "third_parties", "cross_border", "published", "data",
    "audience",
)  # fmt: skip
"""A change of these asks for more or for something else, so that consents to the version before do not suffice."""
BASIS = "basis"
"""{kk, ru} in the contents of a version that asks nothing: by which law the data is processed from then on."""
AUDIENCES = ("pupils", "staff", "everyone")
PASSING = ("third_parties", "cross_border", "published")
LONGEST_TERM = 366 * 12
LONGEST = {"title": 200, "body": 12_000, "words": 2_000}
"""Letters. A text with everything around it must stay short enough for the page on which it is signed."""
_BIN = re.compile(r"[0-9]{12}")


class Incomplete(Invalid):
    """`missing` names each field that is empty or wrong, as `operator_bin` or `data.ru`."""

    code = "consent_text_incomplete"

    def __init__(self, missing: list[str]) -> None:
        super().__init__("the text lacks contents of art. 8(4): " + ", ".join(missing))
        self.missing = missing


def missing(
    purpose: str, recipient: str, title: Mapping[str, Any], body: Mapping[str, Any], contents: Mapping[str, Any]
) -> list[str]:
    """Every field that keeps a draft from being published; empty when all eight contents are there."""
    found = [] if purpose in PURPOSES else ["purpose"]
    found += [f"title.{one}" for one in LANGUAGES if not _is_words(title.get(one), LONGEST["title"], line=True)]
    found += [f"body.{one}" for one in LANGUAGES if not _is_words(body.get(one), LONGEST["body"])]
    found += _words(contents, "operator_name")
    if not _BIN.fullmatch(str(contents.get("operator_bin") or "")):
        found.append("operator_bin")
    found += _term(contents)
    for name in PASSING:
        found += _passing(contents, name)
    found += [f"data.{one}" for one in LANGUAGES if not _is_list((contents.get("data") or {}).get(one))]
    found += _words(contents, "notes")
    if contents.get("audience") not in AUDIENCES:
        found.append("audience")
    if recipient and not (contents.get("third_parties") or {}).get("is"):
        found.append("third_parties")  # Whoever receives it is a third party.
    if purpose == "web_push" and not (contents.get("cross_border") or {}).get("is"):
        found.append("cross_border")  # Browsers take notices through their makers' servers abroad.
    return list(dict.fromkeys(found))


def check(
    purpose: str, recipient: str, title: Mapping[str, Any], body: Mapping[str, Any], contents: Mapping[str, Any]
) -> None:
    """Raises Incomplete."""
    found = missing(purpose, recipient, title, body, contents)
    if found:
        raise Incomplete(found)


def digest(
    purpose: str, recipient: str, title: Mapping[str, Any], body: Mapping[str, Any], contents: Mapping[str, Any]
) -> str:
    """SHA-256 in hex of the canonical JSON of everything a signer sees."""
    whole = {"purpose": purpose, "recipient": recipient, "title": title, "body": body, "contents": contents}
    return hashlib.sha256(canonical(whole)).hexdigest()


def canonical(value: Any) -> bytes:
    """JSON with sorted names, no spaces, in UTF-8 and Unicode's composed form (after RFC 8785)."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return unicodedata.normalize("NFC", text).encode()


def check_basis(basis: Mapping[str, Any]) -> None:
    """Raises Invalid `basis` unless a law is named in Kazakh and in Russian."""
    if _words({BASIS: basis}, BASIS):
        raise Invalid("which law, in Kazakh and in Russian", code="basis")


def is_wider(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether the newer contents ask for more or for something else than the older."""
    return any(canonical(old.get(name)) != canonical(new.get(name)) for name in WIDENING)


def _words(contents: Mapping[str, Any], name: str) -> list[str]:
    value = contents.get(name) or {}
    return [f"{name}.{one}" for one in LANGUAGES if not _is_words(value.get(one), LONGEST["words"])]


def _term(contents: Mapping[str, Any]) -> list[str]:
    """A number of days, or a period in words, or both."""
    days = contents.get("term_days")
    if days is not None:
        is_good = isinstance(days, int) and not isinstance(days, bool) and 0 < days <= LONGEST_TERM
        return [] if is_good else ["term_days"]
    return _words(contents, "term_text")


def _passing(contents: Mapping[str, Any], name: str) -> list[str]:
    """Yes or no must be said; with a yes, to whom or where, in words."""
    value = contents.get(name) or {}
    if not isinstance(value.get("is"), bool):
        return [name]
    return _words(contents, name) if value["is"] else []


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_words(one, 200, line=True) for one in value)


def _is_words(value: Any, longest: int, *, line: bool = False) -> bool:
    """Something to read, without letters that cannot be seen: what is seen must be what is signed."""
    if not isinstance(value, str) or not value.strip() or len(value) > longest or (line and "\n" in value):
        return False
    return not any(map(is_unseen, set(value))) and not eds_challenge.is_challenge(value.encode())
