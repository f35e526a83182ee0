"""services/again: proving once more who one is, in the session one has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from idp.core import levels
from idp.core.errors import Denied, NotFound, TooSoon
from idp.services.again import lowest, needed_level
from idp.services.second_step import NeedsFactor
from idp.services.sessions import LiveSession, Opened
from idp.store import credentials
from tests.factories.factor_ground import PASSWORD, VISITOR, FactorGround

PASSWORD_LEVEL, MFA, EDS, PUPIL = levels.PASSWORD, levels.MFA, levels.EDS, levels.PUPIL


def _session(ground: FactorGround, person: str, acr: str = PASSWORD_LEVEL, amr: tuple[str, ...] = ("pwd",)) -> str:
    with ground.parts.uow.write() as tx:
        opened = ground.parts.sessions.open(
            tx, person_id=person, acr=acr, amr=amr, is_shared=False, browser="Firefox"
        )  # fmt: skip
    ground.clock.advance(hours=1)
    return opened.token


def _live(ground: FactorGround, token: str) -> LiveSession:
    found = ground.parts.sessions.current(token)
    assert found is not None
    return found


def test_a_code_added_to_the_password_of_the_session_raises_its_level_in_place(ground: FactorGround) -> None:
    again, person = ground.parts.sign_in.again, ground.person()
    app, token = ground.app_of(person), _session(ground, person)
    visitor = replace(VISITOR, session_token=token)
    assert again.ways(_live(ground, token), MFA) == ("password",), "the password of an hour ago"
    opened = again.finish(_live(ground, token), "password", {"password": PASSWORD}, visitor, PASSWORD_LEVEL)
    assert isinstance(opened, Opened)
    token, visitor = opened.token, replace(VISITOR, session_token=opened.token)
    before = _live(ground, token)
    assert again.ways(before, MFA) == ("totp",)
    opened = again.finish(before, "totp", {"code": ground.code(app)}, visitor, MFA)
    assert isinstance(opened, Opened)
    after = _live(ground, opened.token)
    assert (after.id, after.acr, after.auth_time) == (before.id, MFA, ground.clock.now())
    assert opened.token != token
    assert ground.parts.sessions.current(token) is None, "the old secret is over (decision 11)"
    assert ground.events("step_up")[-1][1]["method"] == "totp"
    with pytest.raises(NotFound):
        again.finish(after, "totp", {"code": ground.code(app)}, visitor, MFA)


@pytest.mark.parametrize("amr", [("pwd",), ("pwd", "otp"), ("otp",)])
def test_the_code_that_sets_an_app_up_counts_beside_the_password_of_this_session(
    ground: FactorGround, amr: tuple[str, ...]
) -> None:
    """Not beside a recovery code or a code by mail, nor beside a password of an hour ago; and never twice."""
    again, factors, person = ground.parts.sign_in.again, ground.parts.sign_in.factors, ground.person()

    def set_up(token: str) -> tuple[Opened | None, str]:
        here = _live(ground, token)
        setting = factors.begin_totp(person, bound=here.id)
        code = pyotp.TOTP(setting.key.replace(" ", "")).at(ground.clock.now())
        visitor = replace(VISITOR, session_token=token)
        opened = again.set_up_totp(here, setting.ticket, code, visitor)
        with pytest.raises(Denied):
            again.set_up_totp(here, setting.ticket, code, visitor)
        return opened, code

    assert set_up(_session(ground, person, amr=amr))[0] is None, "the session is an hour old"
    with ground.parts.uow.write() as tx:
        token = ground.parts.sessions.open(
            tx, person_id=person, acr=PASSWORD_LEVEL, amr=amr, is_shared=True, browser="Firefox"
        ).token  # fmt: skip
    before = _live(ground, token)
    opened, code = set_up(token)
    if amr != ("pwd",):
        assert opened is None
        assert _live(ground, token).acr == PASSWORD_LEVEL
        return
    assert opened is not None
    after = _live(ground, opened.token)
    assert (after.id, after.acr, after.amr, after.is_shared) == (before.id, MFA, ("pwd", "otp", "mfa"), True)
    assert ground.parts.sessions.current(token) is None
    assert ground.events("step_up")[-1][1] == {"method": "totp", "acr": MFA, "session": after.id}
    step = ground.password()
    assert isinstance(step, NeedsFactor)
    with pytest.raises(Denied):
        ground.parts.sign_in.second.finish(step.ticket, "totp", {"code": code}, VISITOR)


def test_what_is_proved_is_worth_what_the_session_claims(ground: FactorGround) -> None:
    """A stolen cookie of a strong session and the password make no recent strong one."""
    again, person = ground.parts.sign_in.again, ground.person()
    key = ground.passkey_of(person)
    token = _session(ground, person, MFA, ("hwk", "user"))
    session, visitor = _live(ground, token), replace(VISITOR, session_token=token)
    assert "password" not in again.ways(session, PASSWORD_LEVEL)
    with pytest.raises(NotFound):
        again.finish(session, "password", {"password": PASSWORD}, visitor, PASSWORD_LEVEL)
    options = again.begin_passkey(session, PASSWORD_LEVEL, visitor)
    with pytest.raises(Denied) as caught:
        again.finish(session, "passkey", {"response": key.get(options, verified=False)}, visitor, PASSWORD_LEVEL)
    assert caught.value.code == "uv_needed"
    answer = {"response": key.get(options)}
    opened = again.finish(session, "passkey", answer, visitor, PASSWORD_LEVEL)
    assert isinstance(opened, Opened)
    with pytest.raises(Denied):
        again.finish(_live(ground, opened.token), "passkey", answer, visitor, MFA)


def test_an_old_eds_proved_again_by_less_claims_what_was_proved_now(ground: FactorGround) -> None:
    again, person = ground.parts.sign_in.again, ground.person()
    key = ground.passkey_of(person)
    token = _session(ground, person, EDS, ("hwk",))
    session, visitor = _live(ground, token), replace(VISITOR, session_token=token)
    options = again.begin_passkey(session, MFA, visitor)
    opened = again.finish(session, "passkey", {"response": key.get(options)}, visitor, MFA)
    assert isinstance(opened, Opened)
    after = _live(ground, opened.token)
    assert (after.acr, after.amr) == (MFA, ("hwk", "user"))
    assert after.auth_time - session.auth_time >= timedelta(hours=1)
    app = ground.app_of(person)
    codes = ground.parts.sign_in.factors.make_codes(person)
    token = _session(ground, person, EDS, ("hwk", "pwd", "mfa"))
    session, visitor = _live(ground, token), replace(VISITOR, session_token=token)
    assert again.ways(session, MFA) == ("passkey", "password"), "a code of the app alone is one factor"
    with pytest.raises(NotFound):
        again.finish(session, "totp", {"code": ground.code(app)}, visitor, MFA)
    step = again.finish(session, "password", {"password": PASSWORD}, visitor, PASSWORD_LEVEL)
    assert isinstance(step, NeedsFactor)
    second = ground.parts.sign_in.second
    shown = second.step(step.ticket, visitor)
    assert shown is not None
    assert shown.ways == ("passkey", "totp"), "no code on paper refreshes a strong session"
    with pytest.raises(NotFound):
        second.finish(step.ticket, "recovery", {"code": codes[0]}, visitor)
    opened = second.finish(step.ticket, "totp", {"code": ground.code(app)}, visitor)
    after = _live(ground, opened.token)
    assert (after.id, after.acr, after.amr) == (session.id, MFA, ("pwd", "otp", "mfa"))


def test_a_password_is_recent_and_leads_on_to_the_app_where_more_is_asked(ground: FactorGround) -> None:
    again, person = ground.parts.sign_in.again, ground.person()
    token = _session(ground, person)
    session, visitor = _live(ground, token), replace(VISITOR, session_token=token)
    assert again.ways(session, PASSWORD_LEVEL) == ("password",)
    assert again.ways(session, MFA) == ()
    assert again.ways(session, EDS) == ()
    with pytest.raises(Denied):
        again.finish(session, "password", {"password": "wrong"}, visitor, PASSWORD_LEVEL)
    opened = again.finish(session, "password", {"password": PASSWORD}, visitor, PASSWORD_LEVEL)
    assert isinstance(opened, Opened)
    app = ground.app_of(person)
    token = _session(ground, person, PASSWORD_LEVEL, ("swk",))
    session, visitor = _live(ground, token), replace(VISITOR, session_token=token)
    assert again.ways(session, MFA) == ("password",)
    step = again.finish(session, "password", {"password": PASSWORD}, visitor, MFA)
    assert isinstance(step, NeedsFactor)
    with pytest.raises(Denied):
        ground.parts.sign_in.second.begin_first_totp(step.ticket, visitor)
    opened = ground.parts.sign_in.second.finish(step.ticket, "totp", {"code": ground.code(app)}, visitor)
    after = _live(ground, opened.token)
    assert (after.id, after.acr) == (session.id, MFA)
    with ground.parts.uow.write() as tx:
        credentials.replace(tx, "password", [(person, {"hash": "x"})], must_change=True, now=ground.clock.now())
    with pytest.raises(Denied):
        again.finish(session, "password", {"password": PASSWORD}, visitor, MFA)


def test_guesses_in_a_session_are_throttled(ground: FactorGround) -> None:
    person = ground.person()
    token = _session(ground, person)
    for _ in range(6):
        with pytest.raises(Denied):
            ground.parts.sign_in.again.finish(
                _live(ground, token), "password", {"password": "wrong"}, VISITOR, PASSWORD_LEVEL
            )
    with pytest.raises(TooSoon):
        ground.parts.sign_in.again.finish(
            _live(ground, token), "password", {"password": PASSWORD}, VISITOR, PASSWORD_LEVEL
        )


@pytest.mark.parametrize(
    ("held", "asked", "needed"),
    [
        (PASSWORD_LEVEL, PASSWORD_LEVEL, PASSWORD_LEVEL), (PASSWORD_LEVEL, MFA, MFA), (MFA, PASSWORD_LEVEL, MFA),
        (EDS, PASSWORD_LEVEL, MFA), (EDS, EDS, EDS), (PUPIL, PUPIL, PASSWORD_LEVEL),
        (PASSWORD_LEVEL, "9", PASSWORD_LEVEL),
        (PASSWORD_LEVEL, "3", MFA),
    ],
)  # fmt: skip
def test_the_level_to_be_proved(held: str, asked: str, needed: str) -> None:
    assert needed_level(held, asked) == needed


def test_the_weakest_of_the_levels_asked_for_will_do() -> None:
    assert lowest((EDS, "3", "unknown")) == MFA
    assert lowest(()) == PASSWORD_LEVEL
