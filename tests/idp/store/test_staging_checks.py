"""Findings across staged rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from idp.oneroster.records import AcademicSession, Agent, Class, Demographic, Enrollment, Org, Role, User
from idp.services.roster_stage import digest, open_staging
from idp.store import staging_checks
from idp.store.staging import Staging


@pytest.fixture
def staging() -> Iterator[Staging]:
    made = open_staging()
    yield made
    made.close()


def _org(sourced_id: str, line: int, parent: str = "") -> tuple[object, ...]:
    record = Org(sourced_id, line, 0, "x", "secondary", 1, "", parent)
    return (*record, digest(record))


def _user(sourced_id: str, line: int, *, iin: str = "", username: str = "", ended: int = 0) -> tuple[object, ...]:
    record = User(sourced_id, line, ended, username, "А", "Б", "", "", "", "", "", 1, iin)
    return (*record, digest(record))


def test_the_later_of_two_equal_ids_is_the_duplicate(staging: Staging) -> None:
    staging.add("orgs", [_org("a", 2), _org("b", 3), _org("a", 4)])
    assert list(staging_checks.duplicates(staging, "orgs")) == [(4, "a")]


def test_references_into_nothing_are_found_unless_known(staging: Staging) -> None:
    staging.add("orgs", [_org("a", 2, "gone"), _org("b", 3, "a")])
    assert list(staging_checks.dangling(staging, "orgs", "parent", "orgs", is_whole=False)) == [(2, "gone")]
    staging.add_known([("orgs", "gone", "t", "d", 0)])
    assert list(staging_checks.dangling(staging, "orgs", "parent", "orgs", is_whole=False)) == []
    assert list(staging_checks.dangling(staging, "orgs", "parent", "orgs", is_whole=True)) == [(2, "gone")]


def test_circles_are_found_but_not_what_hangs_on_a_known_parent(staging: Staging) -> None:
    staging.add("orgs", [_org("a", 2, "b"), _org("b", 3, "a"), _org("c", 4, "known"), _org("d", 5, "d")])
    assert sorted(staging_checks.cycles(staging, "orgs")) == [(2, "a"), (3, "b"), (5, "d")]


def test_people_who_share_an_iin_or_a_username_are_found(staging: Staging) -> None:
    rows = [_user("a", 2, iin="h", username="Ann"), _user("b", 3, iin="h", username="ann"), _user("c", 4, iin="i")]
    staging.add("users", rows)
    assert list(staging_checks.same_iin(staging)) == [(3, "b")]
    assert list(staging_checks.repeated(staging, "username")) == [(3, "ann")]
    staging_checks.usable_usernames(staging)
    assert list(staging_checks.usernames(staging)) == [(2, "Ann")]


def test_terms_of_classes_are_references_too(staging: Staging) -> None:
    session = AcademicSession("y", 2, 0, "x", "term", "2026-09-01", "2027-05-25", 2027, "")
    klass = Class("c", 7, 0, "x", "homeroom", "", "", "", "", "", "s", '["y", "z"]')
    staging.add("academicSessions", [(*session, "d")])
    staging.add("classes", [(*klass, "d")])
    assert list(staging_checks.dangling_terms(staging, is_whole=True)) == [(7, "z")]


def test_rows_end_with_their_owner(staging: Staging) -> None:
    staging.add("users", [_user("a", 2, ended=1), _user("b", 3)])
    roles = [Role(f"r{u}", n, 0, u, "s", "student", 1, "", "", "") for n, u in enumerate("ab", start=2)]
    staging.add("roles", [(*role, "d") for role in roles])
    assert list(staging_checks.end_with_owner(staging, "roles", "user", "users")) == [(2, "a")]
    assert list(staging.select("SELECT sourced_id FROM rows_roles WHERE ended")) == [("ra",)]


def test_links_are_settled_from_either_side(staging: Staging) -> None:
    staging.add("users", [_user(name, 2) for name in ("child", "mother", "father", "teacher")])
    staging.add_holds([("child", "pupil"), ("mother", "guardian"), ("father", "guardian"), ("teacher", "teacher")])
    links = [("child", "mother"), ("father", "child"), ("child", "teacher"), ("child", "nobody")]
    agents = [Agent(f"{a}>{b}", line, 0, a, b, "") for line, (a, b) in enumerate(links, start=2)]
    staging.add("agents", [(*agent, "d") for agent in agents])
    assert list(staging_checks.settle_agents(staging, ("parent",))) == [(4, "teacher")]
    found = set(staging.select("SELECT child, guardian, relation FROM rows_agents WHERE NOT ended"))
    assert found == {("child", "mother", "parent"), ("child", "father", "parent")}


def test_enrolments_beside_the_role_are_found(staging: Staging) -> None:
    staging.add("users", [_user("p", 2), _user("t", 3)])
    staging.add_holds([("p", "pupil"), ("t", "teacher")])
    cases = [("p", "pupil"), ("p", "teacher"), ("t", "pupil"), ("t", "teacher"), ("nobody", "teacher")]
    rows = [Enrollment(f"e{n}", n, 0, "c", "s", user, role, 0, "", "") for n, (user, role) in enumerate(cases)]
    staging.add("enrollments", [(*row, "d") for row in rows])
    assert list(staging_checks.enrolled_as_pupil(staging)) == [(2, "t")]
    assert list(staging_checks.enrolled_as_teacher(staging)) == [(1, "p")]


def test_a_child_is_younger_than_its_guardian(staging: Staging) -> None:
    births = [("p", "2013-05-17"), ("q", "2013-05-17"), ("g", "1985-01-01"), ("h", "2013-05-17"), ("n", "")]
    staging.add(
        "demographics",
        [(*record, digest(record)) for record in (Demographic(key, 9, 0, born, "") for key, born in births)],
    )
    links = [("p", "g"), ("p", "h"), ("q", "n"), ("q", "unknown")]
    staging.add(
        "agents",
        [(*record, digest(record)) for record in (Agent(f"{a}{b}", n, 0, a, b, "") for n, (a, b) in enumerate(links))],
    )
    staging.execute("UPDATE rows_agents SET child=owner, guardian=other")
    assert list(staging_checks.child_no_younger(staging)) == [(1, "h")]
    staging.add_seal("n", "person", b"", "2014-01-01")
    staging.add_seal("g", "person", b"", "2014-01-01")
    assert list(staging_checks.child_no_younger(staging)) == [(1, "h"), (2, "n")], "by an ИИН where nothing else tells"
