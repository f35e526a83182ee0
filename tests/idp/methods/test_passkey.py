"""methods/passkey: WebAuthn Level 3, with a software authenticator."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.ids import b64url, new_id
from idp.methods.method import Attempt, Owner, Refused
from idp.methods.passkey import Passkey, Unverified
from tests.factories.authenticator import Authenticator

ORIGIN = "https://id.mektep.example"
OWNER = Owner("0199aa", "aigerim", "Оспанова Айгерім")


@dataclass
class Row:
    person_id: str
    data: Mapping[str, Any]
    handle: str
    counter: int
    id: str = field(default_factory=new_id)
    must_change: bool = False


class Rows:
    def __init__(self) -> None:
        self.rows: list[Row] = []

    def by_handle(self, handle: str, method: str) -> Row | None:
        return next((row for row in self.rows if row.handle == handle), None)

    def is_taken(self, handle: str, method: str) -> bool:
        return self.by_handle(handle, method) is not None

    def of_person(self, person_id: str, method: str) -> list[Row]:
        return [row for row in self.rows if row.person_id == person_id]


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def passkey(rows: Rows) -> Passkey:
    return Passkey(rows, lambda use: use.encode().ljust(32, b"."), host="id.mektep.example", origin=ORIGIN)


@pytest.fixture
def attempt(clock: FixedClock) -> Attempt:
    return Attempt(clock.now(), "kk", bound="login browser request")


def _enrol(passkey: Passkey, rows: Rows, attempt: Attempt, key: Authenticator, **changes: Any) -> Row:
    options = passkey.begin_enrolment(attempt, OWNER).shown["options"]
    made = passkey.finish_enrolment(attempt, OWNER, {"response": key.create(options, origin=ORIGIN, **changes)})
    rows.rows.append(Row(OWNER.person_id, made.data, made.handle, made.counter))
    return rows.rows[-1]


def test_a_passkey_is_made_discoverable_without_attestation_and_proves_two_factors(
    passkey: Passkey, rows: Rows, attempt: Attempt
) -> None:
    key = Authenticator()
    options = json.loads(passkey.begin_enrolment(attempt, OWNER).shown["options"])
    assert options["rp"]["id"] == "id.mektep.example"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["attestation"] == "none"
    assert OWNER.person_id not in json.dumps(options)
    row = _enrol(passkey, rows, attempt, key)
    assert row.data["is_backed_up"]
    assert "excludeCredentials" in passkey.begin_enrolment(attempt, replace(OWNER, held=(row.handle,))).shown["options"]
    options_of_login = passkey.begin(attempt).shown["options"]
    assert json.loads(options_of_login)["allowCredentials"] == []
    proof = passkey.finish(attempt, {"response": key.get(options_of_login, origin=ORIGIN)})
    assert (proof.person_id, proof.acr, proof.amr) == (OWNER.person_id, levels.MFA, ("hwk", "user"))
    assert proof.spends is not None
    assert proof.spends.counts_from_zero
    assert proof.spends.once == json.loads(options_of_login)["challenge"]
    for handle in (None, ""):
        answer = {"response": key.get(options_of_login, origin=ORIGIN, user_handle=handle)}
        assert passkey.check(attempt, OWNER.person_id, answer), "who is named beforehand need not be named again"
    with pytest.raises(Refused):
        passkey.check(attempt, "somebody else", {"response": key.get(options_of_login, origin=ORIGIN)})


@pytest.mark.parametrize(
    ("host", "why"),
    [("localhost", ""), ("id.edu.kz", ""), ("192.0.2.1", "no_host_name"), ("2001:db8::a", "no_host_name")],
)
def test_a_number_is_no_name_to_bind_a_passkey_to(rows: Rows, host: str, why: str) -> None:
    assert Passkey(rows, lambda use: b"", host=host, origin="").why_off() == why


def test_without_user_verification_it_is_one_factor_and_refused_where_two_are_asked_for(
    passkey: Passkey, rows: Rows, attempt: Attempt
) -> None:
    key = Authenticator()
    _enrol(passkey, rows, attempt, key, verified=False)
    options = passkey.begin(attempt).shown["options"]
    answer = {"response": key.get(options, origin=ORIGIN, verified=False)}
    proof = passkey.finish(attempt, answer)
    assert (proof.acr, proof.amr) == (levels.PASSWORD, ("swk",))
    wanted = replace(attempt, kept={"verify": "1"})
    assert json.loads(passkey.begin(wanted).shown["options"])["userVerification"] == "required"
    with pytest.raises(Unverified):
        passkey.finish(wanted, answer)


def test_backup_state_that_changed_is_noted(passkey: Passkey, rows: Rows, attempt: Attempt) -> None:
    key = Authenticator()
    _enrol(passkey, rows, attempt, key)
    options = passkey.begin(attempt).shown["options"]
    proof = passkey.finish(attempt, {"response": key.get(options, origin=ORIGIN, backed_up=False)})
    assert proof.spends is not None
    assert proof.spends.notes is not None
    assert proof.spends.notes["is_backed_up"] is False


Spoil = Callable[[Authenticator, str], str]
BAD: dict[str, Spoil] = {
    "another origin": lambda key, options: key.get(options, origin="https://id.mektep.example.evil.example"),
    "the same host without TLS": lambda key, options: key.get(options, origin="http://id.mektep.example"),
    "another RP": lambda key, options: key.get(options, origin=ORIGIN, rp="mektep.example"),
    "another passkey's signature": lambda key, options: Authenticator(
        credential_id=key.credential_id, user_handle=key.user_handle
    ).get(options, origin=ORIGIN),
    "an unknown credential id": lambda key, options: Authenticator(user_handle=key.user_handle).get(
        options, origin=ORIGIN
    ),
    "another user's handle": lambda key, options: key.get(options, origin=ORIGIN, user_handle=b64url(b"other")),
    "no user's handle": lambda key, options: key.get(options, origin=ORIGIN, user_handle=""),
    "a challenge of nobody": lambda key, options: key.get(
        json.dumps(json.loads(options) | {"challenge": b64url(b"c" * 56)}), origin=ORIGIN
    ),
    "an answer of creation": lambda key, options: key.create(
        json.dumps(json.loads(options) | {"rp": {"id": "id.mektep.example"}, "user": {"id": key.user_handle}}),
        origin=ORIGIN,
    ),
    "no JSON": lambda key, options: "{",
    "a list": lambda key, options: "[]",
    "nothing": lambda key, options: "",
    "too much": lambda key, options: json.dumps({"id": "x" * 20_000}),
    "no response": lambda key, options: json.dumps({"id": key.handle}),
    "numbers for texts": lambda key, options: json.dumps({"id": 7, "response": {"clientDataJSON": 7}}),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD.keys())
def test_an_answer_that_is_spoiled_is_refused(passkey: Passkey, rows: Rows, attempt: Attempt, spoil: Spoil) -> None:
    key = Authenticator()
    _enrol(passkey, rows, attempt, key)
    options = passkey.begin(attempt).shown["options"]
    with pytest.raises(Refused):
        passkey.finish(attempt, {"response": spoil(key, options)})


def test_an_answer_serves_its_own_step_and_time_alone(
    passkey: Passkey, rows: Rows, attempt: Attempt, clock: FixedClock
) -> None:
    key = Authenticator()
    _enrol(passkey, rows, attempt, key)
    answer = {"response": key.get(passkey.begin(attempt).shown["options"], origin=ORIGIN)}
    with pytest.raises(Refused):
        passkey.finish(replace(attempt, bound="login another browser"), answer)
    with pytest.raises(Refused):
        passkey.finish(replace(attempt, now=clock.now().replace(hour=23)), answer)
    other = Authenticator()
    options = passkey.begin_enrolment(replace(attempt, bound="enrol another account"), OWNER).shown["options"]
    with pytest.raises(Refused):
        passkey.finish_enrolment(attempt, OWNER, {"response": other.create(options, origin=ORIGIN)})


def test_a_passkey_is_not_enrolled_twice_nor_from_elsewhere(passkey: Passkey, rows: Rows, attempt: Attempt) -> None:
    key = Authenticator()
    _enrol(passkey, rows, attempt, key)
    for spoiled in (
        key,  # There already: nobody takes somebody else's passkey for their own account.
        None,
    ):
        options = passkey.begin_enrolment(attempt, OWNER).shown["options"]
        origin = ORIGIN if spoiled else "https://evil.example"
        answer = (spoiled or Authenticator()).create(options, origin=origin)
        with pytest.raises(Refused):
            passkey.finish_enrolment(attempt, OWNER, {"response": answer})
