"""eds/crl: a list of 20 MB is believed only whole, and read without becoming half a million objects."""

from __future__ import annotations

import gc
import mmap
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.cli.dev.nca import Key, MiniNca, der
from idp.core.errors import BilimError
from idp.eds import crl
from idp.eds.certificate import Certificate
from idp.eds.crl import Entry, RevocationList
from idp.eds.errors import BadSignature, EdsOff, EdsRefused, Expired, Malformed, NotYetValid, Untrusted, WrongUse
from idp.eds.self_test import choose
from idp.store.revocation import Packed
from tests.factories.crl import because, entry, extension, large_list, serial_octets, signed_list
from tests.factories.nca import NOW, fresh_nca, holder, person_key, shared_nca

_OLD = NOW - timedelta(days=30)


def _read(octets: bytes, issuer: Key | None = None, at: datetime = NOW) -> RevocationList:
    certificate = Certificate.parse((issuer or shared_nca().ca).certificate)
    return crl.read(memoryview(octets), certificate, at=at, backend=choose("libgcrypt"))


def _listed(*entries: bytes, base_number: int | None = None) -> list[Entry]:
    made = signed_list(shared_nca().ca, b"".join(entries), NOW, base_number=base_number)
    return list(_read(made).entries())


@pytest.mark.parametrize("algorithm", ["gost2015", "rsa"])
def test_a_list_says_whom_it_revokes(algorithm: str) -> None:
    nca = fresh_nca(algorithm)
    nca.revoke(person_key(), _OLD, reason=4)
    found = _read(nca.crl(NOW), nca.ca)
    assert (found.number, found.base_number, found.this_update) == (1, None, NOW)
    assert found.next_update == NOW + timedelta(days=1)
    assert list(found.entries()) == [(person_key().serial, int(_OLD.timestamp()), 4)]


def test_an_empty_list_revokes_nobody() -> None:
    assert list(_read(fresh_nca().crl(NOW)).entries()) == []


def test_a_delta_names_its_base_and_takes_back() -> None:
    nca = fresh_nca()
    nca.revoke(person_key(), _OLD, reason=6)
    nca.crl(NOW)
    nca.release(person_key())
    found = _read(nca.crl(NOW, delta=True))
    assert (found.number, found.base_number) == (2, 1)
    assert list(found.entries()) == [(person_key().serial, int(NOW.timestamp()), crl.REMOVE_FROM_CRL)]


def test_only_a_delta_takes_back() -> None:
    usual = entry(int.from_bytes(serial_octets(1), "big"), NOW, because(8))
    assert len(_listed(usual, base_number=3)) == 1
    with pytest.raises(Malformed, match="only a delta"):
        _listed(usual)


@pytest.mark.parametrize("inner_null", [True, False])
def test_null_may_be_left_out_of_the_inner_algorithm(inner_null: bool) -> None:
    assert _read(fresh_nca().crl(NOW, inner_null=inner_null)).number == 1


def test_another_name_of_the_algorithm_outside_is_refused() -> None:
    with pytest.raises(Malformed, match="differ"):
        _read(fresh_nca().crl(NOW, outer_oid="1.2.840.113549.1.1.11"))


def test_a_spoilt_signature_is_refused() -> None:
    with pytest.raises(BadSignature):
        _read(fresh_nca().crl(NOW, signature="flipped"))


def test_a_changed_entry_is_refused() -> None:
    made = large_list(shared_nca().ca, NOW, 20)
    place = made.index(serial_octets(7))
    with pytest.raises(BadSignature):
        _read(made[:place] + bytes((made[place] ^ 1,)) + made[place + 1 :])


def test_a_list_of_another_authority_is_refused() -> None:
    other = MiniNca.make(NOW, label="ӨЗГЕ")
    with pytest.raises(Untrusted):
        _read(other.crl(NOW))
    namesake = MiniNca.make(NOW)
    with pytest.raises(BadSignature):
        _read(namesake.crl(NOW))


def test_who_is_no_authority_publishes_no_list() -> None:
    made = signed_list(shared_nca().responder, b"", NOW)
    with pytest.raises(WrongUse):
        _read(made, shared_nca().responder)
    only_certificates = shared_nca().issue(holder(), is_ca=True, key_usage=bytes.fromhex("0204"))
    with pytest.raises(WrongUse):
        _read(signed_list(only_certificates, b"", NOW), only_certificates)


def test_a_list_past_its_date_and_one_from_the_future_are_refused() -> None:
    made = fresh_nca().crl(NOW)
    with pytest.raises(Expired):
        _read(made, at=NOW + timedelta(days=1, seconds=1))
    with pytest.raises(NotYetValid):
        _read(made, at=NOW - timedelta(minutes=6))


def test_a_list_without_a_number_is_refused() -> None:
    with pytest.raises(Malformed, match="number"):
        _read(signed_list(shared_nca().ca, b"", NOW, extensions=extension("2.5.29.35", b"\x30\x00")))


def test_a_list_for_some_certificates_only_is_refused() -> None:
    made = signed_list(shared_nca().ca, b"", NOW, more_extensions=extension("2.5.29.28", b"\x30\x00", is_critical=True))
    with pytest.raises(Malformed, match="critical"):
        _read(made)


def test_a_list_of_version_1_is_refused() -> None:
    with pytest.raises(Malformed, match="version"):
        _read(signed_list(shared_nca().ca, b"", NOW, version=0))


def test_octets_after_the_list_are_refused() -> None:
    with pytest.raises(Malformed):
        _read(fresh_nca().crl(NOW, trailing=b"\0"))


def test_an_entry_about_another_authoritys_certificate_is_refused() -> None:
    foreign = entry(5, NOW, extension("2.5.29.29", b"\x30\x00", is_critical=True))
    with pytest.raises(Malformed, match="critical"):
        _listed(foreign)


@pytest.mark.parametrize("serial", [-1, 1 << 160])
def test_a_serial_number_out_of_range_is_refused(serial: int) -> None:
    with pytest.raises(Malformed):
        _listed(entry(serial, NOW))


@pytest.mark.parametrize("reason", [7, 11])
def test_a_reason_that_does_not_exist_is_refused(reason: int) -> None:
    with pytest.raises(Malformed, match="reason"):
        _listed(entry(int.from_bytes(serial_octets(1), "big"), NOW, because(reason)))


def test_a_moment_that_does_not_exist_is_refused() -> None:
    usual = entry(int.from_bytes(serial_octets(1), "big"), NOW, because(3))
    for digits in (b"261102250000Z", b"261102056000Z", b"261102050060Z", b"261332050000Z"):
        broken = usual.replace(b"261102050000Z", digits)
        assert broken != usual
        with pytest.raises(Malformed):
            _listed(broken)


def test_a_backend_that_is_too_slow_is_not_asked() -> None:
    certificate = Certificate.parse(shared_nca().ca.certificate)
    made = large_list(shared_nca().ca, NOW, 1500)
    with pytest.raises(EdsOff, match="libgcrypt"):
        crl.read(memoryview(made), certificate, at=NOW, backend=choose("ecdsa"))


_MOMENTS = st.datetimes(datetime(1951, 1, 1), datetime(2049, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
_ENTRIES = st.lists(
    st.tuples(st.integers(0, (1 << 160) - 1), _MOMENTS, st.sampled_from((0, 1, 2, 3, 4, 5, 6, 9, 10)), st.booleans()),
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(_ENTRIES)
def test_every_shape_of_entry_is_read_as_it_was_written(entries: list[tuple[int, datetime, int, bool]]) -> None:
    """Short and long serials, with and without a reason, with a further extension: the usual shape and all others."""
    invalidity = extension("2.5.29.24", der.generalized(NOW))
    octets = b""
    for serial, moment, reason, has_more in entries:
        extensions = ([because(reason)] if reason else []) + ([invalidity] if has_more else [])
        octets += entry(serial, moment, *extensions)
    expected = [(serial, int(moment.timestamp()), reason) for serial, moment, reason, _ in entries]
    assert _listed(octets) == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_broken_octets_are_refused_and_never_crash(data: st.DataObject) -> None:
    octets = bytearray(_GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(octets[: data.draw(st.one_of(st.none(), st.integers(0, len(octets))))])
    if cut != _GOOD:
        with pytest.raises(EdsRefused):
            list(_read(cut).entries())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.data())
def test_signed_nonsense_among_the_entries_is_refused_and_never_crashes(junk: bytes, data: st.DataObject) -> None:
    octets = bytearray(_ONE * 3)
    place = data.draw(st.integers(0, len(octets)))
    octets[place:place] = junk
    with suppress(BilimError):
        for serial, _, reason in _listed(bytes(octets)):
            assert 0 <= serial < crl.MAX_SERIAL
            assert reason in range(11)


_ONE = entry(int.from_bytes(serial_octets(1), "big"), NOW, because(3))
_GOOD = large_list(shared_nca().ca, NOW, 5)


def test_a_list_of_20_megabytes_is_read_in_small_memory(tmp_path: Path, counted: Callable[[str, int], None]) -> None:
    """Counted in octets and objects, not seconds; the file itself stays with the kernel."""
    entries = 385_000
    path = tmp_path / "list.crl"
    path.write_bytes(large_list(shared_nca().ca, NOW, entries))
    assert path.stat().st_size > 20_000_000
    certificate = Certificate.parse(shared_nca().ca.certificate)
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as octets,
    ):
        gc.collect()
        objects = len(gc.get_objects())
        tracemalloc.start()
        found = crl.read(octets, certificate, at=NOW, backend=choose("libgcrypt"))
        verified = tracemalloc.get_traced_memory()[1]
        # Tracing every allocation of the whole scan would cost ten times the scan.
        tracemalloc.stop()
        packed = Packed().add_all(found.entries())
        made = len(gc.get_objects()) - objects
        tracemalloc.start()
        shards = packed.shards()
        sorted_peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert packed.entries == entries
    assert sum(map(len, shards.values())) == entries * 25
    assert verified < 2 * 2**20
    assert made < 2000
    assert sorted_peak + packed.octets < 30 * 2**20
    counted("entries of revocation lists", entries)


@pytest.mark.external
def test_the_real_list_of_the_nca_is_believed(test_data: Path) -> None:
    folder = test_data / "nca-test"
    issuer = Certificate.parse((folder / "nca_gost2022_test.cer").read_bytes())
    octets = (folder / "nca_gost2022_test.crl").read_bytes()
    at, backend = datetime(2026, 11, 1, tzinfo=UTC), choose("libgcrypt")
    found = crl.read(memoryview(octets), issuer, at=at, backend=backend)
    revoked = {serial for serial, _, _ in found.entries()}
    assert (found.number, len(revoked)) == (166, 195)
    said = {
        name: Certificate.parse(path.read_bytes()).serial in revoked
        for path in folder.glob("*/*/*.usercert.cer")
        if (name := "/".join(path.parts[-3:]).removesuffix(".usercert.cer"))
    }
    assert said["legal/valid/employee"], "its folder says valid, the list says otherwise"
    assert said["legal/valid/infosystem"]
    assert not said["individual/valid/individual_valid"]
    assert not said["legal/valid/head"]
    assert said["individual/revoked/individual_revoked"]
    with pytest.raises(BadSignature):
        crl.read(
            memoryview(octets.replace(bytes.fromhex("0a0103"), bytes.fromhex("0a0102"), 1)),
            issuer,
            at=at,
            backend=backend,
        )
