"""cli/dev/folder: prepared once for what is started, and again when that changes."""

import json
from pathlib import Path

from idp.cli.dev.addresses import parse
from idp.cli.dev.folder import Folder
from idp.cli.dev.prepare import prepare
from idp.settings import Settings
from idp.store.session import open_engine


def _folder(path: Path, *addresses: str) -> Folder:
    return Folder(path / "demo", parse(addresses), "")


def test_a_second_start_finds_everything_and_other_addresses_register_anew(tmp_path: Path) -> None:
    home = _folder(tmp_path)
    assert not home.is_prepared()
    settings = Settings.from_env(home.idp_environment())
    prepare(home, settings)
    assert home.is_prepared()
    accounts, secret = home.accounts(), home.client_file("cabinet").read_text()
    assert {"aigerim", "nurlan", "gulnara", "marat", "asel", "saule", "admin"} == set(accounts)

    moved = _folder(tmp_path, "cabinet=http://127.0.0.2:9001")
    assert not moved.is_prepared()
    prepare(moved, settings)
    assert moved.is_prepared()
    assert moved.accounts() == accounts
    assert moved.client_file("cabinet").read_text() == secret
    engine = open_engine(settings.database_url)
    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT metadata FROM clients WHERE client_id='cabinet'").scalar_one()
    engine.dispose()
    assert json.loads(stored)["redirect_uris"] == ["http://127.0.0.2:9001/callback"]


def test_what_is_secret_is_private(tmp_path: Path) -> None:
    home = _folder(tmp_path)
    prepare(home, Settings.from_env(home.idp_environment()))
    for name in ("accounts.json", "cabinet.client.json", "keys/master.key"):
        assert (home.path / name).stat().st_mode & 0o077 == 0
