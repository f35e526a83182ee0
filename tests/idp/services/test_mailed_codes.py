"""services/mailed_codes: codes by mail, typed where they were asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.core.errors import Denied, TooSoon, Unavailable
from idp.core.ids import new_secret
from idp.services.mailed_codes import MailedCodes
from idp.services.post import Post
from idp.services.throttle import Throttle
from tests.factories.factor_ground import STRANGER, VISITOR, FactorGround


def _codes(ground: FactorGround, *, can_send: bool = True) -> MailedCodes:
    parts, sign_in = ground.parts, ground.parts.sign_in

    def few() -> Throttle:
        return sign_in._few()

    post = Post(parts.keys.secret, can_send=can_send)
    return MailedCodes(
        parts.uow, ground.clock, sign_in.mail_code, post, few, letters=sign_in._letters, tries=sign_in._tries
    )


def _send(codes: MailedCodes, to: str = "g@mektep.example", person: str = "p1", about: str = "gulnara") -> str:
    return codes.send(
        "test", "sign_in_code", VISITOR, about=about, to=to, person_id=person, language="kk", values={"name": "Г"},
        data={"email": to},
    )  # fmt: skip


def test_a_code_is_good_in_its_browser_for_its_purpose_and_once(ground: FactorGround) -> None:
    codes = _codes(ground)
    challenge = _send(codes)
    code = ground.letters()[-1].values["code"]
    assert code not in challenge
    for purpose, which, visitor in (
        ("test", challenge, STRANGER),
        ("other", challenge, VISITOR),
        ("test", "", VISITOR),
    ):
        with pytest.raises(Denied) as caught:
            codes.check(purpose, which, code, visitor)
        assert caught.value.code == "challenge_over"
    proof, data, counted = codes.check("test", challenge, code, VISITOR)
    assert (proof.person_id, data) == ("p1", {"email": "g@mektep.example"})

    def spend(_: int) -> bool:
        try:
            with ground.parts.uow.write() as tx:
                codes.spend(tx, "test", challenge, counted)
        except Denied:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(spend, range(4))) == [False, False, False, True]
    late = _send(codes)
    ground.clock.advance(minutes=10)
    with pytest.raises(Denied):
        codes.check("test", late, ground.letters()[-1].values["code"], VISITOR)


def test_five_tries_are_allowed_also_at_once(ground: FactorGround) -> None:
    codes = _codes(ground)
    challenge = _send(codes)
    code = ground.letters()[-1].values["code"]
    wrong = f"{(int(code) + 1) % 10**6:06}"

    def guess(_: int) -> type[Exception] | None:
        try:
            codes.check("test", challenge, wrong, VISITOR)
        except (Denied, TooSoon) as error:
            return type(error)
        return None

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(12)))
    assert (found.count(Denied), found.count(TooSoon)) == (5, 7)
    with pytest.raises(TooSoon):
        codes.check("test", challenge, code, VISITOR)


def test_a_person_gets_five_letters_a_day_whichever_name_is_typed(ground: FactorGround) -> None:
    codes = _codes(ground)
    for number in range(7):
        challenge = _send(codes, about=("gulnara", "g@mektep.example")[number % 2])
    assert len(ground.letters()) == 5
    with pytest.raises(Denied) as caught:
        codes.check("test", challenge, ground.letters()[-1].values["code"], VISITOR)
    assert caught.value.code == "login_failed", "as for a name that nobody has"
    with pytest.raises(TooSoon):
        _send(codes, about="p1")
    ground.clock.advance(hours=23)
    _send(codes)
    assert len(ground.letters()) == 5
    _send(codes, person="p2", about="marat")
    assert len(ground.letters()) == 6
    ground.clock.advance(hours=1)
    challenge = _send(codes)
    assert codes.check("test", challenge, ground.letters()[-1].values["code"], VISITOR)
    challenge = _send(codes)
    for _ in range(24):
        ground.parts.sign_in._tries().enter_alone("tries of p1")
    with pytest.raises(Denied):
        codes.check("test", challenge, ground.letters()[-1].values["code"], VISITOR)


def test_unknown_names_look_and_count_like_known_ones(ground: FactorGround) -> None:
    codes = _codes(ground)
    for _ in range(5):
        challenge = _send(codes, to="", person="", about="nobody")
        assert len(challenge) == len(new_secret(24))
    with pytest.raises(TooSoon):
        _send(codes, to="", person="", about="nobody")
    with pytest.raises(Denied) as caught:
        codes.check("test", challenge, "123456", VISITOR)
    assert caught.value.code == "login_failed"
    assert ground.letters() == []


def test_where_no_mail_leaves_nothing_begins(ground: FactorGround) -> None:
    with pytest.raises(Unavailable):
        _send(_codes(ground, can_send=False))
