"""core/clock: UTC only, held by tests."""

from datetime import UTC, date, datetime

from idp.core.clock import FixedClock, SystemClock, epoch, local_date, monotonic


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_fixed_clock_stands_still_until_moved() -> None:
    clock = FixedClock(datetime(2026, 9, 1, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.advance(hours=2, minutes=5)
    assert clock.now() == datetime(2026, 9, 1, 2, 5, tzinfo=UTC)


def test_epoch_is_whole_seconds() -> None:
    assert epoch(datetime(1970, 1, 1, 0, 1, 0, 999_999, tzinfo=UTC)) == 60


def test_monotonic_never_goes_back() -> None:
    assert monotonic() <= monotonic()


def test_the_day_begins_at_midnight_in_kazakhstan() -> None:
    assert local_date(datetime(2026, 9, 1, 18, 59, tzinfo=UTC)) == date(2026, 9, 1)
    assert local_date(datetime(2026, 9, 1, 19, 0, tzinfo=UTC)) == date(2026, 9, 2)
