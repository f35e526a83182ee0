"""Files and columns of the CSV bindings: OneRoster 1.1 §4 and 1.2 Rostering CSV binding §5.

A star marks a column whose cell must be filled. `status` and `dateLastModified` belong to every file but the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from idp.oneroster.errors import Problems

VERSIONS = ("1.1", "1.2")

_BOTH = {
    "academicSessions": "title* type* startDate* endDate* parentSourcedId schoolYear*",
    "orgs": "name* type* identifier parentSourcedId",
    "courses": "schoolYearSourcedId title* courseCode grades orgSourcedId* subjects subjectCodes",
    "classes": "title* grades courseSourcedId classCode classType* location schoolSourcedId* termSourcedIds subjects"
    " subjectCodes periods",
    "enrollments": "classSourcedId* schoolSourcedId* userSourcedId* role* primary beginDate endDate",
    "demographics": "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican"
    " nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity"
    " countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus",
}
_USERS_11 = (
    "enabledUser* orgSourcedIds* role* username userIds givenName familyName middleName identifier email sms phone"
    " agentSourcedIds grades password"
)
_USERS_12 = (
    "enabledUser* username userIds givenName familyName middleName identifier email sms phone agentSourcedIds grades"
    " password userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName primaryOrgSourcedId"
    " pronouns"
)
_ROLES = "userSourcedId* roleType* role* beginDate endDate orgSourcedId* userProfileSourcedId"
_PROFILES = "userSourcedId* profileType* vendorId* applicationId description credentialType* username* password"

FILES: Mapping[str, Mapping[str, str]] = {
    "1.1": {**_BOTH, "users": _USERS_11},
    "1.2": {**_BOTH, "users": _USERS_12, "roles": _ROLES, "userProfiles": _PROFILES},
}
"""By version: the files we read, by their name without `.csv`."""

UNUSED = {
    "1.1": ("categories", "classResources", "courseResources", "lineItems", "resources", "results"),
    "1.2": (
        "categories", "classResources", "courseResources", "lineItemLearningObjectiveIds", "lineItems",
        "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales",
        "scoreScales", "userResources",
    ),
}  # fmt: skip
"""Files that exist in the binding and that we have no use for: grades and learning resources."""

READING_ORDER = (
    "orgs", "academicSessions", "courses", "classes", "users", "roles", "userProfiles", "demographics", "enrollments",
)  # fmt: skip

EXTENSIONS = {
    "users": ("metadata.iin", "metadata.patronymic", "metadata.language"),
    "classes": ("metadata.language", "metadata.shift"),
}
"""Our own columns (docs/reference/roster-import.md); other `metadata.*` columns are allowed and not read."""

_HEAD = ("sourcedId*", "status", "dateLastModified")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of one file are. `width` is the number of cells each row must have."""

    places: Mapping[str, int]
    required: frozenset[str]
    width: int


def read_header(cells: list[str], kind: str, version: str, problems: Problems) -> Header:
    """Checks the header row of `kind`; raises Unreadable when rows below it could be misread."""
    file = f"{kind}.csv"
    for separator, name in ((";", "«;»"), ("\t", "TAB"), ("|", "«|»")):
        if len(cells) == 1 and separator in cells[0]:
            raise problems.fatal("delimiter", file, 1, value=name)
    spec = (*_HEAD, *FILES[version][kind].split())
    required = {name[:-1] for name in spec if name.endswith("*")}
    known = [name.rstrip("*") for name in spec]
    known += EXTENSIONS.get(kind, ())
    before = problems.errors
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = cell.strip()
        if not name:
            problems.add("column_unnamed", file, 1, column=str(place + 1))
        elif name in places:
            problems.add("column_duplicate", file, 1, column=name, value=name)
        places.setdefault(name, place)
    missing = [name.rstrip("*") for name in spec if name.rstrip("*") not in places]
    for name in places:
        if name and name not in known:
            _unknown_column(name, [*missing, *(k for k in known if k.startswith("metadata."))], file, problems)
    for name in missing:
        code = "column_missing" if name in required else "column_absent"
        problems.add(code, file, 1, column=name, value=name)
    if problems.errors > before:
        raise problems.fatal_again()
    return Header(places, frozenset(required), len(cells))


def _unknown_column(name: str, missing: list[str], file: str, problems: Problems) -> None:
    """A name close to one that is missing is a slip that would lose data, not an extension."""
    folded = {candidate.lower(): candidate for candidate in missing}
    close = get_close_matches(name.lower(), folded, n=1, cutoff=0.85)
    if close:
        problems.add("column_misspelt", file, 1, column=name, value=f"{name} → {folded[close[0]]}")
    else:
        problems.add("column_unknown", file, 1, column=name, value=name)
