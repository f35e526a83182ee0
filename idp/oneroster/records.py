"""What a bundle's rows become: plain tuples with our words in place of OneRoster's, ready to be staged.

Dates are ISO text (empty: none), lists are JSON. `line` is where the row stands, `ended` is 1 for a row that ends its
record. Every record names its source's id, not ours.
"""

from __future__ import annotations

from typing import NamedTuple


class Org(NamedTuple):
    sourced_id: str
    line: int
    ended: int
    name: str
    type: str
    """A type of the organisations table."""
    is_school: int
    """0 for what OneRoster calls a department, a district or higher: classes do not belong there."""
    identifier: str
    parent: str


class AcademicSession(NamedTuple):
    sourced_id: str
    line: int
    ended: int
    title: str
    type: str
    begin: str
    end: str
    school_year: int
    parent: str


class Course(NamedTuple):
    sourced_id: str
    line: int
    ended: int
    title: str
    code: str
    subjects: str
    org: str


class Class(NamedTuple):
    sourced_id: str
    line: int
    ended: int
    title: str
    kind: str
    """`homeroom` or `scheduled`."""
    grade: str
    subject: str
    language: str
    shift: str
    course: str
    org: str
    terms: str


class User(NamedTuple):
    sourced_id: str
    line: int
    ended: int
    username: str
    family_name: str
    given_name: str
    middle_name: str
    email: str
    phone: str
    grade: str
    language: str
    enabled: int
    iin: str
    """Twelve digits in clear; the service replaces it before anything is written anywhere."""


class Demographic(NamedTuple):
    sourced_id: str
    """The user's."""
    line: int
    ended: int
    birth_date: str
    sex: str


class Role(NamedTuple):
    sourced_id: str
    line: int
    ended: int
    user: str
    org: str
    role: str
    """A key of `mapping.ROLES`; empty when unknown and therefore not given."""
    is_primary: int
    begin: str
    end: str
    owner: str
    """1.1: the user whose row implies it. 1.2: empty, it has a row of its own."""


class Agent(NamedTuple):
    """A user's row names another as agent; who is the child shows from their roles."""

    sourced_id: str
    line: int
    ended: int
    owner: str
    other: str
    relation: str
    """Said by a spreadsheet; empty when it follows from the guardian's role."""


class Enrollment(NamedTuple):
    sourced_id: str
    line: int
    ended: int
    klass: str
    org: str
    user: str
    role: str
    """`pupil`, `teacher`, or empty for a role in class that we do not use."""
    is_primary: int
    begin: str
    end: str


class Profile(NamedTuple):
    """A row of userProfiles: counted and checked, never kept, because it holds other systems' accounts."""

    sourced_id: str
    line: int
    ended: int
    user: str


Record = Org | AcademicSession | Course | Class | User | Demographic | Role | Agent | Enrollment | Profile

KINDS: dict[str, type[Record]] = {
    "orgs": Org,
    "academicSessions": AcademicSession,
    "courses": Course,
    "classes": Class,
    "users": User,
    "demographics": Demographic,
    "roles": Role,
    "agents": Agent,
    "enrollments": Enrollment,
    "userProfiles": Profile,
}
"""Record types by kind; `agents`, and in 1.1 `roles`, come out of users.csv."""

KIND_OF: dict[type[Record], str] = {record: kind for kind, record in KINDS.items()}


class Reference(NamedTuple):
    """`kind.field` holds the id of a record of `target`; `is_owner`: without it the row means nothing."""

    kind: str
    field: str
    target: str
    is_owner: bool
    column: str


REFERENCES = (
    Reference("orgs", "parent", "orgs", False, "parentSourcedId"),
    Reference("academicSessions", "parent", "academicSessions", False, "parentSourcedId"),
    Reference("courses", "org", "orgs", True, "orgSourcedId"),
    Reference("classes", "course", "courses", False, "courseSourcedId"),
    Reference("classes", "org", "orgs", True, "schoolSourcedId"),
    Reference("demographics", "sourced_id", "users", True, "sourcedId"),
    Reference("roles", "user", "users", True, "userSourcedId"),
    Reference("roles", "org", "orgs", True, "orgSourcedId"),
    Reference("agents", "other", "users", False, "agentSourcedIds"),
    Reference("enrollments", "klass", "classes", True, "classSourcedId"),
    Reference("enrollments", "user", "users", True, "userSourcedId"),
    Reference("enrollments", "org", "orgs", False, "schoolSourcedId"),
    Reference("userProfiles", "user", "users", True, "userSourcedId"),
)
