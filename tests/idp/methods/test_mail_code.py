"""methods/mail_code: six digits by mail."""

import pytest

from idp.core import levels
from idp.core.clock import FixedClock
from idp.methods.mail_code import MailCode, new_code
from idp.methods.method import Attempt, Refused


def test_a_code_proves_its_person_for_its_challenge_alone(clock: FixedClock) -> None:
    method = MailCode(lambda use: use.encode().ljust(32, b"."), can_send=True)
    assert not method.begin(Attempt(clock.now(), "kk")).shown
    kept = {"person_id": "p1", "mac": method.kept_for("c1", "012345")}
    assert "012345" not in str(kept)
    attempt = Attempt(clock.now(), "kk", kept=kept)
    proof = method.finish(attempt, {"challenge": "c1", "code": " 012 345 "})
    assert (proof.person_id, proof.acr, proof.amr) == ("p1", levels.PASSWORD, ("otp",))
    for challenge, code in (("c1", "012346"), ("c2", "012345"), ("c1", ""), ("", "012345")):
        with pytest.raises(Refused):
            method.finish(attempt, {"challenge": challenge, "code": code})
    unknown = Attempt(clock.now(), "kk", kept={"person_id": "", "mac": ""})
    with pytest.raises(Refused):
        method.finish(unknown, {"challenge": "c1", "code": ""})


def test_it_is_off_where_no_mail_leaves() -> None:
    assert MailCode(lambda use: b"", can_send=False).why_off() == "no_mail"
    assert not MailCode(lambda use: b"", can_send=True).why_off()
    assert all(len(code) == 6 and code.isdigit() for code in (new_code() for _ in range(100)))
