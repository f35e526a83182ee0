"""Bundles that others wrote: what imports with exactly which rows, what is refused, and what no word can let in."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from idp.core.clock import FixedClock
from idp.oneroster.codes import ACCEPTABLE
from idp.oneroster.errors import Refused
from idp.services.rosters import Report, Rosters
from idp.store.models.people import Enrolment, Guardianship, Membership, Person
from idp.store.session import UnitOfWork
from tests.factories.rosters import FakeVault
from tests.factories.rows import add_school

pytestmark = pytest.mark.external

_LONGSIGHT = {
    "orgs": 2, "academicSessions": 2, "courses": 1, "classes": 1, "users": 2, "roles": 2, "userProfiles": 1,
    "demographics": 1, "enrollments": 1, "guardianships": 1,
}  # fmt: skip
_CATALYST = {
    "orgs": 1, "academicSessions": 5, "classes": 2, "users": 6, "enrollments": 6, "memberships": 6,
}  # fmt: skip


@pytest.fixture
def bundles(test_data: Path) -> Path:
    return test_data / "oneroster"


@pytest.fixture
def rosters(uow: UnitOfWork, clock: FixedClock) -> Rosters:
    return Rosters(uow, clock, FakeVault(), is_dev=True)


def _read(report: Report) -> dict[str, int]:
    return {name: counts.read for name, counts in report.kinds.items()}


def _refusal(rosters: Rosters, path: Path, **options: object) -> set[str]:
    with pytest.raises(Refused) as refused:
        rosters.import_path(path, **options)  # type: ignore[arg-type]
    problems = refused.value.problems
    found = {code for code in problems.counts if problems.severity(code) == "error"}
    listed = [item for item in problems.items if item.severity == "error"]
    assert listed
    assert all(item.file for item in listed)
    return found


def _count(uow: UnitOfWork, column: object) -> int:
    with uow.read() as tx:
        return int(tx.connection.execute(select(func.count(column))).scalar_one())  # type: ignore[arg-type]


def test_mergelabs_imports_whole(rosters: Rosters, uow: UnitOfWork, bundles: Path) -> None:
    report = rosters.import_path(bundles / "mergelabs-11")
    assert _read(report) == {
        "orgs": 9, "academicSessions": 2, "courses": 91, "classes": 364, "users": 837, "demographics": 778,
        "enrollments": 5810, "memberships": 837, "guardianships": 0,
    }  # fmt: skip
    assert all(counts.added == counts.read for counts in report.kinds.values())
    assert set(report.problems.counts) == {"bulk_status", "school_year"}
    with uow.read() as tx:
        query = select(Membership.role, func.count()).group_by(Membership.role)
        roles = {row[0]: row[1] for row in tx.connection.execute(query)}
        query = select(Enrolment.role, func.count()).group_by(Enrolment.role)
        places = {row[0]: row[1] for row in tx.connection.execute(query)}
    assert roles == {"pupil": 778, "teacher": 50, "deputy": 8, "official": 1}
    assert places == {"pupil": 5446, "class_teacher": 52, "teacher": 312}
    assert rosters.import_path(bundles / "mergelabs-11").is_unchanged


@pytest.mark.parametrize("mode", ["bulk", "delta"])
@pytest.mark.parametrize("part", ["rostering", "full", "gradebook", "resources"])
def test_longsight_imports_with_warnings(rosters: Rosters, bundles: Path, part: str, mode: str) -> None:
    path = bundles / "longsight-12-valid" / f"{part}-{mode}-package.zip"
    report = rosters.import_path(path)
    assert _read(report) == _LONGSIGHT
    assert set(report.problems.counts) <= {"agent_role", "file_unused"}
    assert report.problems.counts["agent_role"] == 1
    assert rosters.import_path(path).is_unchanged


def test_a_manifest_alone_brings_nothing(rosters: Rosters, uow: UnitOfWork, bundles: Path) -> None:
    report = rosters.import_path(bundles / "longsight-12-valid" / "manifest-only-package.zip")
    assert report.kinds == {}
    assert set(report.problems.counts) == {"empty_bundle"}
    assert _count(uow, Person.id) == 0


@pytest.mark.parametrize(
    ("name", "codes", "rows"),
    [
        (
            "catalyst-moodle-11/Test_full_data_set.zip",
            {"class_outside_school", "dangling_reference", "enrolled_as_pupil", "inactive", "letter_case"},
            _CATALYST | {"guardianships": 5},
        ),
        (
            "catalyst-moodle-11/Test_minimal_data_set.zip",
            {"class_outside_school", "dangling_reference", "enrolled_as_pupil", "letter_case"},
            _CATALYST | {"guardianships": 0},
        ),
        (
            "catalyst-moodle-12/oneroster_test_data.zip",
            {"letter_case"},
            dict.fromkeys(
                ("orgs", "academicSessions", "courses", "classes", "users", "roles", "userProfiles", "demographics",
                 "enrollments"), 1,
            ) | {"guardianships": 0},
        ),
    ],
)  # fmt: skip
def test_catalyst_is_refused_until_the_codes_are_accepted(
    rosters: Rosters, uow: UnitOfWork, bundles: Path, name: str, codes: set[str], rows: dict[str, int]
) -> None:
    assert _refusal(rosters, bundles / name) == codes
    assert _count(uow, Person.id) == 0
    for code in codes:
        assert code in _refusal(rosters, bundles / name, accept=codes - {code})
    report = rosters.import_path(bundles / name, accept=codes)
    assert _read(report) == rows
    for counts in report.kinds.values():
        assert counts.read == counts.added + counts.changed + counts.ended + counts.left
    assert _count(uow, Person.id) == rows["users"]
    assert rosters.import_path(bundles / name, accept=codes).is_unchanged


def test_families_need_a_school(rosters: Rosters, uow: UnitOfWork, bundles: Path) -> None:
    path = bundles / "nicelion-families-11"
    assert _refusal(rosters, path) == {"manifest_missing"}
    with uow.write() as tx:
        add_school(tx, identifier="900012")
    report = rosters.import_path(path, school="900012")
    assert _read(report) == {"users": 1999, "memberships": 1999, "guardianships": 2390}
    assert set(report.problems.counts) == {"bulk_status", "email_shared"}
    with uow.read() as tx:
        per_child = select(func.count().label("n")).select_from(Guardianship).group_by(Guardianship.child_id).subquery()
        found = tx.connection.execute(select(per_child.c.n, func.count()).group_by(per_child.c.n))
        assert {row[0]: row[1] for row in found} == {1: 401, 2: 369, 3: 417}
    assert rosters.import_path(path, school="900012").is_unchanged


def test_the_broken_full_dataset_is_refused_whatever_is_accepted(
    rosters: Rosters, uow: UnitOfWork, bundles: Path
) -> None:
    path = bundles / "catalyst-moodle-12" / "v1p2_full_dataset.zip"
    codes = _refusal(rosters, path, accept=ACCEPTABLE)
    assert {"manifest_value", "file_case", "column_misspelt", "column_unnamed"} <= codes
    assert _count(uow, Person.id) == 0
