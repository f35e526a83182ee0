"""Who may act on whose account."""

from __future__ import annotations

import pytest

from idp.core import levels
from idp.core.clock import local_date
from idp.core.errors import Denied
from idp.services import rank
from idp.services.acting import Actor
from tests.factories.console import Console, add_guardianship
from tests.factories.rows import add_membership


def actor(console: Console, name: str, role: str = "") -> Actor:
    return console.parts.acting.actor(
        person_id=console.people[name], membership_id=console.memberships[name], acr=levels.EDS, amr=("pwd",),
        auth_time=console.clock.now(),
    )  # fmt: skip


def test_nobody_acts_on_an_account_above_their_own(console: Console) -> None:
    today = local_date(console.clock.now())
    secretary = actor(console, "secretary")
    with console.parts.uow.read() as tx:
        for name in ("pupil", "teacher", "guardian", "secretary"):
            rank.check(tx, secretary, console.people[name], today=today)
        for name in ("director", "deputy", "operator", "data_protection"):
            with pytest.raises(Denied):
                rank.check(tx, secretary, console.people[name], today=today)
        rank.check(tx, actor(console, "operator"), console.people["director"], today=today)


def test_a_role_gives_none_above_itself() -> None:
    assert "director" in rank.grantable("operator")
    assert "director" not in rank.grantable("director")
    assert "deputy" in rank.grantable("director")
    assert {"deputy", "data_protection", "director"}.isdisjoint(rank.grantable("secretary"))
    assert "guardian" not in rank.SCHOOL_ROLES


def test_no_school_alone_masters_an_account_that_others_rely_on(console: Console) -> None:
    today = local_date(console.clock.now())
    director, secretary, guardian = actor(console, "director"), actor(console, "secretary"), console.people["guardian"]
    with console.parts.uow.write() as tx:
        console.add(tx, "second_secretary", "secretary", console.school)
        add_membership(tx, console.people["nurse"], console.other, "nurse")
        rank.check(tx, director, console.people["second_secretary"], today=today)
        rank.check(tx, secretary, guardian, today=today)
        add_guardianship(tx, console.school, console.people["other_pupil"], guardian)
        for who, whom, code in (
            (secretary, console.people["second_secretary"], "person_above"),
            (director, console.people["nurse"], "person_elsewhere"),
            (director, guardian, "person_elsewhere"),
            (director, console.people["other_director"], "person_elsewhere"),
        ):
            with pytest.raises(Denied) as caught:
                rank.check(tx, who, whom, today=today)
            assert caught.value.code == code
        rank.check_above(tx, director, console.people["nurse"], today=today)
    assert rank.grantable("operator", is_authority=True) == ("official",)
    assert rank.grantable("director", is_authority=True) == ()
    assert "data_protection" not in rank.grantable("deputy")
