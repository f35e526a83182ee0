"""methods/recovery: codes for the day the phone is lost."""

import pytest

from idp.core import levels
from idp.core.clock import FixedClock
from idp.methods.method import Attempt, Refused
from idp.methods.recovery import Recovery, new_code
from tests.idp.methods.test_passkey import Row, Rows


def test_a_code_is_read_however_it_is_typed_and_belongs_to_one_person(clock: FixedClock) -> None:
    rows = Rows()
    recovery, attempt = Recovery(rows, lambda use: use.encode().ljust(32, b".")), Attempt(clock.now(), "kk")
    code = "0abc-1def-2ghj-3kmn"
    rows.rows = [Row("p1", {}, recovery.handle("p1", code), -1)]
    assert code not in rows.rows[0].handle
    for typed in (code, code.upper(), " oabc ldef 2ghj3kmn", "OABC-IDEF-2GHJ-3KMN"):
        proof = recovery.check(attempt, "p1", {"code": typed})
        assert (proof.acr, proof.amr) == (levels.PASSWORD, ("pwd", "otp"))
        assert proof.spends is not None
        assert proof.spends.whole
    for person, typed in (("p2", code), ("p1", code[:-1]), ("p1", ""), ("p1", "0" * 1000)):
        with pytest.raises(Refused):
            recovery.check(attempt, person, {"code": typed})


def test_new_codes_are_of_eighty_bits_and_readable() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 19 for code in codes)
    assert not set("".join(codes)) & set("oilu")
