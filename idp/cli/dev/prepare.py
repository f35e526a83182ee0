"""Makes what the demo folder lacks: database, keys, the demo school, the clients' registrations."""

from __future__ import annotations

import base64
import json
from typing import Any

from idp.app import Parts, build
from idp.cli.dev.folder import Folder, write_private
from idp.cli.keys import make_master_key
from idp.methods.password import hash_password
from idp.services.demo import ACCOUNTS, demo_school
from idp.services.sheets import first_password
from idp.settings import Settings
from idp.store import people
from idp.store.migrations import upgrade


def prepare(home: Folder, settings: Settings) -> None:
    """Safe to run again, with other addresses too; passwords and secrets that exist stay."""
    home.path.mkdir(parents=True, exist_ok=True)
    make_master_key(settings.secret_file)
    parts = build(settings)
    upgrade(parts.engine)
    parts.keys.init()
    accounts = home.accounts() or {username: first_password() for username in ACCOUNTS}
    demo_school(parts.rosters, parts.people, parts.uow, parts.clock, passwords=accounts, hash_password=hash_password)
    for name in home.clients():
        _register(home, parts, name)
    parts.engine.dispose()
    home.note_prepared(accounts)


def _register(home: Folder, parts: Parts, name: str) -> None:
    registration, file = home.registration(name), home.client_file(name)
    text = registration.read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text.replace("{base_url}", home.addresses.of(name)))
    logo = registration.parent / "static" / "img" / "logo.svg"
    if logo.is_file():
        document["logo_uri"] = "data:image/svg+xml;base64," + base64.b64encode(logo.read_bytes()).decode()
    if document["bilim_consent"] == "ask":
        # A vendor is switched on school by school; only the operator's own modules are on everywhere.
        with parts.uow.read() as tx:
            document["bilim_schools"] = people.schools(tx)
    if file.exists():
        document["client_secret"] = json.loads(file.read_text())["client_secret"]
    added = parts.clients.add(document, replace=True)
    secret = added.client_secret or document["client_secret"]
    write_private(file, {"client_id": added.record["client_id"], "client_secret": secret})
