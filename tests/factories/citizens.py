"""Citizens with keys of the miniature NCA at the door of a house that trusts it.

citizens = Citizens(parts, clock)                  # `parts` of any app or of `build`; nothing leaves the process
outcome = citizens.sign_in(citizens.key())         # NCALayer, as a browser and its person would
errand = citizens.begin_phone(); citizens.phone(errand.id, citizens.key())
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from idp.cli.dev.nca import Holder, Key, MiniNca
from idp.cli.keys import make_master_key
from idp.core.clock import FixedClock
from idp.eds.errors import NcaUnavailable
from idp.methods.password import hash_password
from idp.parts import Parts, build
from idp.services.entry import Visitor
from idp.services.login import Begun, Outcome
from idp.settings import Settings
from idp.store import credentials, people
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.people import Membership, Person
from tests.factories.eds_ground import nca_of
from tests.factories.rows import add_membership, add_person, add_school

IIN, OTHER_IIN, MINOR_IIN = "850525400018", "831010300019", "100525600011"
SCHOOL_BIN = "140240000018"
PASSWORD = "тау мен көл"
HASH = hash_password(PASSWORD)
VISITOR = Visitor(place="192.0.2.7", browser="Chromium", language="kk", browser_id="browser one")
STRANGER = replace(VISITOR, browser_id="browser two", place="192.0.2.8")


@contextmanager
def house(database_url: str, folder: Path, clock: FixedClock, **settings: Any) -> Iterator[Parts]:
    """All parts on this database, with keys of their own."""
    chosen: dict[str, Any] = {"env": "dev", "operator_bin": SCHOOL_BIN} | settings
    made = Settings(database_url=database_url, keys_dir=folder, secret_file=folder / "master.key", **chosen)
    make_master_key(made.secret_file)
    parts = build(made, clock)
    parts.keys.init()
    yield parts
    parts.engine.dispose()


class Citizens:
    """`is_away` makes the NCA silent; `asked` counts questions to it."""

    def __init__(self, parts: Parts, clock: FixedClock) -> None:
        self.parts = parts
        self.clock = clock
        self.nca: MiniNca = nca_of("gost2015")
        self.app: Flask | None = None
        self.is_away = False
        self.asked = 0
        folder: Path = parts.settings.keys_dir
        for number, der in enumerate(self.nca.anchors):
            path = folder / f"anchor-{number}.cer"
            path.write_bytes(der)
            parts.trust.add(path, hashlib.sha256(der).hexdigest())
        parts.nca.ask = self._ask  # type: ignore[method-assign]

    def _ask(self, request: bytes) -> bytes:
        self.asked += 1
        if self.is_away:
            raise NcaUnavailable("nobody answers")
        return self.nca.ocsp(request, self.clock.now())

    def key(self, iin: str = IIN, **changes: Any) -> Key:
        """Гүлнара Серікова; `family_name=…`, `key_storage="hardware"`, or `role="head", bin=…, organisation=…`."""
        about: dict[str, Any] = {"family_name": "СЕРІКОВА", "given_name": "ГҮЛНАРА", "middle_name": "БОЛАТҚЫЗЫ"}
        since = self.clock.now() - timedelta(hours=1)
        return self.nca.issue(Holder(iin, **about | changes), not_before=since)

    def staff_key(self, iin: str = IIN, number: str = SCHOOL_BIN, role: str = "employee", **changes: Any) -> Key:
        return self.key(iin, role=role, bin=number, organisation="«№ 12 МЕКТЕП-ГИМНАЗИЯ» КММ", **changes)

    def signature(self, key: Key, text: bytes) -> str:
        """As NCALayer hands it over: base64."""
        return base64.b64encode(self.nca.cms(key, text, at=self.clock.now())).decode()

    def begin(self, visitor: Visitor = VISITOR) -> Begun:
        return self.parts.login.begin("eds_ncalayer", visitor)

    def answer(self, begun: Begun, key: Key) -> dict[str, str]:
        return {"challenge": begun.id, "signature": self.signature(key, begun.shown["text"].encode())}

    def finish(self, answer: dict[str, str], visitor: Visitor = VISITOR) -> Outcome:
        return self.parts.login.finish("eds_ncalayer", visitor, answer, is_shared=False)

    def sign_in(self, key: Key, visitor: Visitor = VISITOR) -> Outcome:
        return self.finish(self.answer(self.begin(visitor), key), visitor)

    def begin_phone(self, visitor: Visitor = VISITOR) -> Begun:
        return self.parts.login.begin("eds_egov_mobile", visitor)

    def phone(self, errand_id: str, key: Key) -> None:
        """What the app does with a scanned code."""
        errands = self.parts.errands
        token = errands.face(errand_id, language="kk")["document"]["auth_token"]
        body = errands.documents(errand_id, token)
        file = body["documentsToSign"][0]["document"]["file"]
        file["data"] = self.signature(key, base64.b64decode(file["data"]))
        errands.deliver(errand_id, token, body)

    def confirm(self, errand_id: str, visitor: Visitor = VISITOR) -> Outcome:
        answer = {"challenge": errand_id}
        return self.parts.login.finish("eds_egov_mobile", visitor, answer, is_shared=False)

    def person(self, username: str = "gulnara", iin: str = IIN, *, password: bool = False, **fields: Any) -> str:
        names = {"family_name": "Серікова", "given_name": "Гүлнара", "middle_name": "Болатқызы"} | fields
        vault = self.parts.iin_vault
        lookup = vault.lookup(iin)
        with self.parts.uow.write() as tx:
            person_id = add_person(tx, username, **names)
            people.set_iin(tx, [(person_id, lookup, vault.seal(person_id, iin))])
            if password:
                rows = [(person_id, {"hash": HASH})]
                credentials.replace(tx, "password", rows, must_change=False, now=self.clock.now())
        return person_id

    def school(self, number: str = SCHOOL_BIN, **fields: Any) -> str:
        with self.parts.uow.write() as tx:
            return add_school(tx, identifier=number, **fields)

    def membership(self, person_id: str, school_id: str, role: str = "teacher", *, end: date | None = None) -> str:
        with self.parts.uow.write() as tx:
            return add_membership(tx, person_id, school_id, role, end=end)

    def set_status(self, person_id: str, status: str) -> None:
        with self.parts.uow.write() as tx:
            tx.connection.execute(update(Person).where(Person.id == person_id).values(status=status))

    def events(self, event: str) -> list[dict[str, Any]]:
        """Data of every audit event of this name, oldest first."""
        query = select(AuditEvent.data).where(AuditEvent.event == event).order_by(AuditEvent.id)
        return self._all(query)

    def everybody(self) -> list[Person]:
        with self.parts.uow.read() as tx:
            return list(tx.session.scalars(select(Person).order_by(Person.id)))

    def memberships(self, person_id: str) -> list[tuple[str | None, str, date | None]]:
        """(school, role, end)."""
        query = select(Membership.school_id, Membership.role, Membership.end).where(Membership.person_id == person_id)
        with self.parts.uow.read() as tx:
            return [(row[0], row[1], row[2]) for row in tx.connection.execute(query.order_by(Membership.id))]

    def changes(self) -> list[tuple[str, str, str]]:
        """(kind, action, school) of the feed."""
        query = select(Change.kind, Change.action, Change.school_id).order_by(Change.seq)
        with self.parts.uow.read() as tx:
            return [(row[0], row[1], row[2]) for row in tx.connection.execute(query)]

    def _all(self, query: Any) -> list[Any]:
        with self.parts.uow.read() as tx:
            return list(tx.connection.execute(query).scalars())
