"""`idp demo region` as a tester meets it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

from click.testing import CliRunner

from idp.cli.demo import demo
from idp.core.clock import FixedClock
from idp.core.errors import Denied
from idp.services.holidays import Holidays
from idp.services.rosters import Rosters
from idp.store.session import UnitOfWork
from tests.factories.rosters import FakeVault

_ARGUMENTS = ("region", "--people", "60", "--schools", "1", "--seed", "1")


def _work(uow: UnitOfWork, clock: FixedClock, *, is_dev: bool) -> SimpleNamespace:
    parts = SimpleNamespace(rosters=Rosters(uow, clock, FakeVault(), is_dev=is_dev), holidays=Holidays(uow, clock))
    return SimpleNamespace(parts=parts, settings=SimpleNamespace(is_dev=is_dev))


def test_a_region_is_written_or_imported(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> None:
    work = _work(uow, clock, is_dev=True)
    written = CliRunner().invoke(demo, [*_ARGUMENTS, "--out", str(tmp_path / "r.zip"), "--json"], obj=work)
    assert json.loads(written.output) == {"people": 60, "seed": 1, "out": str(tmp_path / "r.zip")}
    imported = CliRunner().invoke(demo, [*_ARGUMENTS, "--json"], obj=work)
    assert json.loads(imported.output)["source"]


def test_production_takes_no_made_up_people(uow: UnitOfWork, clock: FixedClock) -> None:
    result = CliRunner().invoke(demo, _ARGUMENTS, obj=_work(uow, clock, is_dev=False))
    assert isinstance(result.exception, Denied)
    assert CliRunner().invoke(demo, ["region", "--people", "0", "--seed", "1"]).exit_code == 2
