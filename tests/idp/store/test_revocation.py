"""store/revocation: packed lists answer as the lists themselves would, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from idp.store import revocation
from idp.store.models.signing import RevocationList, RevocationShard
from idp.store.revocation import Found, NewList, Packed
from idp.store.session import Tx, UnitOfWork
from tests.factories.rows import BEGINNING

_ISSUER = "fe" * 20
_MOMENT = int(BEGINNING.timestamp()) - 86_400
_BASE = NewList(_ISSUER, "base", 10, 10, BEGINNING, BEGINNING + timedelta(days=7))
_DELTA = NewList(_ISSUER, "delta", 12, 10, BEGINNING + timedelta(hours=2), BEGINNING + timedelta(days=1))


def _put(uow: UnitOfWork, new: NewList, *entries: tuple[int, int, int]) -> bool:
    packed = Packed().add_all(entries)
    with uow.write() as tx:
        return revocation.replace_list(tx, new, packed.shards(), entries=packed.entries, now=BEGINNING)


def _look_up(uow: UnitOfWork, serial: int, issuer: str = _ISSUER) -> Found | None:
    with uow.read() as tx:
        return revocation.look_up(tx, issuer, serial)


def _reason(uow: UnitOfWork, serial: int) -> int | None:
    """The reason of a revoked serial; None for one that is not."""
    found = _look_up(uow, serial)
    assert found is not None
    return found.reason if found.revoked_at else None


def _counts(tx: Tx) -> tuple[int, int]:
    one, other = (select(func.count()).select_from(table) for table in (RevocationList, RevocationShard))
    return tx.connection.execute(one).scalar_one(), tx.connection.execute(other).scalar_one()


def test_what_is_on_the_list_is_found_and_nothing_else(uow: UnitOfWork) -> None:
    assert _put(uow, _BASE, (5, _MOMENT, 4), (5 + 256, _MOMENT, 0), ((1 << 160) - 1, _MOMENT, 6))
    found = _look_up(uow, 5)
    assert found == Found(10, BEGINNING, _BASE.next_update, datetime.fromtimestamp(_MOMENT, UTC), 4)
    assert (_reason(uow, 261), _reason(uow, (1 << 160) - 1)) == (0, 6)
    assert [_reason(uow, serial) for serial in (0, 4, 6, 5 + 512, 1 << 159)] == [None] * 5


def test_no_list_is_not_an_empty_list(uow: UnitOfWork) -> None:
    assert _look_up(uow, 5) is None
    assert _put(uow, _BASE)
    assert _reason(uow, 5) is None
    assert _look_up(uow, 5, issuer="ab" * 20) is None


def test_a_new_base_replaces_the_old_one(uow: UnitOfWork) -> None:
    _put(uow, _BASE, (5, _MOMENT, 4), (6, _MOMENT, 4))
    assert _put(uow, replace(_BASE, number=11, this_update=BEGINNING + timedelta(days=1)), (7, _MOMENT, 1))
    assert [_reason(uow, serial) for serial in (5, 6, 7)] == [None, None, 1]
    with uow.read() as tx:
        assert _counts(tx) == (1, 1)
        assert revocation.numbers(tx, _ISSUER) == {"base": 11}


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=1)])
def test_an_old_list_that_is_repeated_changes_nothing(uow: UnitOfWork, age: timedelta) -> None:
    _put(uow, _BASE, (5, _MOMENT, 4))
    old = replace(_BASE, this_update=BEGINNING - age, number=_BASE.number - bool(age))
    assert not _put(uow, old)
    assert _reason(uow, 5) == 4


def test_a_delta_adds_and_takes_back(uow: UnitOfWork) -> None:
    _put(uow, _BASE, (5, _MOMENT, 6), (6, _MOMENT, 4))
    assert _put(uow, _DELTA, (5, _MOMENT, 8), (7, _MOMENT, 1))
    assert [_reason(uow, serial) for serial in (5, 6, 7, 8)] == [None, 4, 1, None]
    found = _look_up(uow, 6)
    assert found is not None
    assert (found.number, found.this_update) == (12, _DELTA.this_update)
    assert found.next_update == _DELTA.next_update, "as soon as one of the two is out of date"


def test_a_list_is_out_of_date_when_the_base_is(uow: UnitOfWork) -> None:
    _put(uow, _BASE)
    _put(uow, replace(_DELTA, next_update=_BASE.next_update + timedelta(days=1)))
    found = _look_up(uow, 6)
    assert found is not None
    assert found.next_update == _BASE.next_update


def test_a_delta_left_over_from_a_race_is_not_asked(uow: UnitOfWork) -> None:
    """Two workers at once, on PostgreSQL, may each have seen the other's base missing."""
    _put(uow, _BASE, (5, _MOMENT, 4))
    _put(uow, _DELTA, (5, _MOMENT, 8))
    with uow.write() as tx:
        tx.connection.execute(update(RevocationList).where(RevocationList.kind == "delta").values(base_number=11))
    assert _reason(uow, 5) == 4


def test_a_newer_delta_replaces_the_older(uow: UnitOfWork) -> None:
    _put(uow, _BASE)
    _put(uow, _DELTA, (7, _MOMENT, 1))
    assert _put(uow, replace(_DELTA, number=13, this_update=BEGINNING + timedelta(hours=3)), (8, _MOMENT, 1))
    assert [_reason(uow, serial) for serial in (7, 8)] == [None, 1]
    assert not _put(uow, _DELTA, (7, _MOMENT, 1))


def test_a_delta_for_a_base_that_is_not_here_is_not_taken(uow: UnitOfWork) -> None:
    assert not _put(uow, _DELTA, (7, _MOMENT, 1))
    _put(uow, _BASE)
    assert not _put(uow, replace(_DELTA, base_number=11), (7, _MOMENT, 1))
    assert not _put(uow, replace(_DELTA, this_update=BEGINNING), (7, _MOMENT, 1))
    assert _reason(uow, 7) is None


def test_a_new_base_ends_deltas_that_are_older_and_keeps_newer_ones(uow: UnitOfWork) -> None:
    _put(uow, _BASE)
    _put(uow, _DELTA, (7, _MOMENT, 1))
    assert _put(uow, replace(_BASE, number=11, this_update=BEGINNING + timedelta(hours=1)))
    assert _reason(uow, 7) == 1
    assert _put(uow, replace(_BASE, number=13, this_update=BEGINNING + timedelta(hours=4)))
    assert _reason(uow, 7) is None
    with uow.read() as tx:
        assert _counts(tx) == (1, 0)


def test_authorities_do_not_touch_each_others_lists(uow: UnitOfWork) -> None:
    _put(uow, _BASE, (5, _MOMENT, 4))
    _put(uow, replace(_BASE, issuer_key_id="ab" * 20), (6, _MOMENT, 1))
    assert [_reason(uow, serial) for serial in (5, 6)] == [4, None]


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.one_of(st.integers(0, (1 << 160) - 1), st.integers(0, 2000)),
        st.tuples(st.integers(0, (1 << 32) - 1), st.integers(0, 10)),
        max_size=60,
    ),
    st.lists(st.integers(0, (1 << 160) - 1), max_size=5),
)
def test_packed_entries_are_found_again(entries: dict[int, tuple[int, int]], others: list[int]) -> None:
    packed = Packed().add_all((serial, seconds, reason) for serial, (seconds, reason) in entries.items())
    shards = packed.shards()
    assert packed.entries * revocation.RECORD_BYTES == sum(map(len, shards.values())) == packed.octets
    for serial in [*entries, *others]:
        found = revocation.entry_in(shards.get(serial & 0xFF, b""), serial)
        if serial in entries:
            seconds, reason = entries[serial]
            assert found == (datetime.fromtimestamp(seconds, UTC), reason)
        else:
            assert found is None


def test_moments_beyond_32_bits_count_as_the_nearer_end() -> None:
    shards = Packed().add_all([(1, -5, 0), (2, 1 << 40, 0)]).shards()
    assert revocation.entry_in(shards[1], 1) == (datetime.fromtimestamp(0, UTC), 0)
    assert revocation.entry_in(shards[2], 2) == (datetime.fromtimestamp((1 << 32) - 1, UTC), 0)
