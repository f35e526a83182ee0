"""Standard claims an operator gives in a file (OpenID Connect Core §5.1), checked by type before they are stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from idp.core.errors import Invalid
from idp.oneroster.values import MAX_TEXT, is_email, iso_date, phone

_ADDRESS = ("formatted", "street_address", "locality", "region", "postal_code", "country")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*")


@dataclass(frozen=True, slots=True)
class Claims:
    """`columns` go to columns of `people`, `further` into its JSON."""

    columns: dict[str, Any] = field(default_factory=dict)
    further: dict[str, Any] = field(default_factory=dict)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable()


def _is_url(value: object) -> bool:
    return _is_text(value) and urlsplit(str(value)).scheme in ("http", "https") and bool(urlsplit(str(value)).netloc)


def _is_date(value: object) -> bool:
    return isinstance(value, str) and iso_date(value)


def _is_address(value: object) -> bool:
    return isinstance(value, dict) and all(
        key in _ADDRESS and isinstance(part, str) and len(part) <= MAX_TEXT for key, part in value.items()
    )


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


_CHECKS: Mapping[str, Callable[[object], bool]] = {
    **dict.fromkeys(("given_name", "family_name", "middle_name", "nickname", "name"), _is_text),
    **dict.fromkeys(("profile", "picture", "website"), _is_url),
    **dict.fromkeys(("email_verified", "phone_number_verified"), _is_flag),
    "email": lambda value: _is_text(value) and is_email(str(value)),
    "phone_number": lambda value: _is_text(value) and phone(str(value)) is not None,
    "gender": _is_text,
    "birthdate": _is_date,
    "locale": lambda value: _is_text(value) and _LOCALE.fullmatch(str(value)) is not None,
    "zoneinfo": lambda value: _is_text(value) and _ZONE.fullmatch(str(value)) is not None,
    "address": _is_address,
}

_COLUMNS = {
    "given_name": "given_name", "family_name": "family_name", "middle_name": "middle_name", "email": "email",
    "email_verified": "email_verified", "phone_number_verified": "phone_verified",
}  # fmt: skip


def read_claims(claims: object) -> Claims:
    """Checks every claim; raises Invalid naming all that are wrong or unknown."""
    if not isinstance(claims, dict):
        raise Invalid("claims must be a JSON object", code="claims_invalid")
    wrong = sorted(str(name) for name, value in claims.items() if name not in _CHECKS or not _CHECKS[name](value))
    if wrong:
        raise Invalid(f"unknown or malformed claims: {', '.join(wrong)}", code="claims_invalid")
    columns: dict[str, Any] = {column: claims[name] for name, column in _COLUMNS.items() if name in claims}
    further = {name: value for name, value in claims.items() if name not in _COLUMNS}
    if "phone_number" in further:
        columns["phone"] = phone(str(further.pop("phone_number")))
    if "birthdate" in further:
        columns["birth_date"] = date.fromisoformat(str(further.pop("birthdate")))
    if further.get("gender") in ("male", "female"):
        columns["sex"] = further.pop("gender")
    if further.get("locale") in ("kk", "ru", "en"):
        columns["language"] = further.pop("locale")
    return Claims(columns, further)
