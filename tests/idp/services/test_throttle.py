"""services/throttle: counted before the answer is checked, in every process."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from idp.core.clock import FixedClock
from idp.core.errors import TooSoon
from idp.services.throttle import Limits, Throttle
from idp.store.session import UnitOfWork

LIMITS = Limits(account_and_place=3, account=5, place=8)


@pytest.fixture
def throttle(uow: UnitOfWork, clock: FixedClock) -> Throttle:
    return Throttle(uow, clock, b"k" * 32, LIMITS)


def test_one_account_from_one_place_is_slowed_and_let_in_again(throttle: Throttle, clock: FixedClock) -> None:
    for _ in range(3):
        throttle.enter("aigerim", "10.0.0.1")
    with pytest.raises(TooSoon) as caught:
        throttle.enter("AIGERIM", "10.0.0.1")
    assert 0 < caught.value.retry_after <= 600
    clock.advance(minutes=10)
    throttle.enter("aigerim", "10.0.0.1")


def test_a_guesser_elsewhere_does_not_lock_the_class_out(throttle: Throttle) -> None:
    for _ in range(3):
        throttle.enter("aigerim", "10.0.0.1")
    throttle.enter("aigerim", "10.0.0.2")
    throttle.enter("nurlan", "10.0.0.1")


def test_an_account_guessed_from_many_places_is_slowed(throttle: Throttle) -> None:
    for number in range(5):
        throttle.enter("aigerim", f"10.0.0.{number}")
    with pytest.raises(TooSoon):
        throttle.enter("aigerim", "10.0.9.9")


def test_the_right_answer_does_not_count(throttle: Throttle, uow: UnitOfWork) -> None:
    for _ in range(20):
        ticket = throttle.enter("aigerim", "10.0.0.1")
        with uow.write() as tx:
            throttle.passed(tx, ticket)


def test_a_name_counted_alone_is_counted_wherever_from_in_a_window_of_its_own(
    uow: UnitOfWork, clock: FixedClock
) -> None:
    hourly = Throttle(uow, clock, b"k" * 32, Limits(account=2, window=timedelta(hours=1)))
    hourly.enter_alone("second gulnara")
    ticket = hourly.enter_alone("second gulnara")
    clock.advance(minutes=59)
    with pytest.raises(TooSoon):
        hourly.enter_alone("second gulnara")
    with uow.write() as tx:
        hourly.start_afresh(tx, ticket)
    hourly.enter_alone("second gulnara")


def test_parallel_guesses_are_all_counted(throttle: Throttle) -> None:
    def guess(_: int) -> bool:
        try:
            throttle.enter("aigerim", "10.0.0.1")
        except TooSoon:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(24))) == 3


def test_who_says_no_name_beforehand_is_counted_by_place_alone(throttle: Throttle, uow: UnitOfWork) -> None:
    for _ in range(8):
        throttle.enter(None, "10.0.0.1")
    with pytest.raises(TooSoon):
        throttle.enter(None, "10.0.0.1")
    ticket = throttle.enter(None, "10.0.0.2")
    with uow.write() as tx:
        throttle.passed(tx, ticket)


def test_an_attempt_that_was_no_guess_is_taken_back_and_nothing_else_forgotten(
    throttle: Throttle, uow: UnitOfWork
) -> None:
    for _ in range(2):
        throttle.enter("aigerim", "10.0.0.1")
    for _ in range(5):
        ticket = throttle.enter("aigerim", "10.0.0.1")
        with uow.write() as tx:
            throttle.forgive(tx, ticket)
    throttle.enter("aigerim", "10.0.0.1")
    with pytest.raises(TooSoon):
        throttle.enter("aigerim", "10.0.0.1")
