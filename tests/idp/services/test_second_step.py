"""services/second_step: what follows a good password, for whom, and in which ways."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest

from idp.core import levels
from idp.core.clock import FixedClock, local_date
from idp.core.errors import Denied, NotFound, TooSoon
from idp.methods.password import hash_password
from idp.services import scope as scopes
from idp.services.second_step import NeedsFactor
from idp.services.sessions import LiveSession, Opened
from idp.store import credentials, sessions
from tests.factories.authenticator import Authenticator
from tests.factories.factor_ground import STRANGER, VISITOR, FactorGround, factor_house

WANTED = replace(VISITOR, asked=(levels.MFA,))


@pytest.fixture
def strict(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[FactorGround]:
    """Staff must have a second factor here."""
    with factor_house(database_url, tmp_path, clock, second_factor="staff") as made:
        yield made


def _asked(ground: FactorGround, username: str = "gulnara") -> str:
    outcome = ground.password(username)
    assert isinstance(outcome, NeedsFactor)
    return outcome.ticket


def _session(ground: FactorGround, opened: object) -> LiveSession:
    assert isinstance(opened, Opened)
    found = ground.parts.sessions.current(opened.token)
    assert found is not None
    return found


def test_a_code_of_the_app_beside_the_password_is_two_factors_and_good_once(ground: FactorGround) -> None:
    second, person = ground.parts.sign_in.second, ground.person()
    app = ground.app_of(person)
    used = app.at(ground.clock.now())
    ticket = _asked(ground)
    step = second.step(ticket, VISITOR)
    assert step is not None
    assert (step.ways, step.may_skip) == (("totp",), False)
    for way, code, visitor in (
        ("totp", used, VISITOR),
        ("totp", ground.code(app), STRANGER),
    ):
        with pytest.raises(Denied):
            second.finish(ticket, way, {"code": code}, visitor)
    for way in ("password", "recovery"):
        with pytest.raises(NotFound):
            second.finish(ticket, way, {"code": "x"}, VISITOR)
    session = _session(ground, second.finish(ticket, "totp", {"code": ground.code(app)}, VISITOR))
    assert (session.acr, session.amr) == (levels.MFA, ("pwd", "otp", "mfa"))
    assert second.step(ticket, VISITOR) is None, "the ticket is spent"


def test_of_parallel_uses_of_one_code_one_gets_in(ground: FactorGround) -> None:
    """CVE-2024-4629: neither guesses nor a code looked over the shoulder win by being many."""
    second, person = ground.parts.sign_in.second, ground.person()
    app = ground.app_of(person)
    tickets = [_asked(ground) for _ in range(4)]
    code = ground.code(app)

    def use(ticket: str) -> bool:
        try:
            second.finish(ticket, "totp", {"code": code}, VISITOR)
        except Denied:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, tickets)) == [False, False, False, True]


def test_five_wrong_answers_end_the_step_and_ten_in_an_hour_all_of_them(ground: FactorGround) -> None:
    """CVE-2024-4629: whoever has the password must not guess on by typing it again."""
    second, person = ground.parts.sign_in.second, ground.person()
    app = ground.app_of(person)

    def guess(ticket: str, code: str) -> str:
        with pytest.raises(Denied) as caught:
            second.finish(ticket, "totp", {"code": code}, VISITOR)
        return caught.value.code

    ticket = _asked(ground)
    assert [guess(ticket, "000000") for _ in range(5)] == ["login_failed"] * 5
    assert guess(ticket, ground.code(app)) == "link_expired"
    assert second.step(ticket, VISITOR) is None
    ticket = _asked(ground)
    assert [guess(ticket, "000000") for _ in range(4)] == ["login_failed"] * 4
    assert isinstance(second.finish(ticket, "totp", {"code": ground.code(app)}, VISITOR), Opened), (
        "and all is forgotten"
    )
    for _ in range(2):
        ticket = _asked(ground)
        assert [guess(ticket, "000000") for _ in range(5)] == ["login_failed"] * 5
    for minutes in (0, 45):
        ground.clock.advance(minutes=minutes)
        with pytest.raises(TooSoon):
            second.finish(_asked(ground), "totp", {"code": ground.code(app)}, VISITOR)
    ground.clock.advance(minutes=15)
    assert isinstance(second.finish(_asked(ground), "totp", {"code": ground.code(app)}, VISITOR), Opened)


def test_beside_an_eds_no_password_sets_a_factor_up(strict: FactorGround) -> None:
    """Else a stolen password would make anybody strong whose only strong method is the ЭЦҚ."""
    second, person = strict.parts.sign_in.second, strict.person("marat", "teacher")
    begun = _asked(strict, "marat")
    options = second.begin_first_passkey(begun, VISITOR)
    with strict.parts.uow.write() as tx:
        credentials.add(tx, person, "eds", {}, now=strict.clock.now())
    ticket = _asked(strict, "marat")
    step = second.step(ticket, VISITOR)
    assert step is not None
    assert (step.ways, step.instead) == ((), "eds")
    for act in (
        lambda: second.begin_first_passkey(ticket, VISITOR),
        lambda: second.begin_first_totp(ticket, VISITOR),
        lambda: second.finish_first(begun, {"response": Authenticator().create(options)}, VISITOR),
    ):
        with pytest.raises(Denied) as caught:
            act()
        assert caught.value.code == "link_expired"
    with pytest.raises(NotFound):
        second.finish(ticket, "recovery", {"code": "x"}, VISITOR)
    assert not strict.parts.sign_in.factors.held(person).passkeys


def test_who_lost_the_eds_sets_another_way_up_after_the_desk_helped(strict: FactorGround) -> None:
    """Only by the desk: else a stolen password would do."""
    second, person = strict.parts.sign_in.second, strict.person("marat", "teacher")
    with strict.parts.uow.write() as tx:
        credentials.add(tx, person, "eds", {}, now=strict.clock.now())
        (membership,) = sessions.memberships_of_person(tx, person, today=local_date(strict.clock.now()))
    assert second.only_by_eds() == 1
    strict.parts.sign_in.factors.reset(scopes.of_operator((str(membership.school_id),)), person, "desk")
    assert second.only_by_eds() == 0
    ticket = _asked(strict, "marat")
    step = second.step(ticket, VISITOR)
    assert step is not None
    assert (step.ways, step.instead) == ((), "")
    key, options = Authenticator(), second.begin_first_passkey(ticket, VISITOR)
    assert second.finish_first(ticket, {"response": key.create(options)}, VISITOR)


def test_a_recovery_code_lets_in_once_at_the_level_of_the_password(ground: FactorGround) -> None:
    second, person = ground.parts.sign_in.second, ground.person()
    ground.app_of(person)
    codes = ground.parts.sign_in.factors.make_codes(person)
    session = _session(ground, second.finish(_asked(ground), "recovery", {"code": codes[0].upper()}, VISITOR))
    assert (session.acr, session.amr) == (levels.PASSWORD, ("pwd", "otp"))
    with pytest.raises(Denied):
        second.finish(_asked(ground), "recovery", {"code": codes[0]}, VISITOR)
    assert ground.parts.sign_in.factors.held(person).codes == 9
    assert ground.events("recovery_code_used") == [("recovery_code_used", {"left": 9})]
    assert ground.letters()[-1].values["what"] == "code_used"


def test_a_passkey_beside_the_password_is_two_factors_whatever_its_device_checked(ground: FactorGround) -> None:
    second, person = ground.parts.sign_in.second, ground.person()
    key = ground.passkey_of(person, verified=False)
    ground.parts.sign_in.factors.switch_second_step(person, on=True)
    ticket = _asked(ground)
    options = second.begin_passkey(ticket, VISITOR)
    assert key.handle in options
    other = ground.passkey_of(ground.person("marat"))
    with pytest.raises(Denied):
        second.finish(ticket, "passkey", {"response": other.get(options)}, VISITOR)
    answer = {"response": key.get(options, verified=False)}
    session = _session(ground, second.finish(ticket, "passkey", answer, VISITOR))
    assert (session.acr, session.amr) == (levels.MFA, ("pwd", "swk", "mfa"))


def test_another_password_or_somebody_else_ends_the_step(ground: FactorGround) -> None:
    second, person = ground.parts.sign_in.second, ground.person()
    app = ground.app_of(person)
    ticket = _asked(ground)
    changed = (person, {"hash": hash_password("өзен мен орман")})
    with ground.parts.uow.write() as tx:
        credentials.replace(tx, "password", [changed], must_change=False, now=ground.clock.now())
    with pytest.raises(Denied) as caught:
        second.finish(ticket, "totp", {"code": ground.code(app)}, VISITOR)
    assert caught.value.code == "link_expired"
    outcome = ground.password(password="өзен мен орман")
    assert isinstance(outcome, NeedsFactor)
    second.disown(outcome.ticket, STRANGER)
    assert second.step(outcome.ticket, VISITOR) is not None
    second.disown(outcome.ticket, VISITOR)
    assert second.step(outcome.ticket, VISITOR) is None
    ticket = _asked_with(ground, "өзен мен орман")
    ground.clock.advance(minutes=11)
    assert second.step(ticket, VISITOR) is None


def _asked_with(ground: FactorGround, password: str) -> str:
    outcome = ground.password(password=password)
    assert isinstance(outcome, NeedsFactor)
    return outcome.ticket


def test_who_is_asked_follows_the_school_then_the_installation(strict: FactorGround) -> None:
    people = [
        ("staff1", "teacher", "", True), ("staff2", "teacher", "none", False), ("parent1", "guardian", "", False),
        ("parent2", "guardian", "everybody", True), ("pupil1", "pupil", "everybody", False),
        ("staff3", "director", "everybody", True),
    ]  # fmt: skip
    for username, role, rule, is_asked in people:
        strict.person(username, role, rule=rule)
        assert isinstance(strict.password(username), NeedsFactor if is_asked else Opened), username


def test_who_must_and_has_none_sets_the_first_one_up_after_the_password(strict: FactorGround) -> None:
    second = strict.parts.sign_in.second
    for username in ("marat", "saule"):
        strict.person(username, "teacher")
    ticket = _asked(strict, "marat")
    step = second.step(ticket, VISITOR)
    assert step is not None
    assert (step.ways, step.may_skip) == ((), False)
    with pytest.raises(Denied) as caught:
        second.skip(ticket, VISITOR)
    assert caught.value.code == "second_step_needed"
    key, options = Authenticator(), second.begin_first_passkey(ticket, VISITOR)
    with pytest.raises(Denied):
        second.finish_first(ticket, {"response": key.create(options, origin="https://evil.example")}, VISITOR)
    answer = {"response": key.create(options), "label": "Ноутбук"}
    session = _session(strict, second.finish_first(ticket, answer, VISITOR))
    assert (session.acr, session.amr) == (levels.PASSWORD, ("pwd",)), "strong from the next sign-in on"
    ticket = _asked(strict, "saule")
    again = _asked(strict, "saule")
    setting = second.begin_first_totp(ticket, VISITOR)
    with pytest.raises(Denied):
        second.finish_first(ticket, {"setting": setting.ticket, "code": "000000"}, VISITOR)
    assert second.first_totp(ticket, setting.ticket, VISITOR) == setting
    code = pyotp.TOTP(setting.key.replace(" ", "")).at(strict.clock.now())
    session = _session(strict, second.finish_first(ticket, {"setting": setting.ticket, "code": code}, VISITOR))
    assert (session.acr, session.amr) == (levels.MFA, ("pwd", "otp", "mfa")), "its code is used up, so it counts"
    with pytest.raises(Denied):
        second.begin_first_totp(again, VISITOR)


def test_what_is_only_wished_for_may_be_passed_over(ground: FactorGround) -> None:
    """`acr_values` is a wish (OIDC Core §3.1.2.1)."""
    ground.person()
    outcome = ground.password(visitor=WANTED)
    assert isinstance(outcome, NeedsFactor)
    session = _session(ground, ground.parts.sign_in.second.skip(outcome.ticket, VISITOR))
    assert session.acr == levels.PASSWORD
    ground.person("aigerim", "pupil")
    assert isinstance(ground.password("aigerim", WANTED), Opened), "no phone in school, so nothing to set up"


def test_without_a_password_there_is_nothing_to_stand_beside(strict: FactorGround) -> None:
    person = strict.person("marat", "teacher")
    key = strict.passkey_of(person)
    login = strict.parts.login
    for verified in (False, True):
        options = login.begin("passkey", VISITOR).shown["options"]
        answer = {"response": key.get(options, verified=verified)}
        if verified:
            session = _session(strict, login.finish("passkey", VISITOR, answer, is_shared=False))
            assert (session.acr, session.amr) == (levels.MFA, ("hwk", "user"))
        else:
            with pytest.raises(Denied) as caught:
                login.finish("passkey", VISITOR, answer, is_shared=False)
            assert caught.value.code == "password_needed"
