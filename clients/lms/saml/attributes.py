"""From SAML attributes to the claims that every client's pages know. The one table of names is here.

An attribute is found under its uri name, its short name or its FriendlyName. Ours hold one JSON object a value, shaped
as the OpenID Connect claims of the same name. They come from outside: what has a wrong shape is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from idp.core.errors import Denied

PAIRWISE_ID = "pairwise-id"
WIRE = {
    PAIRWISE_ID: "urn:oasis:names:tc:SAML:attribute:pairwise-id",
    "displayName": "urn:oid:2.16.840.1.113730.3.1.241",
    "eduPersonScopedAffiliation": "urn:oid:1.3.6.1.4.1.5923.1.1.1.9",
    "preferredLanguage": "urn:oid:2.16.840.1.113730.3.1.39",
    "roles": "urn:bilim:attribute:roles",
    "school": "urn:bilim:attribute:school",
    "classes": "urn:bilim:attribute:classes",
}
"""Short name, also the FriendlyName, to uri name: all that this client asks for."""
_PAIRWISE = re.compile(r"[A-Za-z0-9][A-Za-z0-9=-]{0,126}@([A-Za-z0-9][A-Za-z0-9.-]{0,126})")
"""SAML Subject-ID Attributes §2.4; compared without regard to case."""
_BY_AFFILIATION = {"student": "pupil", "faculty": "teacher"}
_MOST_VALUES = 500
_LONGEST = 4096

Attributes = Mapping[str, Sequence[Any]]


def claims_of(by_name: Attributes, by_friendly_name: Attributes, scopes: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The pairwise id in lower case and the claims.

    `scopes` are those the IdP may speak for (shibmd:Scope); empty when its metadata names none. Raises Denied without
    a usable pairwise id; with the code `data_withheld` when none came: a school may withhold every attribute.
    """

    def values(short: str) -> list[str]:
        found = by_name.get(WIRE[short]) or by_name.get(short) or by_friendly_name.get(short) or ()
        return [value for value in found[:_MOST_VALUES] if isinstance(value, str) and len(value) <= _LONGEST]

    ids = values(PAIRWISE_ID)
    if not ids:
        raise Denied("no pairwise-id", code="data_withheld", detail="pairwise-id is missing")
    match = _PAIRWISE.fullmatch(ids[0]) if len(ids) == 1 else None
    if match is None or not _is_own(match[1], scopes):
        raise Denied("no usable pairwise-id", code="login_failed", detail="pairwise-id")
    claims: dict[str, Any] = {
        "name": "".join(values("displayName")[:1])[:255],
        "locale": "".join(values("preferredLanguage")[:1])[:35],
        "roles": _objects(values("roles"), ("role",)),
        "classes": _once(_objects(values("classes"), ("id", "title", "role"))),
    }
    school = _school(_objects(values("school"), ("id", "name")), claims["roles"])
    if not claims["roles"]:
        at_school = {"school_id": school["id"]} if school else {}
        claims["roles"] = [at_school | role for role in _by_affiliation(values("eduPersonScopedAffiliation"), scopes)]
    return ids[0].lower(), claims | ({"school": school} if school else {})


def _is_own(scope: str, scopes: Sequence[str]) -> bool:
    return not scopes or scope.lower() in {one.lower() for one in scopes}


def _objects(values: Sequence[str], needed: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for value in values:
        try:
            entry = json.loads(value)
        except (ValueError, RecursionError):
            continue
        if "\\u0000" in value:  # no database takes it
            continue
        if isinstance(entry, dict) and all(isinstance(entry.get(name), str) and entry[name] for name in needed):
            found.append(entry)
    return found


def _once(classes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One course for each class, though a class teacher may also be its teacher of a subject."""
    by_id: dict[str, dict[str, Any]] = {}
    for entry in classes:
        if len(entry["id"]) <= 64:
            by_id.setdefault(entry["id"], entry)
    return list(by_id.values())


def _by_affiliation(values: Sequence[str], scopes: Sequence[str]) -> list[dict[str, Any]]:
    """Where a school releases no roles, eduPerson says at least who learns and who teaches."""
    pairs = [value.partition("@") for value in values]
    roles = [_BY_AFFILIATION[name] for name, _, scope in pairs if name in _BY_AFFILIATION and _is_own(scope, scopes)]
    return [{"role": role} for role in dict.fromkeys(roles)]


def _school(schools: list[dict[str, Any]], roles: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The school of the active role; the first one when nothing says which."""
    active = {role.get("school_id") for role in roles if role.get("active") is True}
    return next((school for school in schools if school["id"] in active), schools[0] if schools else None)
