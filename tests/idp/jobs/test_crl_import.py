"""jobs/crl_import: lists come in whole and verified, or the old ones stay."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from idp.cli.dev.nca import MiniNca
from idp.core.clock import FixedClock
from idp.eds.certificate import Certificate
from idp.eds.errors import EdsOff
from idp.eds.self_test import choose
from idp.jobs import crl_import
from idp.jobs.crl_import import CrlImport
from idp.services import eds as eds_service
from idp.services.eds import StoredLists
from idp.services.trust import Trust
from idp.store import audit
from idp.store.models.audit import AuditEvent
from idp.store.session import UnitOfWork
from tests.factories.crl import entry, large_list, signed_list
from tests.factories.nca import NOW, fresh_nca, holder, person_key
from tests.factories.trusting import made_eds, trusting, way_to
from tests.fakes.http_site import Page, http_site

_BASE, _DELTA = "/base.crl", "/delta.crl"


class _Published:
    """What lies at the two addresses; tests change it."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {_BASE: Page(status=404), _DELTA: Page(status=404)}

    def put(self, path: str, octets: bytes) -> None:
        self.pages[path] = Page(octets)


@pytest.fixture
def now() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def published() -> _Published:
    return _Published()


@pytest.fixture
def job(uow: UnitOfWork, now: FixedClock, tmp_path: Path, published: _Published) -> Iterator[CrlImport]:
    with _job(uow, now, tmp_path, published) as made:
        yield made


@contextmanager
def _job(uow: UnitOfWork, now: FixedClock, folder: Path, published: _Published) -> Iterator[CrlImport]:
    pages: dict[str, Callable[[bytes], Page]] = {
        path: lambda _, path=path: published.pages[path]  # type: ignore[misc]  # bound at once
        for path in (_BASE, _DELTA)
    }
    with http_site(pages) as site:
        urls = [site.url + _BASE, site.url + _DELTA]
        nca = way_to("https://127.0.0.1:1/", urls)
        yield CrlImport(uow, now, made_eds(uow, now, trusting(folder, now, fresh_nca()), nca), nca, urls)


def _reason(uow: UnitOfWork, serial: int) -> int | None:
    found = StoredLists(uow).look_up(fresh_nca().ca.key_id, serial)
    assert found is not None
    return found[1].reason if found[1] else None


def _is_empty(uow: UnitOfWork) -> bool:
    return StoredLists(uow).look_up(fresh_nca().ca.key_id, 1) is None


def _events(uow: UnitOfWork) -> list[AuditEvent]:
    with uow.read() as tx:
        return [event for event in audit.of_person(tx, "") if event.event == "crl_imported"]


def test_a_base_and_its_delta_are_imported(uow: UnitOfWork, job: CrlImport, published: _Published) -> None:
    nca = fresh_nca()
    nca.revoke(person_key(), NOW, reason=6)
    published.put(_BASE, nca.crl(NOW - timedelta(hours=2)))
    assert job() == 1
    assert _reason(uow, person_key().serial) == 6
    other = nca.issue(holder())
    nca.release(person_key())
    nca.revoke(other, NOW, reason=1)
    published.put(_DELTA, nca.crl(NOW - timedelta(hours=1), delta=True))
    assert job() == 1
    assert (_reason(uow, person_key().serial), _reason(uow, other.serial)) == (None, 1)
    said = sorted((event.data["number"], event.data["kind"], event.data["entries"]) for event in _events(uow))
    assert said == [(1, "base", 1), (2, "delta", 2)]


def test_a_list_that_is_there_already_is_not_packed_again(
    uow: UnitOfWork, job: CrlImport, published: _Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.put(_BASE, fresh_nca().crl(NOW))
    assert (job(), job()) == (1, 0)
    assert len(_events(uow)) == 1
    monkeypatch.delattr(crl_import, "Packed")
    assert job() == 0


def test_an_older_list_does_not_come_back(uow: UnitOfWork, job: CrlImport, published: _Published) -> None:
    nca = fresh_nca()
    old = nca.crl(NOW - timedelta(hours=2))
    nca.revoke(person_key(), NOW)
    published.put(_BASE, nca.crl(NOW - timedelta(hours=1)))
    assert job() == 1
    published.put(_BASE, old)
    assert job() == 0
    assert _reason(uow, person_key().serial) == 1


@pytest.mark.parametrize(
    "page",
    [
        Page(status=500),
        Page(b""),
        Page(b"<html>"),
        Page(fresh_nca().crl(NOW, signature="flipped")),
        Page(MiniNca.make(NOW).crl(NOW)),
        Page(MiniNca.make(NOW, label="ӨЗГЕ").crl(NOW)),
        Page(fresh_nca().crl(NOW - timedelta(days=2))),
        Page(fresh_nca().crl(NOW), announced=100_000),
        Page(signed_list(fresh_nca().ca, entry(5, NOW) + b"\x30\x00", NOW)),
    ],
    ids=["error", "empty", "html", "bad signature", "namesake", "foreign", "stale", "half", "broken entry"],
)
def test_what_cannot_be_believed_leaves_the_old_list(
    uow: UnitOfWork, job: CrlImport, published: _Published, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    nca = fresh_nca()
    nca.revoke(person_key(), NOW)
    published.put(_BASE, nca.crl(NOW - timedelta(hours=1), number=0))
    job()
    published.pages[_BASE] = page
    assert job() == 0
    assert _reason(uow, person_key().serial) == 1
    assert "a revocation list was not imported" in caplog.text


def test_one_failing_address_does_not_keep_the_other(uow: UnitOfWork, job: CrlImport, published: _Published) -> None:
    published.put(_DELTA, fresh_nca().crl(NOW))
    assert job() == 1
    assert not _is_empty(uow)


def test_a_list_that_is_too_large_is_left(
    uow: UnitOfWork, job: CrlImport, published: _Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crl_import, "MAX_BYTES", 100)
    published.put(_BASE, fresh_nca().crl(NOW))
    assert job() == 0
    assert _is_empty(uow)


def test_a_slow_library_imports_nothing_and_says_so(
    uow: UnitOfWork, job: CrlImport, published: _Published, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(eds_service, "choose", lambda: choose("ecdsa"))
    published.put(_BASE, large_list(fresh_nca().ca, NOW, 1500))
    assert job() == 0
    assert _is_empty(uow)
    assert any(EdsOff.code in str(getattr(record, "reason", "")) for record in caplog.records)


def test_without_anchors_nothing_is_imported(
    uow: UnitOfWork, job: CrlImport, published: _Published, tmp_path: Path
) -> None:
    published.put(_BASE, fresh_nca().crl(NOW))
    (tmp_path / "trust" / "anchors.json").unlink()
    assert job() == 0
    assert _is_empty(uow)


def test_a_large_list_goes_in_by_one_transaction(uow: UnitOfWork, job: CrlImport, published: _Published) -> None:
    count = 20_000
    published.put(_BASE, large_list(fresh_nca().ca, NOW, count))
    assert job() == 1
    assert [event.data["entries"] for event in _events(uow)] == [count]


@pytest.mark.external
def test_the_real_list_of_the_nca_revokes_whom_it_names(
    uow: UnitOfWork, now: FixedClock, tmp_path: Path, test_data: Path
) -> None:
    folder = test_data / "nca-test"
    made = Trust(tmp_path / "trust", False, now)
    for name in ("root_test_gost_2022.cer", "nca_gost2022_test.cer"):
        made.add(folder / name, hashlib.sha256((folder / name).read_bytes()).hexdigest())
    with http_site({_BASE: Page((folder / "nca_gost2022_test.crl").read_bytes())}) as site:
        nca = way_to("https://127.0.0.1:1/", [site.url + _BASE])
        assert CrlImport(uow, now, made_eds(uow, now, made, nca), nca, [site.url + _BASE])() == 1
    lists, issuer = StoredLists(uow), Certificate.parse((folder / "nca_gost2022_test.cer").read_bytes())
    revoked = set()
    for path in folder.glob("*/*/*.usercert.cer"):
        found = lists.look_up(issuer.key_bits_sha1, Certificate.parse(path.read_bytes()).serial)
        assert found is not None
        assert found[0].number == 166
        if found[1] is not None:
            revoked.add(f"{path.parent.name}/{path.name.removesuffix('.usercert.cer')}")
    assert {"valid/employee", "valid/infosystem", "revoked/individual_revoked"} <= revoked
    assert revoked.isdisjoint({"valid/individual_valid", "valid/head", "valid/employee_signright"})
