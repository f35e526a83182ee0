"""People with a second factor, and what they do with it, on the parts of a house of one's own.

ground = FactorGround(parts, clock)
person = ground.person("gulnara", "guardian"); app = ground.app_of(person); key = ground.passkey_of(person)
ground.password("gulnara")            # the outcome of a right password
ground.code(app)                      # a code that was not used yet: the clock moves on to the next step
ground.letters()                      # what lies in the outbox, opened
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyotp
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.methods.password import hash_password
from idp.parts import Parts
from idp.services.entry import Visitor
from idp.services.login import Outcome
from idp.services.post import KIND, Letter
from idp.store import credentials
from idp.store.models.audit import AuditEvent
from idp.store.models.work import OutboxItem
from tests.factories.authenticator import Authenticator
from tests.factories.citizens import house
from tests.factories.rows import add_membership, add_person, add_school

PASSWORD = "тау мен көл"
HASH = hash_password(PASSWORD)
VISITOR = Visitor(place="192.0.2.7", browser="Firefox", language="kk", browser_id="browser one")
STRANGER = replace(VISITOR, browser_id="browser two", place="192.0.2.8")
MAIL: dict[str, Any] = {"smtp_url": "smtp://127.0.0.1:2525", "mail_from": "id@mektep.example"}


@contextmanager
def factor_house(database_url: str, folder: Path, clock: FixedClock, **settings: Any) -> Iterator[FactorGround]:
    """A house that can send mail; `second_factor="staff"` and the like change it."""
    with house(database_url, folder, clock, **MAIL | settings) as parts:
        yield FactorGround(parts, clock)


class FactorGround:
    def __init__(self, parts: Parts, clock: FixedClock) -> None:
        self.parts = parts
        self.clock = clock

    def person(self, username: str = "gulnara", role: str = "guardian", *, rule: str = "", **fields: Any) -> str:
        """Somebody with a password; `rule` is the school's about second factors."""
        values = {"email": f"{username}@mektep.example", "email_verified": True, "given_name": "Гүлнара"} | fields
        with self.parts.uow.write() as tx:
            person_id = add_person(tx, username, **values)
            add_membership(tx, person_id, add_school(tx, second_factor=rule), role)
            row = (person_id, {"hash": HASH})
            credentials.replace(tx, "password", [row], must_change=False, now=self.clock.now())
        return person_id

    def app_of(self, person_id: str) -> pyotp.TOTP:
        """An authenticator app that was set up a while ago."""
        factors = self.parts.sign_in.factors
        setting = factors.begin_totp(person_id, bound="s")
        app = pyotp.TOTP(setting.key.replace(" ", ""))
        factors.add_totp(person_id, setting.ticket, app.at(self.clock.now()), bound="s")
        return app

    def passkey_of(self, person_id: str, *, bound: str = "s", **changes: Any) -> Authenticator:
        factors, key = self.parts.sign_in.factors, Authenticator()
        options = factors.begin_passkey(person_id, bound=bound)
        factors.add_passkey(person_id, key.create(options, **changes), bound=bound, label="Телефон")
        return key

    def password(self, username: str = "gulnara", visitor: Visitor = VISITOR, password: str = PASSWORD) -> Outcome:
        fields = {"username": username, "password": password}
        return self.parts.login.finish("password", visitor, fields, is_shared=False)

    def code(self, app: pyotp.TOTP) -> str:
        self.clock.advance(seconds=30)
        return app.at(self.clock.now())

    def letters(self) -> list[Letter]:
        with self.parts.uow.read() as tx:
            rows = tx.connection.execute(
                select(OutboxItem.data).where(OutboxItem.kind == KIND).order_by(OutboxItem.id)
            ).scalars()
            return [self.parts.sign_in.post.open(data) for data in rows]

    def events(self, *names: str) -> list[tuple[str, dict[str, Any]]]:
        """Name and data of audit events with these names, in order."""
        with self.parts.uow.read() as tx:
            query = select(AuditEvent.event, AuditEvent.data).where(AuditEvent.event.in_(names)).order_by(AuditEvent.id)
            return [(row[0], row[1]) for row in tx.connection.execute(query)]
