"""services/by_mail: a session, an address and a new password, each by a code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.core import levels
from idp.core.errors import Conflict, Denied, Invalid
from idp.services.second_step import NeedsFactor
from idp.services.sessions import Opened
from idp.store import addresses, credentials
from tests.factories.factor_ground import STRANGER, VISITOR, FactorGround

NEW = "өзен мен орман"


def _code(ground: FactorGround) -> str:
    return ground.letters()[-1].values["code"]


def test_a_confirmed_address_lets_in_at_the_level_of_a_password(ground: FactorGround) -> None:
    by_mail, person = ground.parts.sign_in.by_mail, ground.person()
    for name in ("gulnara", " GULNARA@mektep.example "):
        challenge = by_mail.begin_sign_in(name, VISITOR)
        opened = by_mail.finish_sign_in(challenge, _code(ground), VISITOR, is_shared=False)
        assert isinstance(opened, Opened)
        session = ground.parts.sessions.current(opened.token)
        assert session is not None
        assert (session.person_id, session.acr, session.amr) == (person, levels.PASSWORD, ("otp",))
    ground.app_of(person)
    challenge = by_mail.begin_sign_in("gulnara", VISITOR)
    with pytest.raises(Denied) as caught:
        by_mail.finish_sign_in(challenge, _code(ground), VISITOR, is_shared=False)
    assert caught.value.code == "password_needed"


def test_whoever_is_meant_the_answer_is_the_same(ground: FactorGround) -> None:
    by_mail = ground.parts.sign_in.by_mail
    ground.person("marat", email_verified=False)
    ground.person("ended", status="ended")
    for name in ("marat", "marat@mektep.example", "ended", "nobody", "", "a" * 300, "nul\x00"):
        assert by_mail.begin_sign_in(name, VISITOR)
        assert by_mail.begin_password(name, VISITOR)
    assert ground.letters() == []


def test_an_address_is_confirmed_by_its_owner_and_the_old_one_is_told(ground: FactorGround) -> None:
    by_mail, person, other = ground.parts.sign_in.by_mail, ground.person(), ground.person("marat")
    with pytest.raises(Invalid):
        by_mail.begin_address(person, "not an address", VISITOR)
    challenge = by_mail.begin_address(person, "New@Mektep.example", VISITOR)
    with pytest.raises(Denied):
        by_mail.finish_address(other, challenge, _code(ground), VISITOR)
    assert by_mail.finish_address(person, challenge, _code(ground), VISITOR) == "new@mektep.example"
    told = ground.letters()[-1]
    assert (told.to, told.values["what"]) == ("gulnara@mektep.example", "address_changed")
    by_mail.forget_address(person)
    with pytest.raises(Conflict):
        by_mail.forget_address(person)
    with ground.parts.uow.read() as tx:
        after = addresses.of_person(tx, person)
    assert after is not None
    assert (after.email, after.is_verified) == ("", False)


def test_the_address_that_is_the_only_way_in_stays(ground: FactorGround) -> None:
    by_mail, person = ground.parts.sign_in.by_mail, ground.person()
    with ground.parts.uow.write() as tx:
        credentials.remove_all(tx, person, ("password",))
    with pytest.raises(Conflict) as caught:
        by_mail.forget_address(person)
    assert caught.value.code == "last_way_in"
    ground.passkey_of(person)
    by_mail.forget_address(person)


def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(ground: FactorGround) -> None:
    by_mail, person = ground.parts.sign_in.by_mail, ground.person()
    assert isinstance(ground.password(), Opened)
    challenge = by_mail.begin_password("gulnara", VISITOR)
    code = _code(ground)
    for visitor, typed in ((STRANGER, code), (VISITOR, "000000" if code != "000000" else "111111")):
        with pytest.raises(Denied):
            by_mail.finish_password(challenge, typed, NEW, NEW, visitor)
    assert by_mail.finish_password(challenge, code, "short", "short", VISITOR) == ["too_short"]
    assert by_mail.finish_password(challenge, code, NEW, "another", VISITOR) == ["mismatch"]
    assert by_mail.finish_password(challenge, code, NEW, NEW, VISITOR) == []
    assert ground.parts.sessions.of_person(person) == []
    with pytest.raises(Denied):
        by_mail.finish_password(challenge, code, NEW, NEW, VISITOR)
    with pytest.raises(Denied):
        ground.password()
    assert isinstance(ground.password(password=NEW), Opened)
    assert ground.letters()[-1].values["what"] == "password_changed"


def test_by_mail_alone_no_member_of_staff_becomes_strong(ground: FactorGround) -> None:
    by_mail, factors = ground.parts.sign_in.by_mail, ground.parts.sign_in.factors
    teacher, parent = ground.person("marat", "teacher"), ground.person()
    level = levels.PASSWORD
    factors.check_first(teacher, level, ("pwd",))
    factors.check_first(parent, level, ("otp",))
    factors.check_first(teacher, levels.MFA, ("hwk", "user"))
    challenge = by_mail.begin_password("marat", VISITOR)
    assert by_mail.finish_password(challenge, _code(ground), NEW, NEW, VISITOR) == []
    person = ground.parts.credentials.person(teacher)
    assert person is not None
    ground.parts.credentials.change_password(
        person, NEW, "басқа құпиясөз", place=VISITOR.place, throttle=ground.parts.throttle()
    )  # fmt: skip
    for amr in (("otp",), ("pwd",)):
        with pytest.raises(Denied) as caught:
            factors.check_first(teacher, level, amr)
        assert caught.value.code == "first_factor_elsewhere"
    wanted = replace(VISITOR, asked=(levels.MFA,))
    outcome = ground.password("marat", wanted, "басқа құпиясөз")
    assert isinstance(outcome, NeedsFactor)
    step = ground.parts.sign_in.second.step(outcome.ticket, VISITOR)
    assert step is not None
    assert (step.ways, step.instead) == ((), "desk")
    ground.clock.advance(hours=25)
    factors.check_first(teacher, level, ("pwd",))


def test_a_pupil_gets_no_password_by_mail_and_a_code_of_one_kind_serves_no_other(ground: FactorGround) -> None:
    """CVE-2026-4282: one-time values are typed by purpose."""
    by_mail = ground.parts.sign_in.by_mail
    ground.person("aigerim", "pupil")
    by_mail.begin_password("aigerim", VISITOR)
    assert ground.letters() == []
    ground.person()
    challenge = by_mail.begin_sign_in("gulnara", VISITOR)
    with pytest.raises(Denied) as caught:
        by_mail.finish_password(challenge, _code(ground), NEW, NEW, VISITOR)
    assert caught.value.code == "challenge_over"


def test_a_code_is_no_good_once_the_address_has_changed(ground: FactorGround) -> None:
    by_mail, person = ground.parts.sign_in.by_mail, ground.person()
    sign_in = by_mail.begin_sign_in("gulnara", VISITOR)
    code = _code(ground)
    password = by_mail.begin_password("gulnara", replace(VISITOR, place="192.0.2.9"))
    other = _code(ground)
    with ground.parts.uow.write() as tx:
        addresses.confirm(tx, person, "new@mektep.example", now=ground.clock.now())
    with pytest.raises(Denied):
        by_mail.finish_sign_in(sign_in, code, VISITOR, is_shared=False)
    with pytest.raises(Denied):
        by_mail.finish_password(password, other, NEW, NEW, VISITOR)
