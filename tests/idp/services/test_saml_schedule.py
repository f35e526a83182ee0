"""services/saml_schedule: soon enough, not too often, later after each failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from idp.services.saml_schedule import LEAST, LONGEST_RETRY, MOST, RETRY, cache_duration, next_reading, next_try

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("validity", "cache", "wait"),
    [
        (None, None, MOST),
        (timedelta(days=30), None, MOST),
        (timedelta(hours=10), None, timedelta(hours=5)),
        (timedelta(days=30), timedelta(hours=6), timedelta(hours=6)),
        (None, timedelta(seconds=1), LEAST),
        (None, timedelta(days=300), MOST),
        (timedelta(hours=1), None, timedelta(minutes=45)),
        (timedelta(seconds=1), None, RETRY),
    ],
)
def test_it_is_read_at_half_of_its_validity_within_bounds(
    validity: timedelta | None, cache: timedelta | None, wait: timedelta
) -> None:
    until = NOW + validity if validity else None
    assert next_reading(NOW, valid_until=until, cache_duration=cache) - NOW == wait


def test_each_failure_doubles_the_wait_up_to_a_bound() -> None:
    waits = [next_try(NOW, number) - NOW for number in (1, 2, 3, 9, 10**6)]
    assert waits == [RETRY, RETRY * 2, RETRY * 4, LONGEST_RETRY, LONGEST_RETRY]


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        (b'<?xml version="1.0"?><!-- <x cacheDuration="PT1S"> --><md:E cacheDuration="PT6H" x="1">', 21_600),
        (b"<E a='>' ><F cacheDuration='PT1S'>", None),
        (b"<E\n cacheDuration = 'P1DT1H1M1.5S'/>", 90_061),
        (b'<E cacheDuration="P1Y">', None),
        (b'<E cacheDuration="PT0S">', None),
        (b"", None),
    ],
)
def test_the_root_says_how_long_it_may_be_kept(head: bytes, seconds: int | None) -> None:
    assert cache_duration(head) == (timedelta(seconds=seconds) if seconds else None)
