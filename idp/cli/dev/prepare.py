"""Makes what the demo folder lacks: database, keys, the demo school, the clients' registrations."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from idp.app import templates_folder
from idp.cli.dev.demo_holders import make_demo_nca
from idp.cli.dev.demo_nca import DemoNca
from idp.cli.dev.folder import Folder, write_private
from idp.cli.dev.lms import described_by_itself, register_lms
from idp.cli.keys import make_master_key
from idp.cli.saml import picture
from idp.core.clock import Clock
from idp.documents import consent_drafts
from idp.methods.password import hash_password
from idp.parts import Parts, build
from idp.services.demo import ACCOUNTS, SCHOOL_BIN, adults, demo_school, pupils
from idp.services.demo_cards import make_cards
from idp.services.demo_consents import make_consents
from idp.services.keys import IinVault
from idp.services.sheets import first_password
from idp.services.trust import Trust
from idp.settings import Settings
from idp.store import people
from idp.store.migrations import upgrade


def prepare(home: Folder, settings: Settings) -> None:
    """Safe to run again, with other addresses too; passwords and secrets that exist stay."""
    home.path.mkdir(parents=True, exist_ok=True)
    make_master_key(settings.secret_file)
    parts = build(settings)
    upgrade(parts.engine)
    parts.holidays.seed()
    parts.keys.init()
    accounts = home.accounts() or {username: first_password() for username in ACCOUNTS}
    demo_school(parts.rosters, parts.people, parts.uow, parts.clock, passwords=accounts, hash_password=hash_password)
    _number_the_operator(parts)
    _fill_the_school(parts)
    _make_nca(home, Trust(settings.keys_dir / "trust", False, parts.clock), parts.clock)
    for name in home.clients():
        if home.speaks_saml(name):
            register_lms(
                parts, described_by_itself(home, name), base_url=home.addresses.of(name), logo=_logo(home, name)
            )
        else:
            _register(home, parts, name)
    parts.engine.dispose()
    home.note_prepared(accounts)


def _number_the_operator(parts: Parts) -> None:
    """The operator comes by no roster, and has an ЭЦҚ like every adult here."""
    operator = next(adult for adult in adults() if adult.role == "operator")
    vault = IinVault(parts.keys)
    lookup = vault.lookup(operator.iin)
    with parts.uow.read() as tx:
        person = people.by_username(tx, operator.username)
        is_stored = bool(people.by_iin(tx, vault.lookups(operator.iin)))
    if person and not is_stored:
        with parts.uow.write() as tx:
            people.set_iin(tx, [(person, lookup, vault.seal(person, operator.iin))])


def _fill_the_school(parts: Parts) -> None:
    """Cards, texts of consent and a campaign, once: what somebody changed in the demo stays."""
    templates = templates_folder()
    make_cards(parts.uow, parts.cards, SCHOOL_BIN, pupils(), issued_by="gauhar")
    make_consents(
        parts.uow, parts.clock, parts.consent_desk, SCHOOL_BIN,
        lambda purpose, school: consent_drafts.draft(templates, purpose, school),
        director="saule", secretary="gauhar",
    )  # fmt: skip


def _make_nca(home: Folder, trust: Trust, clock: Clock) -> None:
    """The authorities and demo keys, once; and that this IdP trusts them."""
    if (home.nca / "keys.json").exists():
        demo = DemoNca.load(home.nca)
    else:
        demo = make_demo_nca(clock.now())
        demo.save(home.nca)
    trusted = {anchor.sha256 for anchor in trust.list()}
    for file in demo.write_anchors(home.nca / "anchors"):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if digest not in trusted:
            trust.add(file, digest, note="idp dev")


def _register(home: Folder, parts: Parts, name: str) -> None:
    registration, file = home.registration(name), home.client_file(name)
    text = registration.read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text.replace("{base_url}", home.addresses.of(name)))
    if logo := _logo(home, name):
        document["logo_uri"] = logo
    if document["bilim_consent"] == "ask":
        # A vendor is switched on school by school; only the operator's own modules are on everywhere.
        with parts.uow.read() as tx:
            document["bilim_schools"] = people.schools(tx)
    if file.exists():
        document["client_secret"] = json.loads(file.read_text())["client_secret"]
    added = parts.clients.add(document, replace=True)
    secret = added.client_secret or document["client_secret"]
    write_private(file, {"client_id": added.record["client_id"], "client_secret": secret})


def _logo(home: Folder, name: str) -> str:
    file = home.of_client(name) / "static" / "img" / "logo.svg"
    return picture(file) if file.is_file() else ""
