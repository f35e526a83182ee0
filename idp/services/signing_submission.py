"""What a client asks to have signed: read strictly, every mistake named by its field."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from idp.core.errors import Invalid
from idp.methods import eds_challenge
from idp.oidc.checks.redirect_uri import origin_of
from idp.oidc.client import Client
from idp.services.client_metadata import web_address
from idp.store.models.people import ROLES

MAX_DOCUMENT = 4 * 1024 * 1024
SHORTEST, LONGEST, USUAL = 60, 30 * 86_400, 7 * 86_400
"""Seconds that a request may wait."""
MEDIA_TYPES = ("application/pdf", "text/plain")
CERTIFICATES = ("any", "person", "organisation")
LANGUAGES = ("kk", "ru", "en")
_FIELDS = ("document", "sha256", "media_type", "title", "signers", "return_uri", "expires_in")
_MOST_SUBS, _MOST_ROLES, _LONGEST_TITLE = 50, 20, 200
_TITLE = f"must be one line of 1 to {_LONGEST_TITLE} letters"
_SUB = re.compile(r"[a-z2-7]{52}")
_ROW_ID = re.compile(r"[0-9a-f]{32}")
_FILLERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))))
)
"""What Unicode lets a program show as nothing (Default_Ignorable_Code_Point) and is no Cf: fillers of Hangul, choices
of a variant, tag letters. Nothing is excepted: no text in Kazakh, Russian or English needs joiners or soft hyphens."""
_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"
_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|SubmitForm|ImportData|Rendition|RichMedia|XFA|EmbeddedFiles?)" + _END)
"""What a viewer might run, and files and forms that the signer does not see. /OpenAction stays: it mostly says at which
page to open, and what it might run has one of these names. Names inside compressed objects are not seen: what is there
is left to the viewer, which has no sandbox, and to the Content-Security-Policy of `web/signing_files.py`."""
_ACTIVE_SHORT = re.compile(rb"/(?:JS|AA)" + _END)
"""So short that a picture may hold them by chance: looked for outside of streams only. What they run is named above."""
_STREAM, _STREAM_END = re.compile(rb"\bstream\r?\n"), b"endstream"
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


class Rejected(Invalid):
    """`fields` holds (JSON pointer, what is wrong) for each mistake."""

    code = "invalid_signing_request"

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        super().__init__("the signing request is not acceptable")
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Submission:
    document: bytes
    sha256: str
    media_type: str
    title: dict[str, str]
    """In `kk`, `ru` and `en`."""
    subs: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]
    """(role, school_id)."""
    certificate: str
    return_uri: str
    wait: timedelta

    def signers(self) -> dict[str, Any]:
        """As the table keeps it."""
        roles = [{"role": role, "school_id": school} for role, school in self.roles]
        return {"subs": list(self.subs), "roles": roles, "certificate": self.certificate}


def read(body: Any, client: Client, *, max_bytes: int = MAX_DOCUMENT) -> Submission:
    """`max_bytes` is what the installation can hash. Raises Rejected with every mistake."""
    if not isinstance(body, dict):
        raise Rejected([("", "must be a JSON object")])
    wrong = [(f"/{name}", "is not known") for name in body if name not in _FIELDS]
    media_type = body.get("media_type")
    if media_type not in MEDIA_TYPES:
        wrong.append(("/media_type", f"must be one of {', '.join(MEDIA_TYPES)}; active content is never signed"))
    document = _document(body, str(media_type), min(max_bytes, MAX_DOCUMENT), wrong)
    title = _title(body.get("title"), wrong)
    subs, roles, certificate = _signers(body.get("signers"), wrong)
    return_uri = _return_uri(body.get("return_uri", ""), client, wrong)
    seconds = body.get("expires_in", USUAL)
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not SHORTEST <= seconds <= LONGEST:
        wrong.append(("/expires_in", f"must be a whole number of seconds from {SHORTEST} to {LONGEST}"))
    if wrong:
        raise Rejected(wrong)
    digest = hashlib.sha256(document).hexdigest()
    wait = timedelta(seconds=seconds)
    return Submission(document, digest, str(media_type), title, subs, roles, certificate, return_uri, wait)


def _document(body: Mapping[str, Any], media_type: str, max_bytes: int, wrong: list[tuple[str, str]]) -> bytes:
    encoded, expected = body.get("document"), body.get("sha256")
    try:
        if not isinstance(encoded, str):
            raise ValueError
        document = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        wrong.append(("/document", "must be the octets of the document in base64"))
        return b""  # Whether the digest is right cannot be told.
    why = _refused(document, media_type, max_bytes)
    if why:
        wrong.append(("/document", why))
    if expected != hashlib.sha256(document).hexdigest():
        wrong.append(("/sha256", "must be the SHA-256 of the document in lower-case hex"))
    return document


def _refused(document: bytes, media_type: str, max_bytes: int) -> str:
    if not document:
        return "is empty"
    if len(document) > max_bytes:
        return f"is larger than {max_bytes} octets"
    if eds_challenge.is_challenge(document):
        # A document that is also a challenge would let its signer's signature open their account to the client.
        return "holds the words of a sign-in challenge"
    if media_type == "application/pdf":
        if not document.startswith(b"%PDF-"):
            return "is no PDF"
        return "holds active content or another file" if _is_active(document) else ""
    try:
        text = document.decode("utf-8")
    except UnicodeDecodeError:
        return "is no text in UTF-8"
    return "holds letters that cannot be seen" if any(map(is_unseen, set(text.removeprefix("\ufeff")))) else ""


def is_unseen(letter: str) -> bool:
    """It changes how a text looks or hides in it: what is seen must be what is signed (Trojan Source)."""
    category = unicodedata.category(letter)
    return category == "Cf" or (category == "Cc" and letter not in "\t\n\r") or letter in _FILLERS


def _is_active(pdf: bytes) -> bool:
    # A name may be written with escapes: /J#61vaScript (ISO 32000-1 §7.3.5).
    plain = _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), pdf)
    return bool(_ACTIVE.search(plain) or _ACTIVE_SHORT.search(_outside_streams(plain)))


def _outside_streams(pdf: bytes) -> bytes:
    parts, at = [], 0
    while (begin := _STREAM.search(pdf, at)) and (end := pdf.find(_STREAM_END, begin.end())) >= 0:
        parts.append(pdf[at : begin.start()])
        at = end + len(_STREAM_END)
    return b" ".join((*parts, pdf[at:]))


def _title(value: Any, wrong: list[tuple[str, str]]) -> dict[str, str]:
    """One text for all languages, or one for each; a missing one is taken from kk, ru, en in that order."""
    if isinstance(value, str):
        if not _is_title(value):
            wrong.append(("/title", _TITLE))
        return dict.fromkeys(LANGUAGES, value)
    if not isinstance(value, dict) or not value or not set(value) <= set(LANGUAGES):
        wrong.append(("/title", "must be a text, or an object with texts under kk, ru, en"))
        return {}
    wrong += [(f"/title/{language}", _TITLE) for language, text in value.items() if not _is_title(text)]
    first = next(value[language] for language in LANGUAGES if language in value)
    return {language: value.get(language, first) for language in LANGUAGES}


def _is_title(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text) <= _LONGEST_TITLE and text.isprintable() and not text.isspace()


def _signers(value: Any, wrong: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], str]:
    if not isinstance(value, dict) or not set(value) <= {"subs", "roles", "certificate"}:
        wrong.append(("/signers", "must be an object with subs, roles, certificate"))
        return (), (), "any"
    subs, roles, certificate = value.get("subs", []), value.get("roles", []), value.get("certificate", "any")
    if not _is_list(subs, _MOST_SUBS) or not all(isinstance(sub, str) and _SUB.fullmatch(sub) for sub in subs):
        wrong.append(("/signers/subs", f"must be a list of at most {_MOST_SUBS} values of sub"))
        return (), (), "any"
    if not _is_list(roles, _MOST_ROLES) or not all(map(_is_role, roles)):
        wrong.append(("/signers/roles", f"must be a list of at most {_MOST_ROLES} objects {{role, school_id}}"))
        return (), (), "any"
    if not subs and not roles:
        wrong.append(("/signers", "names nobody"))
    if certificate not in CERTIFICATES:
        wrong.append(("/signers/certificate", f"must be one of {', '.join(CERTIFICATES)}"))
    elif certificate == "organisation" and (subs or not roles):
        wrong.append(("/signers/certificate", "an organisation's certificate is asked of roles at it, not of people"))
    pairs = tuple(dict.fromkeys((one["role"], one["school_id"]) for one in roles))
    return tuple(dict.fromkeys(subs)), pairs, str(certificate)


def _is_list(value: Any, most: int) -> bool:
    return isinstance(value, list) and len(value) <= most


def _is_role(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"role", "school_id"}
        and value["role"] in ROLES
        and isinstance(value["school_id"], str)
        and _ROW_ID.fullmatch(value["school_id"]) is not None
    )


def _return_uri(value: Any, client: Client, wrong: list[tuple[str, str]]) -> str:
    """Where the person goes on afterwards: within an origin that the client registered, so no open redirect."""
    if value == "":
        return ""
    why = web_address(value)
    if not why and origin_of(value) not in {origin_of(uri) for uri in client.redirect_uris}:
        why = "must have the origin of a registered redirect_uri"
    if why:
        wrong.append(("/return_uri", why))
    return "" if why else str(value)
