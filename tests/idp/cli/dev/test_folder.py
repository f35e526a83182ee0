"""cli/dev/folder: prepared once for what is started, and again when that changes."""

import json
from datetime import UTC, datetime
from pathlib import Path

from idp.cli.dev.addresses import parse
from idp.cli.dev.demo_nca import DemoNca
from idp.cli.dev.folder import Folder
from idp.cli.dev.prepare import prepare
from idp.core.iin import has_valid_check_digit
from idp.eds.certificate import Certificate
from idp.eds.self_test import choose
from idp.parts import build
from idp.services.demo import SCHOOL_BIN, adults
from idp.services.keys import IinVault
from idp.services.trust import Trust
from idp.settings import Settings
from idp.store import people
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
    for name in ("accounts.json", "cabinet.client.json", "keys/master.key", "nca", "nca/keys.json", "nca/rsa/nca.json"):
        assert (home.path / name).stat().st_mode & 0o077 == 0


def test_the_idp_trusts_the_miniature_nca_and_finds_its_people_also_after_another_start(tmp_path: Path) -> None:
    home = _folder(tmp_path)
    settings = Settings.from_env(home.idp_environment())
    for _ in range(2):
        prepare(home, settings)
    parts = build(settings)
    trust = Trust(settings.keys_dir / "trust", is_production=False)
    assert len(trust.list()) == 4
    store = trust.store(choose())
    vault = IinVault(parts.keys)
    with parts.uow.read() as tx:
        for adult in adults():
            lookup = vault.lookup(adult.iin)
            assert people.by_iin(tx, [lookup]) == {lookup: people.by_username(tx, adult.username)}
        assert len(people.schools(tx, SCHOOL_BIN)) == 1
    parts.engine.dispose()
    now = datetime.now(UTC)
    for key in DemoNca.load(home.nca).keys.values():
        if key.name != "expired":
            assert not store.chain_of(Certificate.parse(key.key.certificate), now).is_production
    assert Trust(settings.keys_dir / "trust", is_production=True).store(choose()).is_empty


def test_what_stands_in_for_others_is_reached_where_it_was_put(tmp_path: Path) -> None:
    moved = _folder(tmp_path, "ncalayer=http://127.0.0.1:9080", "nca=http://127.0.0.1:9081")
    settings = Settings.from_env(moved.idp_environment())
    assert settings.ncalayer_url == "ws://127.0.0.1:9080"
    assert settings.ocsp_url == "http://127.0.0.1:9081/ocsp"
    assert settings.crl_urls == ("http://127.0.0.1:9081/crl/base.crl", "http://127.0.0.1:9081/crl/delta.crl")
    assert "127.0.0.1:9081" in settings.fetch_allow
    assert not has_valid_check_digit(settings.operator_bin)
