"""OneRoster's words into ours: roles, organisation types, class types. Tables with reasons in roster-import.md."""

from __future__ import annotations

import json
from collections.abc import Iterator

from idp.core import iin
from idp.oneroster.records import (
    AcademicSession,
    Agent,
    Class,
    Course,
    Demographic,
    Enrollment,
    Org,
    Profile,
    Record,
    Role,
    User,
)
from idp.oneroster.values import LANGUAGES, Cells, is_email

ORG_TYPES = {
    "national": "ministry",
    "state": "department",
    "district": "district",
    "local": "district",
    "school": "secondary",
    "department": "secondary",
}
"""A OneRoster `department` is a part of a school (1.1 §4.13.5), so it is nearest to a school of its own."""

_OUR_SCHOOLS = ("preschool", "primary", "basic", "secondary", "special", "vocational", "post_secondary", "extra")
ORG_TYPE_WORDS = ORG_TYPES | {f"ext:{ours}": ours for ours in _OUR_SCHOOLS}

ROLES = {
    "student": "pupil",
    "teacher": "teacher",
    "guardian": "guardian",
    "parent": "guardian",
    "relative": "guardian",
    "administrator": "deputy",
    "siteAdministrator": "director",
    "principal": "director",
    "districtAdministrator": "official",
    "systemAdministrator": "official",
    "counselor": "social_pedagogue",
    "aide": "staff",
    "proctor": "staff",
    **{f"ext:{ours}": ours for ours in ("class_teacher", "deputy", "director", "social_pedagogue", "nurse", "guard")},
    **{f"ext:{ours}": ours for ours in ("canteen", "staff", "official", "secretary", "data_protection")},
}
"""1.1 §4.13.6 and 1.2 RoleEnum with its `ext:` extensions. `operator` is missing on purpose: no file makes one."""

LEADERS = ("deputy", "director", "teacher", "staff")
"""Of these, whoever belongs to an organisation that is no school is an official there."""

RELATIONS = {"parent": "parent", "guardian": "guardian", "relative": "relative"}
GUARDIANS = tuple(RELATIONS)
PUPILS = ("student",)
_ENROLLED = {"student": "pupil", "teacher": "teacher"} | dict.fromkeys(
    ("administrator", "proctor", "aide", "guardian", "parent", "relative"), ""
)
_CLASS_TYPES = {"homeroom": "homeroom", "scheduled": "scheduled"}
_SESSION_TYPES = {word: word for word in ("schoolYear", "semester", "term", "gradingPeriod")}
_BOOLEANS = {"true": "1", "false": ""}
_SEXES = {word: word for word in ("male", "female", "unspecified", "other")}
_ROLE_TYPES = {"primary": "1", "secondary": ""}


def our_role(word: str, org_type: str) -> str:
    """The role for `memberships`, by the kind of organisation it is held at."""
    role = ROLES[word]
    if org_type in ("ministry", "department", "district") and role in LEADERS:
        return "official"
    return role


def _json(items: list[str]) -> str:
    return json.dumps(items, ensure_ascii=False)


def org(cells: Cells) -> Iterator[Record]:
    """An organisation; what kind of school it is shows only from an `ext:` type."""
    yield Org(
        cells.sourced_id(),
        cells.line,
        cells.ended,
        cells.name("name"),
        cells.word("type", ORG_TYPE_WORDS),
        int(cells.raw("type").lower() == "school" or cells.raw("type").startswith("ext:")),
        cells.text("identifier"),
        cells.raw("parentSourcedId"),
    )


def academic_session(cells: Cells) -> Iterator[Record]:
    begin, end = cells.date("startDate"), cells.date("endDate")
    if begin and end and begin > end:
        cells.problem("dates_reversed", "startDate", f"{begin} > {end}")
    yield AcademicSession(
        cells.sourced_id(),
        cells.line,
        cells.ended,
        cells.name("title"),
        cells.word("type", _SESSION_TYPES),
        begin,
        end,
        _school_year(cells, end),
        cells.raw("parentSourcedId"),
    )


def _school_year(cells: Cells, end: str) -> int:
    """The year it ends in; `2026-2027` is read as 2027."""
    text = cells.text("schoolYear")
    year = text.rpartition("-")[2] if len(text) == 9 else text
    if text and not (text.isdigit() and len(text) == 4):
        cells.problem("school_year", "schoolYear", text)
    if len(year) == 4 and year.isascii() and year.isdigit():
        return int(year)
    return int(end[:4]) if end else 0


def course(cells: Cells) -> Iterator[Record]:
    yield Course(
        cells.sourced_id(),
        cells.line,
        cells.ended,
        cells.name("title"),
        cells.text("courseCode"),
        _json(cells.refs("subjects")),
        cells.text("orgSourcedId"),
    )


def klass(cells: Cells) -> Iterator[Record]:
    language, shift = cells.raw("metadata.language"), cells.raw("metadata.shift")
    if language and language not in LANGUAGES:
        cells.problem("language_unknown", "metadata.language", language)
        language = ""
    if shift and shift not in ("1", "2", "3"):
        cells.problem("shift_unknown", "metadata.shift", shift)
        shift = ""
    yield Class(
        cells.sourced_id(),
        cells.line,
        cells.ended,
        cells.name("title"),
        cells.word("classType", _CLASS_TYPES),
        cells.grade(),
        ", ".join(cells.refs("subjects")),
        language,
        shift,
        cells.raw("courseSourcedId"),
        cells.text("schoolSourcedId"),
        _json(cells.refs("termSourcedIds")),
    )


def user(cells: Cells) -> Iterator[Record]:
    """A user; in 1.1 also the memberships that its `role` and `orgSourcedIds` imply; in both, links to agents."""
    user_id = cells.sourced_id()
    email = cells.raw("email")
    if email and not is_email(email):
        cells.problem("email_format", "email")
        email = ""
    if cells.raw("password"):
        cells.problem("password_ignored", "password")
    language = cells.raw("metadata.language")
    if language and language not in LANGUAGES:
        cells.problem("language_unknown", "metadata.language", language)
        language = ""
    family, given = cells.name("familyName"), cells.name("givenName")
    if not family and not given and not cells.ended:
        cells.problem("value_missing", "familyName")
    enabled = cells.word("enabledUser", _BOOLEANS)
    yield User(
        user_id,
        cells.line,
        cells.ended,
        cells.text("username"),
        family,
        given,
        cells.name("metadata.patronymic") or cells.name("middleName"),
        email,
        cells.phone(),
        cells.grade(),
        language,
        1 if enabled or cells.ended else 0,
        _iin(cells),
    )
    if cells.has("role"):
        yield from _implied_roles(cells, user_id)
    for other in cells.refs("agentSourcedIds"):
        yield Agent(f"{user_id}\x1f{other}", cells.line, cells.ended, user_id, other, "")


def _implied_roles(cells: Cells, user_id: str) -> Iterator[Record]:
    word = _role(cells)
    orgs = cells.refs("orgSourcedIds")
    if not orgs and not cells.ended:
        cells.problem("value_missing", "orgSourcedIds")
    for number, org_id in enumerate(orgs):
        sourced_id = f"{user_id}\x1f{org_id}\x1f{word}"
        yield Role(sourced_id, cells.line, cells.ended, user_id, org_id, word, int(number == 0), "", "", user_id)


def _role(cells: Cells) -> str:
    word = cells.text("role")
    if not word or word in ROLES:
        return word
    folded = {known.lower(): known for known in ROLES}
    if word.lower() in folded:
        cells.problem("letter_case", "role", word)
        return folded[word.lower()]
    cells.problem("role_unknown", "role", word)
    return ""


def _iin(cells: Cells) -> str:
    text = cells.raw("metadata.iin").replace(" ", "")
    if not text:
        return ""
    if not iin.is_well_formed(text):
        cells.problem("iin_format", "metadata.iin")
        return ""
    if not iin.has_valid_check_digit(text):
        cells.problem("iin_checksum", "metadata.iin")
    return text


def role(cells: Cells) -> Iterator[Record]:
    begin, end = cells.period()
    yield Role(
        cells.sourced_id(),
        cells.line,
        cells.ended,
        cells.text("userSourcedId"),
        cells.text("orgSourcedId"),
        _role(cells),
        1 if cells.word("roleType", _ROLE_TYPES) else 0,
        begin,
        end,
        "",
    )


def demographic(cells: Cells) -> Iterator[Record]:
    """Birth date and sex only: race and origin are no business of a sign-in, so they are not even read."""
    sex = cells.word("sex", _SEXES)
    yield Demographic(
        cells.sourced_id(), cells.line, cells.ended, cells.date("birthDate"), sex if sex in ("male", "female") else ""
    )


def enrollment(cells: Cells) -> Iterator[Record]:
    begin, end = cells.period()
    role = cells.word("role", _ENROLLED)
    if not role and cells.raw("role") in _ENROLLED:
        cells.problem("enrolment_unused", "role", cells.raw("role"))
    yield Enrollment(
        cells.sourced_id(),
        cells.line,
        cells.ended,
        cells.text("classSourcedId"),
        cells.text("schoolSourcedId"),
        cells.text("userSourcedId"),
        role,
        1 if cells.word("primary", _BOOLEANS) else 0,
        begin,
        end,
    )


def profile(cells: Cells) -> Iterator[Record]:
    if cells.raw("password"):
        cells.problem("password_ignored", "password")
    cells.text("username")
    yield Profile(cells.sourced_id(), cells.line, cells.ended, cells.text("userSourcedId"))


READERS = {
    "orgs": org,
    "academicSessions": academic_session,
    "courses": course,
    "classes": klass,
    "users": user,
    "roles": role,
    "userProfiles": profile,
    "demographics": demographic,
    "enrollments": enrollment,
}
