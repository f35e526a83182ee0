"""Staging: where a bundle comes from, and what must not reach the scratch table."""

from __future__ import annotations

from pathlib import Path

import pytest

from idp.core.clock import FixedClock
from idp.oneroster.errors import Refused
from idp.oneroster.records import Demographic
from idp.services.roster_stage import digest
from idp.services.rosters import Rosters
from idp.store.session import UnitOfWork
from tests.factories.rosters import USERS, FakeVault, changed, write_bundle


@pytest.fixture
def rosters(uow: UnitOfWork, clock: FixedClock) -> Rosters:
    return Rosters(uow, clock, FakeVault(), is_dev=True)


def test_a_digest_forgets_where_a_row_stood_and_whether_it_ended() -> None:
    one = Demographic("p", 2, 0, "2013-05-17", "female")
    assert digest(one) == digest(one._replace(line=9, ended=1))
    assert digest(one) != digest(one._replace(sex=""))


def test_a_delta_of_people_alone_finds_its_source(rosters: Rosters, tmp_path: Path) -> None:
    first = rosters.import_path(write_bundle(tmp_path / "a"))
    people = {"users": changed(USERS, "p", givenName="Ә")[2:]}
    report = rosters.import_path(write_bundle(tmp_path / "b", people, mode="delta"))
    assert (report.source, report.kinds["users"].changed) == (first.source, 1)


def test_a_delta_known_to_two_sources_must_say_which(rosters: Rosters, tmp_path: Path) -> None:
    rosters.import_path(write_bundle(tmp_path / "a"))
    other = [{"sourcedId": "other", "name": "Басқа аудан", "type": "district"}]
    school = [{"sourcedId": "s", "name": "№ 12 мектеп", "type": "school", "parentSourcedId": "other"}]
    rosters.import_path(write_bundle(tmp_path / "b", orgs=[*other, *school]))
    with pytest.raises(Refused) as refused:
        rosters.import_path(write_bundle(tmp_path / "c", {"users": USERS[:1]}, mode="delta"))
    assert refused.value.problems.counts["source_ambiguous"] == 1


def test_a_delta_of_strangers_needs_a_school(rosters: Rosters, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        rosters.import_path(write_bundle(tmp_path / "a", {"users": USERS}, mode="delta"))
    assert refused.value.problems.counts["school_needed"] == 1
