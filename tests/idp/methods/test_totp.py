"""methods/totp: RFC 6238."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from idp.core import levels
from idp.core.clock import FixedClock
from idp.methods.method import Attempt, Owner, Refused
from idp.methods.sealing import seal
from idp.methods.totp import Totp
from tests.idp.methods.test_passkey import Row, Rows

OWNER = Owner("0199aa", "aigerim", "Оспанова Айгерім")
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The 20 bytes `12345678901234567890` of RFC 6238 appendix B, in base32."""


def _secret(use: str) -> bytes:
    return use.encode().ljust(32, b".")


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def totp(rows: Rows) -> Totp:
    return Totp(rows, _secret)


def _row(counter: int = -1, person_id: str = OWNER.person_id) -> Row:
    sealed = seal(_secret("credential_seal"), f"totp {OWNER.person_id}", KEY)
    return Row(person_id, {"sealed": sealed}, "", counter)


@pytest.mark.parametrize(
    ("second", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_examples_of_the_rfc_hold(totp: Totp, rows: Rows, second: int, code: str) -> None:
    """RFC 6238 appendix B, SHA-1, the last six of its eight digits."""
    rows.rows = [_row()]
    at = datetime.fromtimestamp(second, UTC)
    proof = totp.check(Attempt(at, "kk"), OWNER.person_id, {"code": f"{code[:3]} {code[3:]}"})
    assert (proof.acr, proof.amr) == (levels.MFA, ("pwd", "otp", "mfa"))
    assert proof.spends is not None
    assert proof.spends.counter == second // 30


def test_one_step_of_drift_is_allowed_and_a_step_is_used_once(totp: Totp, rows: Rows, clock: FixedClock) -> None:
    app, now = pyotp.TOTP(KEY), clock.now()
    rows.rows = [_row()]
    for drift, is_good in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        code = {"code": app.at(now + timedelta(seconds=drift))}
        if is_good:
            assert totp.check(Attempt(now, "kk"), OWNER.person_id, code)
        else:
            with pytest.raises(Refused):
                totp.check(Attempt(now, "kk"), OWNER.person_id, code)
    rows.rows = [_row(counter=int(now.timestamp()) // 30)]
    for drift in (-30, 0):
        with pytest.raises(Refused):
            totp.check(Attempt(now, "kk"), OWNER.person_id, {"code": app.at(now + timedelta(seconds=drift))})
    assert totp.check(Attempt(now, "kk"), OWNER.person_id, {"code": app.at(now + timedelta(seconds=30))})


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34 5", "0" * 10_000])
def test_what_is_no_code_is_refused(totp: Totp, rows: Rows, clock: FixedClock, code: str) -> None:
    rows.rows = [_row()]
    with pytest.raises(Refused):
        totp.check(Attempt(clock.now(), "kk"), OWNER.person_id, {"code": code})


def test_a_key_moved_to_another_row_opens_nothing(totp: Totp, rows: Rows, clock: FixedClock) -> None:
    rows.rows = [_row(person_id="another")]
    with pytest.raises(Refused):
        totp.check(Attempt(clock.now(), "kk"), "another", {"code": pyotp.TOTP(KEY).at(clock.now())})


def test_an_app_is_enrolled_by_a_code_which_is_used_by_that(totp: Totp, rows: Rows, clock: FixedClock) -> None:
    attempt = Attempt(clock.now(), "kk")
    challenge = totp.begin_enrolment(attempt, OWNER)
    key = challenge.shown["key"].replace(" ", "")
    assert len(key) == 32
    assert key not in str(challenge.kept)
    assert pyotp.parse_uri(challenge.shown["uri"]).name == "aigerim"
    kept = Attempt(clock.now(), "kk", kept=challenge.kept)
    assert totp.show_again(kept, OWNER).shown == challenge.shown
    with pytest.raises(Refused):
        totp.finish_enrolment(kept, OWNER, {"code": "000000"})
    with pytest.raises(Refused):
        totp.finish_enrolment(kept, Owner("other", "saule", ""), {"code": pyotp.TOTP(key).at(clock.now())})
    made = totp.finish_enrolment(kept, OWNER, {"code": pyotp.TOTP(key).at(clock.now())})
    rows.rows = [Row(OWNER.person_id, made.data, "", made.counter)]
    with pytest.raises(Refused):
        totp.check(attempt, OWNER.person_id, {"code": pyotp.TOTP(key).at(clock.now())})
