"""Checks across rows and files that a delta makes against what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from idp.core.clock import FixedClock
from idp.oneroster.errors import Refused
from idp.services.rosters import Rosters
from idp.store.session import UnitOfWork
from tests.factories.rosters import CLASSES, ENROLLMENTS, ROLES, USERS, FakeVault, changed, write_bundle


@pytest.fixture
def rosters(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> Rosters:
    """With the small bundle imported."""
    made = Rosters(uow, clock, FakeVault(), is_dev=True)
    made.import_path(write_bundle(tmp_path / "full"))
    return made


def test_stored_roles_count_in_a_delta(rosters: Rosters, tmp_path: Path) -> None:
    other = {**CLASSES[0], "sourcedId": "c2", "title": "8 «Б»"}
    again = [{**row, "sourcedId": f"{row['sourcedId']}2", "classSourcedId": "c2"} for row in ENROLLMENTS]
    report = rosters.import_path(write_bundle(tmp_path / "b", {"classes": [other], "enrollments": again}, mode="delta"))
    assert report.kinds["enrollments"].added == 2


def test_a_stored_pupil_is_no_teacher_in_a_delta(rosters: Rosters, tmp_path: Path) -> None:
    rows = [{**ENROLLMENTS[0], "sourcedId": "e9", "role": "teacher"}]
    with pytest.raises(Refused) as refused:
        rosters.import_path(write_bundle(tmp_path / "b", {"enrollments": rows}, mode="delta"))
    assert refused.value.problems.counts["enrolled_as_teacher"] == 1


def test_a_row_of_something_ended_before_ends_with_a_warning(rosters: Rosters, tmp_path: Path) -> None:
    gone = {"classes": changed(CLASSES, "c", status="tobedeleted")}
    rosters.import_path(write_bundle(tmp_path / "b", gone, mode="delta"))
    rows = {"enrollments": [{**ENROLLMENTS[0], "sourcedId": "late"}]}
    report = rosters.import_path(write_bundle(tmp_path / "c", rows, mode="delta"))
    assert report.problems.counts == {"owner_ended": 1}
    assert report.kinds["enrollments"].left == 1


def test_a_bulk_file_must_hold_what_its_bundle_refers_to(rosters: Rosters, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        rosters.import_path(write_bundle(tmp_path / "b", users=USERS[1:]))
    assert refused.value.problems.counts["dangling_owner"] == 2


def test_shared_addresses_schools_apart_and_people_without_roles_are_warnings(rosters: Rosters, tmp_path: Path) -> None:
    users = changed(changed(USERS, "p", email="a@b.example"), "g", email="A@b.example")
    apart = changed(ENROLLMENTS, "ep", schoolSourcedId="d")
    report = rosters.import_path(
        write_bundle(tmp_path / "b", users=[*users, {**USERS[0], "sourcedId": "new"}], enrollments=apart, roles=ROLES)
    )
    assert report.problems.counts == {
        "email_shared": 1, "school_mismatch": 1, "user_without_role": 1, "username_repeated": 1,
    }  # fmt: skip
