"""methods/password: argon2id, and nothing to tell apart from outside."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from idp.methods import password
from idp.methods.method import Attempt, Refused
from idp.methods.password import Password, hash_password, verify


@dataclass(frozen=True)
class Stored:
    id: str
    person_id: str
    data: Mapping[str, Any]
    must_change: bool = False


class OnePerson:
    def __init__(self, record: Stored | None) -> None:
        self.record = record
        self.asked: list[str] = []

    def by_username(self, username: str, method: str) -> Stored | None:
        self.asked.append(username)
        return self.record if username == "aigerim" and method == "password" else None


ATTEMPT = Attempt(FixedClock().now(), "kk")


def test_the_hash_is_argon2id_with_the_promised_cost() -> None:
    assert hash_password("құпия сөз").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_right_password_proves_the_person() -> None:
    method = Password(OnePerson(Stored("c1", "p1", {"hash": hash_password("Шаңырақ 8")})))
    proof = method.finish(ATTEMPT, {"username": " Aigerim ", "password": "Шаңырақ 8"})
    assert (proof.person_id, proof.acr, proof.amr) == ("p1", levels.PASSWORD, ("pwd",))


def test_letters_composed_differently_are_the_same_password() -> None:
    method = Password(OnePerson(Stored("c1", "p1", {"hash": hash_password("Й" * 8)})))
    assert method.finish(ATTEMPT, {"username": "aigerim", "password": "\u0418\u0306" * 8}).person_id == "p1"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"username": "aigerim"},
        {"username": "aigerim", "password": "wrong"},
        {"username": "nobody", "password": "x"},
        {"username": "aigerim", "password": "x" * 9999},
        {"username": "aigerim\x00", "password": "right"},
    ],
)
def test_everything_else_is_refused(answer: dict[str, str]) -> None:
    method = Password(OnePerson(Stored("c1", "p1", {"hash": hash_password("right")})))
    with pytest.raises(Refused):
        method.finish(ATTEMPT, answer)


def test_an_unknown_username_costs_one_hash_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    def counting(encoded: str, text: str) -> bool:
        checked.append(encoded)
        return verify(encoded, text)

    monkeypatch.setattr(password, "verify", counting)
    with pytest.raises(Refused):
        Password(OnePerson(None)).finish(ATTEMPT, {"username": "nobody", "password": "x"})
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_unreadable_hash_refuses_rather_than_breaks() -> None:
    assert verify("not a hash", "x") is False


def test_when_every_place_is_taken_one_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "_pool", threading.BoundedSemaphore(1))
    monkeypatch.setattr(password, "_POOL_WAIT_SECONDS", 0)
    encoded = hash_password("a")
    with password._turn(), pytest.raises(Unavailable):
        verify(encoded, "a")
    assert verify(encoded, "a")
