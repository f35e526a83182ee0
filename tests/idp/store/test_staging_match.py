"""Which staged rows may be something known, and what becomes of those that are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from idp.oneroster.records import Class, Enrollment
from idp.services.roster_stage import digest, open_staging
from idp.store import staging_match, staging_plan
from idp.store.staging import Staging


@pytest.fixture
def staging() -> Iterator[Staging]:
    made = open_staging()
    yield made
    made.close()


def _class(sourced_id: str, kind: str = "homeroom") -> tuple[object, ...]:
    record = Class(sourced_id, 2, 0, f"7 {sourced_id}", kind, "7", "", "", "", "", "s", "[]")
    return (*record, digest(record))


def _place(sourced_id: str, klass: str) -> tuple[object, ...]:
    record = Enrollment(sourced_id, 3, 0, klass, "", "p", "pupil", 0, "", "")
    return (*record, digest(record))


def test_new_homerooms_are_offered_and_what_is_matched_is_no_longer_new(staging: Staging) -> None:
    known = str(_class("known")[-1])
    staging.add_known(
        [("orgs", "s", "school", "", 0), ("classes", "known", "k", known, 0), ("users", "p", "who", "", 0)]
    )
    staging.add("classes", [_class("a"), _class("b", "scheduled"), _class("known")])
    staging.add("enrollments", [_place("e", "known")])
    staging.index()
    for kind in ("classes", "enrollments"):
        staging_plan.plan(staging, kind)
    assert staging_match.has_new(staging, "classes")
    (offered,) = staging_match.new_homerooms(staging)
    assert [row[1:] for row in offered] == [("7 a", "school", "[]")]
    staging_match.match(staging, "classes", [("ours", offered[0][0])])
    assert list(staging_match.new_homerooms(staging)) == []
    assert staging_match.spoken_for(staging, "classes", is_whole=True) == {"k"}
    (places,) = staging_match.new_places(staging)
    assert places[0][1:] == ("who", "k", "pupil", 0)


def test_a_class_of_a_year_that_is_over_becomes_new_with_its_places(staging: Staging) -> None:
    klass, place = _class("c"), _place("e", "c")
    staging.add_known([("classes", "c", "old", str(klass[-1]), 0), ("enrollments", "e", "place", str(place[-1]), 0)])
    staging.add("classes", [klass])
    staging.add("enrollments", [place])
    for kind in ("classes", "enrollments"):
        staging_plan.plan(staging, kind)
    (known,) = staging_match.known_homerooms(staging)
    assert known[0][1] == "old"
    staging_match.renew_places(staging)
    assert staging_plan.tally(staging, "enrollments") == {"left": 1}
    staging_match.renew_classes(staging, [known[0][0]])
    staging_match.renew_places(staging)
    assert staging_plan.tally(staging, "classes") == staging_plan.tally(staging, "enrollments") == {"added": 1}
    staging.add_endings("classes", [("ours", "x"), ("gone", "y")])
    staging_match.match(staging, "classes", [("ours", known[0][0])])
    staging_match.keep_matched(staging)
    assert list(staging_plan.endings(staging, "classes")) == [["gone"]]
