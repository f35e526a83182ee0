"""The plan: whose ids rows get."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.services.rosters import Rosters
from idp.store.models.org import Organisation
from idp.store.session import UnitOfWork
from tests.factories.rosters import ORGS, FakeVault, changed, write_bundle
from tests.factories.rows import add_school


def test_an_organisation_with_the_same_bin_is_the_same(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> None:
    with uow.write() as tx:
        known = add_school(tx, "Ескі атауы", identifier="123456789012")
    rosters = Rosters(uow, clock, FakeVault(), is_dev=True)
    folder = write_bundle(tmp_path / "a", orgs=changed(ORGS, "s", identifier="123456789012"))
    report = rosters.import_path(folder)
    with uow.read() as tx:
        row = tx.connection.execute(select(Organisation).where(Organisation.id == known)).one()
    assert (row.name, row.parent_id) == ("№ 12 мектеп", report.source)
    assert rosters.import_path(folder).is_unchanged


def test_numbers_that_are_no_bin_match_nothing(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> None:
    with uow.write() as tx:
        add_school(tx, identifier="1001")
    folder = write_bundle(tmp_path / "a", orgs=changed(changed(ORGS, "s", identifier="1001"), "d", identifier="1001"))
    assert Rosters(uow, clock, FakeVault(), is_dev=True).import_path(folder).kinds["orgs"].added == 2
    with uow.read() as tx:
        assert len(tx.connection.execute(select(Organisation.id)).all()) == 3


def test_the_root_of_a_new_source_is_the_source(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> None:
    report = Rosters(uow, clock, FakeVault(), is_dev=True).import_path(write_bundle(tmp_path / "a"))
    with uow.read() as tx:
        root = tx.connection.execute(select(Organisation.id).where(Organisation.parent_id.is_(None))).scalar_one()
    assert root == report.source
