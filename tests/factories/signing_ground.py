"""A school with a director, a client that has documents signed there, and the miniature NCA that the house trusts.

ground = SigningGround(parts, clock)       # `parts` of any app or of `build`; nothing leaves the process
request_id = ground.ask()                  # or ask(roles=[…], subs=[…], certificate="person")
ground.sign(request_id)                    # the director, with the key of the head
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from idp.cli.dev.nca import Holder, Key, MiniNca
from idp.core.clock import FixedClock
from idp.eds.errors import NcaUnavailable
from idp.oidc.client import Client
from idp.parts import Parts
from idp.services.signing_requests import Made
from idp.store import clients, people
from idp.store.models.audit import AuditEvent
from idp.store.models.people import Person
from tests.factories.eds_ground import nca_of
from tests.factories.relying_party import document as client_document
from tests.factories.rows import add_membership, add_person, add_school

DIRECTOR_IIN, TEACHER_IIN = "850525400018", "831010300019"
SCHOOL_BIN, OTHER_BIN = "140240000018", "150340000019"
TEXT = "Ай сайынғы есеп.\nЕжемесячный отчёт.\n".encode()
TITLE = {"kk": "Қыркүйек есебі", "ru": "Отчёт за сентябрь", "en": "September report"}
CLIENT = "canteen"
RETURN = "https://textbooks.example/reports?month=9"


class SigningGround:
    """`asked` counts questions to the NCA; `is_away` makes it silent; `meanwhile` happens before it answers."""

    def __init__(self, parts: Parts, clock: FixedClock, nca: MiniNca | None = None) -> None:
        self.parts = parts
        self.clock = clock
        self.nca = nca or nca_of("gost2015")
        self.asked = 0
        self.is_away = False
        self.meanwhile: Callable[[], object] = lambda: None
        self._trust()
        with parts.uow.write() as tx:
            self.school = add_school(tx, "№ 12 мектеп-гимназия", name_ru="Школа № 12", identifier=SCHOOL_BIN)
            self.other_school = add_school(tx, "№ 5 ауыл мектебі", identifier=OTHER_BIN)
        self.director = self.person("saule", DIRECTOR_IIN, family_name="Сейітқазы", given_name="Сәуле")
        self.teacher = self.person("marat", TEACHER_IIN, family_name="Ахметов", given_name="Марат")
        self.membership(self.director, "director")
        self.membership(self.teacher, "teacher")
        self.client = self.register(CLIENT, bilim_schools=[self.school])

    @property
    def director_role(self) -> dict[str, str]:
        return {"role": "director", "school_id": self.school}

    def _trust(self) -> None:
        """The anchors as an operator pins them, and answers of the NCA without a socket."""
        folder: Path = self.parts.settings.keys_dir
        for number, der in enumerate(self.nca.anchors):
            path = folder / f"anchor-{number}.cer"
            path.write_bytes(der)
            self.parts.trust.add(path, hashlib.sha256(der).hexdigest())
        self.parts.nca.ask = self._ask  # type: ignore[method-assign]

    def _ask(self, request: bytes) -> bytes:
        self.asked += 1
        self.meanwhile()
        if self.is_away:
            raise NcaUnavailable("nobody answers")
        return self.nca.ocsp(request, self.clock.now())

    def person(self, username: str, iin: str = "", **names: str) -> str:
        with self.parts.uow.write() as tx:
            person_id = add_person(tx, username, **names)
        if iin:
            self.give_iin(person_id, iin)
        return person_id

    def give_iin(self, person_id: str, iin: str) -> None:
        vault = self.parts.iin_vault
        with self.parts.uow.write() as tx:
            people.set_iin(tx, [(person_id, vault.lookup(iin), vault.seal(person_id, iin))])

    def block(self, person_id: str) -> None:
        with self.parts.uow.write() as tx:
            tx.connection.execute(update(Person).where(Person.id == person_id).values(status="blocked"))

    def membership(self, person_id: str, role: str, school: str = "", **fields: Any) -> str:
        with self.parts.uow.write() as tx:
            return add_membership(tx, person_id, school or self.school, role, is_primary=True, **fields)

    def register(self, client_id: str, **changes: Any) -> Client:
        """A module: acts for itself with the scope `signing:request`."""
        fields = {
            "grant_types": ["authorization_code", "client_credentials"],
            "scope": "openid profile signing:request",
        } | changes
        self.parts.clients.add(client_document(client_id, **fields), replace=True)
        return self.reread(client_id)

    def reread(self, client_id: str = CLIENT) -> Client:
        with self.parts.uow.read() as tx:
            found = clients.find(tx, client_id)
        assert found is not None
        return Client(found)

    def sub(self, person_id: str, client: Client | None = None) -> str:
        return self.parts.oidc.subjects.sub((client or self.client).record.sector, person_id)

    def body(self, document: bytes = TEXT, **changes: Any) -> dict[str, Any]:
        """What a client sends; a None leaves a member out."""
        whole = {
            "document": base64.b64encode(document).decode(),
            "sha256": hashlib.sha256(document).hexdigest(),
            "media_type": "text/plain",
            "title": TITLE,
            "signers": {"roles": [self.director_role]},
            "return_uri": RETURN,
        } | changes
        return {name: value for name, value in whole.items() if value is not None}

    def ask(self, document: bytes = TEXT, **signers: Any) -> str:
        """A request of the client; the director may sign unless told otherwise. Returns the id."""
        chosen = signers or {"roles": [self.director_role]}
        made: Made = self.parts.signing_requests.create(self.client, self.body(document, signers=chosen))
        return made.id

    def head_key(self, iin: str = DIRECTOR_IIN, number: str = SCHOOL_BIN, **changes: Any) -> Key:
        holder = Holder(
            iin, "СЕЙІТҚАЗЫ", "СӘУЛЕ", organisation="«№ 12 МЕКТЕП-ГИМНАЗИЯ» КММ", bin=number, role="head"
        )  # fmt: skip
        return self._issue(holder, changes)

    def person_key(self, iin: str = DIRECTOR_IIN, **changes: Any) -> Key:
        return self._issue(Holder(iin, "СЕЙІТҚАЗЫ", "СӘУЛЕ", "МАРАТҚЫЗЫ"), changes)

    def _issue(self, holder: Holder, changes: dict[str, Any]) -> Key:
        return self.nca.issue(holder, not_before=self.clock.now() - timedelta(hours=1), **changes)

    def cms(self, key: Key, document: bytes = TEXT, *, timestamp: bool = True, encapsulate: bool = False) -> str:
        """As NCALayer hands it over: base64."""
        made = self.nca.cms(key, document, at=self.clock.now(), timestamp=timestamp, encapsulate=encapsulate)
        return base64.b64encode(made).decode()

    def sign(self, request_id: str, person_id: str = "", key: Key | None = None, document: bytes = TEXT) -> str:
        """Signs and hands in; returns the CMS in base64."""
        cms = self.cms(key or self.head_key(), document)
        self.parts.signing.sign(request_id, person_id or self.director, cms, place="192.0.2.7")
        return cms

    def events(self, event: str) -> list[dict[str, Any]]:
        """The data of every audit event of this name, oldest first."""
        query = select(AuditEvent.data).where(AuditEvent.event == event).order_by(AuditEvent.id)
        with self.parts.uow.read() as tx:
            return list(tx.connection.execute(query).scalars())
