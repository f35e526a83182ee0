"""Claims about a person for one client, from facts of the store (OIDC Core §5.1; ours: education-sso profile).

`school` and `classes` speak of the grant's membership only: rights of two memberships never merge. Other people appear
under the asking client's own pairwise subjects. A claim without a value is left out (OIDC Core §5.3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from idp.core.clock import epoch, local_date
from idp.core.names import full_name
from idp.oidc.client import Client
from idp.oidc.ports import Claims
from idp.oidc.scopes import ALL_CLAIMS
from idp.oidc.server import Server

_FROM_PERSON = frozenset(
    (*ALL_CLAIMS[: ALL_CLAIMS.index("address") + 1], "iin"),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose claims, for whom, in which membership, on which day."""

    server: Server
    store: Claims
    client: Client
    person_id: str
    membership_id: str | None
    today: date

    def active_role(self) -> str:
        """The role of the active membership, empty without one."""
        held = self.store.memberships(self.person_id, today=self.today) if self.membership_id else []
        return next((str(row["role"]) for row in held if row["id"] == self.membership_id), "")

    def sub(self, person_id: str) -> str:
        return self.server.subjects.sub(self.client.record.sector, person_id)


def release(
    server: Server, store: Claims, client: Client, person_id: str, membership_id: str | None, names: Sequence[str]
) -> dict[str, Any]:
    """The named claims that have a value, as JSON values. Queries only what the names need.

    ИИН needs a basis that the operator recorded. Nothing is released about whose data are blocked (Law № 94-V
    art. 25(2)(8)).
    """
    if not names:
        return {}
    if not client.iin_basis:
        names = [name for name in names if name != "iin"]
    about = Subject(server, store, client, person_id, membership_id, local_date(server.clock.now()))
    wanted = frozenset(names)
    found: dict[str, Any] = {}
    person = store.person(person_id)
    if person is not None and person["restricted_at"] is not None:
        return {}
    if person is not None and not wanted.isdisjoint(_FROM_PERSON):
        found.update(_of_person(about, person, wanted))
    if not wanted.isdisjoint(("school", "grade", "roles")):
        found.update(_of_memberships(about))
    for name, read in _LISTS.items():
        if name in wanted:
            found[name] = read(about)
    return {name: found[name] for name in names if found.get(name) not in (None, "", [], {})}


def _of_person(about: Subject, row: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    found = {name: value for name, value in row["claims"].items() if name in _FROM_PERSON and name != "iin"}
    found |= {
        "name": full_name(row["family_name"], row["given_name"], row["middle_name"]),
        "family_name": row["family_name"],
        "given_name": row["given_name"],
        "middle_name": row["middle_name"],
        "preferred_username": row["username"],
        "locale": row["language"],
        "updated_at": epoch(row["updated_at"]),
    }
    if row["email"]:
        found |= {"email": row["email"], "email_verified": row["email_verified"]}
    if row["phone"]:
        found |= {"phone_number": row["phone"], "phone_number_verified": row["phone_verified"]}
    if row["birth_date"]:
        found["birthdate"] = row["birth_date"].isoformat()
    if row["sex"]:
        found["gender"] = row["sex"]
    if "iin" in wanted and row["iin_sealed"]:
        found["iin"] = about.server.open_iin(about.person_id, row["iin_sealed"])
    return found


def _of_memberships(about: Subject) -> dict[str, Any]:
    """`roles` [{role, school_id, begin, end, active}], `school` {id, name, region} and `grade` of the active one.

    A guardian whom no school knows yet has a role without `school_id`, and no `school`.
    """
    found: dict[str, Any] = {"roles": []}
    for row in about.store.memberships(about.person_id, today=about.today):
        at_school = {"school_id": row["school_id"]} if row["school_id"] else {}
        role = {
            "role": row["role"],
            **at_school,
            "begin": _day(row["begin"]),
            "end": _day(row["end"]),
            "active": row["id"] == about.membership_id,
        }
        found["roles"].append(role)
        if row["id"] == about.membership_id:
            found["school"] = _school(row) if at_school else None
            found["grade"] = row["grade"]
    return found


def _classes(about: Subject) -> list[dict[str, Any]]:
    """[{id, title, grade, subject, role}] of the active membership."""
    if about.membership_id is None:
        return []
    rows = about.store.classes(about.person_id, about.membership_id, today=about.today)
    return [{name: row[name] for name in ("id", "title", "grade", "subject", "role")} for row in rows]


def _children(about: Subject) -> list[dict[str, Any]]:
    """[{sub, name, given_name, relation, school, classes}]; blocked and ended links are absent.

    Only for who is here as a guardian: a teacher acting as teacher does not bring their own children along (F9).
    """
    if about.active_role() not in ("guardian", ""):
        return []
    return [
        {
            "sub": about.sub(row["person_id"]),
            "name": full_name(row["family_name"], row["given_name"], row["middle_name"]),
            "given_name": row["given_name"],
            "relation": row["relation"],
            "school": _school(row) if row["school_id"] else None,
            "classes": [{"id": one["id"], "title": one["title"]} for one in row["classes"]],
        }
        for row in about.store.children(about.person_id, today=about.today)
    ]


def _guardians(about: Subject) -> list[dict[str, Any]]:
    """[{sub, name, relation}]."""
    return [
        {
            "sub": about.sub(row["person_id"]),
            "name": full_name(row["family_name"], row["given_name"], row["middle_name"]),
            "relation": row["relation"],
        }
        for row in about.store.guardians(about.person_id, today=about.today)
    ]


def _licences(about: Subject) -> list[dict[str, Any]]:
    """[{client_id, name {kk, ru, en}, logo_uri, initiate_login_uri or client_uri}] at the active school."""
    if about.membership_id is None:
        return []
    return [_licence(row) for row in about.store.licences(about.person_id, about.membership_id, today=about.today)]


def _licence(row: Mapping[str, Any]) -> dict[str, Any]:
    metadata = row["metadata"]
    plain = metadata.get("client_name") or row["client_id"]
    licence = {
        "client_id": row["client_id"],
        "name": {language: metadata.get(f"client_name#{language}") or plain for language in ("kk", "ru", "en")},
        "logo_uri": metadata.get("logo_uri") or "",
    }
    start = "initiate_login_uri" if metadata.get("initiate_login_uri") else "client_uri"
    return licence | {start: metadata.get(start) or ""}


_LISTS: dict[str, Callable[[Subject], list[dict[str, Any]]]] = {
    "classes": _classes,
    "children": _children,
    "guardians": _guardians,
    "licences": _licences,
}


def _school(row: Mapping[str, Any]) -> dict[str, str]:
    return {"id": row["school_id"], "name": row["school_name"], "region": row["region"]}


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
