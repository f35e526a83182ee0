"""OneRoster's rows become ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from idp.core.iin import check_digit
from idp.oneroster import mapping
from idp.oneroster.errors import Problems
from idp.oneroster.records import AcademicSession, Agent, Demographic, Enrollment, Org, Role, User
from idp.store.models.org import ORGANISATION_TYPES
from idp.store.models.people import ROLES
from tests.factories.rosters import (
    CLASSES,
    ENROLLMENTS,
    ORGS,
    USERS,
    changed,
    errors,
    read,
    write_bundle,
)
from tests.factories.rosters import (
    ROLES as ROLE_ROWS,
)


def test_every_word_leads_to_a_role_and_a_type_we_have() -> None:
    assert set(mapping.ROLES.values()) <= set(ROLES)
    assert set(mapping.ORG_TYPE_WORDS.values()) <= set(ORGANISATION_TYPES)


def test_no_file_makes_an_operator() -> None:
    assert "operator" not in mapping.ROLES.values()


def test_leaders_above_schools_are_officials() -> None:
    assert mapping.our_role("administrator", "secondary") == "deputy"
    assert mapping.our_role("administrator", "district") == "official"
    assert mapping.our_role("principal", "department") == "official"
    assert mapping.our_role("student", "district") == "pupil"


def test_version_1_1_implies_roles_for_each_organisation(tmp_path: Path) -> None:
    users = [{"sourcedId": "p", "enabledUser": "true", "role": "student", "orgSourcedIds": "s,d", "givenName": "А"}]
    files = {"orgs": ORGS, "users": users}
    records = read(write_bundle(tmp_path, files, version="1.1"), Problems())
    roles = [record for record in records if isinstance(record, Role)]
    assert [(r.user, r.org, r.role, r.is_primary, r.owner) for r in roles] == [
        ("p", "s", "student", 1, "p"),
        ("p", "d", "student", 0, "p"),
    ]


def test_agents_are_links_by_row(tmp_path: Path) -> None:
    users = changed(USERS, "p", agentSourcedIds="g, g,t")
    links = [record for record in read(write_bundle(tmp_path, users=users), Problems()) if isinstance(record, Agent)]
    assert [(link.owner, link.other) for link in links] == [("p", "g"), ("p", "t")]


def test_our_columns_are_read(tmp_path: Path) -> None:
    number = "130517600123" if check_digit("13051760012") != 3 else "130517600124"
    users = changed(USERS, "p", metadata_iin=number, metadata_patronymic="Нұрланқызы", metadata_language="kk")
    problems = Problems(is_dev=True)
    found = [
        r for r in read(write_bundle(tmp_path, users=users), problems) if isinstance(r, User) and r.sourced_id == "p"
    ]
    assert (found[0].iin, found[0].middle_name, found[0].language) == (number, "Нұрланқызы", "kk")
    assert problems.counts == {"iin_checksum": 1}


def test_a_failing_checksum_is_an_error_by_line_in_production(tmp_path: Path) -> None:
    number = "130517600123" if check_digit("13051760012") != 3 else "130517600124"
    problems = Problems()
    read(write_bundle(tmp_path, users=changed(USERS, "p", metadata_iin=number)), problems)
    assert errors(problems) == [("iin_checksum", "users.csv", 4, "metadata.iin")]
    assert problems.acceptable_now == []


@pytest.mark.parametrize("number", ["12345", "139917600123", "abcdefghijkl", "１３０５１７６００１２３"])
def test_a_malformed_iin_is_an_error_everywhere(tmp_path: Path, number: str) -> None:
    problems = Problems(is_dev=True)
    read(write_bundle(tmp_path, users=changed(USERS, "p", metadata_iin=number)), problems)
    assert errors(problems) == [("iin_format", "users.csv", 4, "metadata.iin")]


def test_a_single_name_is_enough(tmp_path: Path) -> None:
    problems = Problems()
    read(write_bundle(tmp_path, users=changed(USERS, "p", familyName="")), problems)
    assert not problems.errors
    read(write_bundle(tmp_path, users=changed(USERS, "p", familyName="", givenName="")), problems)
    assert errors(problems) == [("value_missing", "users.csv", 4, "familyName")]


def test_an_unknown_role_can_be_accepted_and_gives_none(tmp_path: Path) -> None:
    problems = Problems(accept=["role_unknown"])
    records = read(write_bundle(tmp_path, roles=changed(ROLE_ROWS, "rt", role="ext:operator")), problems)
    assert not problems.errors
    assert [r.role for r in records if isinstance(r, Role)] == ["", "parent", "student"]


def test_race_and_origin_are_not_even_read(tmp_path: Path) -> None:
    rows = [{"sourcedId": "p", "birthDate": "2013-05-17", "sex": "female", "asian": "true", "cityOfBirth": "Алматы"}]
    found = [r for r in read(write_bundle(tmp_path, demographics=rows), Problems()) if isinstance(r, Demographic)]
    assert found == [Demographic("p", 2, 0, "2013-05-17", "female")]


def test_a_department_is_no_place_for_classes_but_an_organisation(tmp_path: Path) -> None:
    orgs = changed(ORGS, "s", type="department")
    found = [r for r in read(write_bundle(tmp_path, orgs=orgs), Problems()) if isinstance(r, Org)]
    assert [(r.type, r.is_school) for r in found] == [("district", 0), ("secondary", 0)]


def test_a_school_year_with_a_hyphen_is_read_as_its_end(tmp_path: Path) -> None:
    sessions = [
        {"sourcedId": "y", "title": "x", "type": "schoolYear", "startDate": "2026-09-01", "endDate": "2027-05-25",
         "schoolYear": "2026-2027"}
    ]  # fmt: skip
    problems = Problems()
    records = read(write_bundle(tmp_path, academicSessions=sessions), problems)
    assert [r.school_year for r in records if isinstance(r, AcademicSession)] == [2027]
    assert problems.counts == {"school_year": 1}


def test_a_role_in_class_that_we_do_not_use_is_a_warning(tmp_path: Path) -> None:
    problems = Problems()
    records = read(write_bundle(tmp_path, enrollments=changed(ENROLLMENTS, "et", role="proctor")), problems)
    assert [r.role for r in records if isinstance(r, Enrollment)] == ["pupil", ""]
    assert problems.counts == {"enrolment_unused": 1}


def test_reversed_dates_are_an_error(tmp_path: Path) -> None:
    problems = Problems()
    rows = changed(ENROLLMENTS, "ep", beginDate="2027-01-01", endDate="2026-01-01")
    read(write_bundle(tmp_path, enrollments=rows), problems)
    assert errors(problems) == [("dates_reversed", "enrollments.csv", 2, "beginDate")]


def test_language_and_shift_of_a_class(tmp_path: Path) -> None:
    problems = Problems()
    rows = changed(CLASSES, "c", metadata_language="xx", metadata_shift="4")
    read(write_bundle(tmp_path, classes=rows), problems)
    assert problems.counts == {"language_unknown": 1, "shift_unknown": 1}
