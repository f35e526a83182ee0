"""What each attribute says about a person at one service provider, read from the facts as OpenID Connect reads them.

Only the membership of the session counts: rights of two memberships never merge. An attribute without a value is left
out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from idp.core.names import full_name
from idp.saml import names
from idp.saml.identifiers import NameId
from idp.saml.ports import Facts, SessionView, SpRecord
from idp.saml.server import Server

Values = Sequence[str | NameId]

_NO_XML = re.compile("[^\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TEACHING = ("faculty", "employee", "member")
_WORKING = ("staff", "employee", "member")
_OUTSIDE = ("affiliate",)
AFFILIATIONS: Mapping[str, tuple[str, ...]] = {
    "pupil": ("student", "member"),
    "teacher": _TEACHING,
    "class_teacher": _TEACHING,
    "deputy": _WORKING,
    "director": _WORKING,
    "secretary": _WORKING,
    "data_protection": _WORKING,
    "social_pedagogue": _WORKING,
    "nurse": _WORKING,
    "guard": _WORKING,
    "canteen": _WORKING,
    "staff": _WORKING,
    "guardian": _OUTSIDE,
    "official": _OUTSIDE,
    "operator": _OUTSIDE,
}
"""Our roles in the words of eduPerson §2.2.1, the primary one first: `faculty` teaches, `staff` works otherwise, both
are `employee`; who only has to do with a school is `affiliate` and no `member`."""

ASSURANCE = ("https://refeds.org/assurance", "https://refeds.org/assurance/ID/unique")
"""REFEDS Assurance Framework: an account is one person's, is never given to another, and the identifiers derived from
it (pairwise-id, subject-id, persistent NameID) neither. Not claimed: `ID/eppn-unique-no-reassign` (the username of an
erased person is free again), every `IAP` (how a school looked at papers is not known here) and every `ATP` (how soon a
school writes down that somebody left neither)."""

ENTITLEMENT = "urn:bilim:entitlement:role:"
"""Before a role of ours."""
GROUP = "urn:bilim:class:"
"""Before the id of a class: titles repeat from school to school, and a title could be that of a product's own group."""
HOME_ORGANIZATION_TYPE = "urn:schac:homeOrganizationType:int:other"
"""SCHAC's international list has universities, libraries and the like, but no schools."""


@dataclass(frozen=True)
class About:
    """Whose attributes, for whom, on which day. Facts are read once, and only when a value needs them."""

    server: Server
    facts: Facts
    record: SpRecord
    session: SessionView
    today: date

    @cached_property
    def person(self) -> Mapping[str, Any]:
        """Empty when nobody is there."""
        return self.facts.person(self.session.person_id) or {}

    @property
    def is_silent(self) -> bool:
        """Nothing is told about whose data are blocked (Law № 94-V art. 25(2)(8)), or who is gone."""
        return not self.person or self.person["restricted_at"] is not None

    @cached_property
    def memberships(self) -> Sequence[Mapping[str, Any]]:
        return self.facts.memberships(self.session.person_id, today=self.today)

    @property
    def membership(self) -> Mapping[str, Any] | None:
        """The one the session acts in."""
        return next((row for row in self.memberships if row["id"] == self.session.membership_id), None)

    @cached_property
    def classes(self) -> Sequence[Mapping[str, Any]]:
        if self.session.membership_id is None:
            return ()
        return self.facts.classes(self.session.person_id, self.session.membership_id, today=self.today)

    def scoped(self, value: str) -> str:
        return f"{value}@{self.server.scope}"


def as_text(value: str) -> str:
    """Without what no XML can carry (XML 1.0 §2.2), so that nobody's name can break an assertion."""
    return _NO_XML.sub("", value)


def from_person(column: str) -> Callable[[About], Values]:
    """The value of a column, as it is."""
    return lambda about: [str(about.person[column] or "")]


def name(about: About) -> Values:
    row = about.person
    return [full_name(row["family_name"], row["given_name"], row["middle_name"])]


def mail(about: About) -> Values:
    """Only a confirmed address: SAML has no `email_verified` beside it, and services link accounts by it."""
    return [about.person["email"]] if about.person["email"] and about.person["email_verified"] else []


def birth_date(about: About) -> Values:
    """YYYYMMDD (SCHAC, schacDateOfBirth)."""
    born: date | None = about.person["birth_date"]
    return [born.strftime("%Y%m%d")] if born else []


def affiliations(about: About) -> Values:
    return list(AFFILIATIONS.get(_role(about), ()))


def primary_affiliation(about: About) -> Values:
    return affiliations(about)[:1]


def scoped_affiliations(about: About) -> Values:
    return [about.scoped(str(word)) for word in affiliations(about)]


def principal_name(about: About) -> Values:
    return [about.scoped(about.person["username"])]


def entitlements(about: About) -> Values:
    role = _role(about)
    return [ENTITLEMENT + role] if role else []


def assurance(about: About) -> Values:
    return ASSURANCE


def persistent_id(about: About) -> NameId:
    """SAML Core §8.3.7: opaque, another one for each sector, never longer than 256 characters."""
    return NameId(
        about.server.pairwise(about.record.sector, about.session.person_id),
        names.PERSISTENT,
        about.server.entity_id,
        about.record.provider.entity_id,
    )


def targeted_id(about: About) -> Values:
    """eduPerson §2.2.11: the value is a NameID element, not text."""
    return [persistent_id(about)]


def pairwise_id(about: About) -> Values:
    """SAML Subject Identifier Attributes §3.4: lower-case letters and digits, at most 127, before the scope."""
    return [about.scoped(about.server.pairwise(about.record.sector, about.session.person_id))]


def subject_id(about: About) -> Values:
    """SAML Subject Identifier Attributes §3.3: the same for every service provider."""
    return [about.scoped(about.server.subject(about.session.person_id))]


def home_organization(about: About) -> Values:
    return [about.server.scope]


def home_organization_type(about: About) -> Values:
    return [HOME_ORGANIZATION_TYPE]


def groups(about: About) -> Values:
    return [f"{GROUP}{row['id']}" for row in about.classes]


def roles(about: About) -> Values:
    """As the claim `roles`: {role, school_id, begin, end, active} each."""
    found = []
    for row in about.memberships:
        at_school = {"school_id": row["school_id"]} if row["school_id"] else {}
        role = {"role": row["role"], **at_school, "begin": _day(row["begin"]), "end": _day(row["end"])}
        found.append(_json(role | {"active": row["id"] == about.session.membership_id}))
    return found


def school(about: About) -> Values:
    """As the claim `school`: {id, name, region}."""
    row = about.membership
    if row is None or not row["school_id"]:
        return []
    return [_json({"id": row["school_id"], "name": row["school_name"], "region": row["region"]})]


def classes(about: About) -> Values:
    """As the claim `classes`: {id, title, grade, subject, role} each."""
    return [_json({name: row[name] for name in ("id", "title", "grade", "subject", "role")}) for row in about.classes]


def grade(about: About) -> Values:
    row = about.membership
    return [str(row["grade"])] if row and row["grade"] else []


def _role(about: About) -> str:
    return about.session.role


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
