"""Actions, ids and endings of staged rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from idp.oneroster.records import Agent, Course
from idp.services.roster_stage import digest, open_staging
from idp.store import staging_plan
from idp.store.staging import Staging


@pytest.fixture
def staging() -> Iterator[Staging]:
    made = open_staging()
    yield made
    made.close()


def _course(sourced_id: str, *, ended: int = 0) -> tuple[object, ...]:
    record = Course(sourced_id, 2, ended, sourced_id, "", "[]", "s")
    return (*record, digest(record))


def test_every_row_gets_one_action(staging: Staging) -> None:
    same = str(_course("same")[-1])
    staging.add_known(
        [("courses", "same", "t1", same, 0), ("courses", "other", "t2", "x", 0), ("courses", "back", "t3", "x", 1),
         ("courses", "gone", "t4", "x", 0), ("courses", "long gone", "t5", "x", 1)]
    )  # fmt: skip
    staging.add("courses", [_course(name) for name in ("new", "same", "other", "back")])
    staging.add("courses", [_course(name, ended=1) for name in ("gone", "long gone", "never was")])
    staging_plan.plan(staging, "courses")
    assert staging_plan.tally(staging, "courses") == {"added": 1, "changed": 2, "left": 3, "ended": 1}
    assert list(staging_plan.endings(staging, "courses")) == [["t4"]]


def test_new_rows_may_be_assigned_while_they_are_read(staging: Staging) -> None:
    staging.add("courses", (_course(f"c{n}") for n in range(12_000)))
    staging_plan.plan(staging, "courses")
    seen = 0
    for batch in staging_plan.new_rows(staging, "courses"):
        staging_plan.assign(staging, "courses", ((f"t{row[0]}", row[0]) for row in batch))
        seen += len(batch)
    assert seen == 12_000
    remembered = [row for batch in staging_plan.to_remember(staging, "courses") for row in batch]
    assert len({row[2] for row in remembered}) == 12_000
    assert {row[0] for row in remembered} == {"added"}


def test_what_a_users_row_no_longer_implies_ends(staging: Staging) -> None:
    staging.db.execute("INSERT INTO rows_users (sourced_id) VALUES ('p')")
    link = Agent("p\x1fmother", 2, 0, "p", "mother", "parent")
    staging.add("agents", [(*link, "d")])
    staging.add_known(
        [("agents", "p\x1fmother", "t1", "d", 0), ("agents", "p\x1ffather", "t2", "d", 0),
         ("agents", "absent\x1ffather", "t3", "d", 0)]
    )  # fmt: skip
    assert staging_plan.end_implied(staging, "agents") == 1
    assert list(staging_plan.endings(staging, "agents")) == [["t2"]]
    assert staging_plan.count_endings(staging, "agents") == 1


def test_reserved_usernames_are_remembered(staging: Staging) -> None:
    staging_plan.reserve_usernames(staging, ["a", "b"])
    assert staging_plan.reserved_usernames(staging, [f"x{n}" for n in range(900)] + ["b"]) == {"b"}
