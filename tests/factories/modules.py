"""Clients of every kind that read the feed, on the ground of the console, and everything there that must not leak.

ground = Modules(console)
ground.client("attendance")           # oidc.client.Client, registered through the real service
ground.page("attendance", "people")   # services.feed.Page
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, update

from idp.core.ids import new_id
from idp.oidc.client import Client
from idp.services import scope as scopes
from idp.services.feed import Page
from idp.store import clients, feed, people
from idp.store.models.calendar import Bell, CalendarDay
from idp.store.models.consents import ConsentRecord, ConsentText
from idp.store.models.people import Person, Photo
from tests.factories.console import Console
from tests.factories.relying_party import document
from tests.factories.rows import BEGINNING

FEEDS = "feed:people feed:memberships feed:classes feed:guardianships feed:consents feed:cards feed:calendar"
IIN = "130517600014"
"""With a wrong checksum, as every made-up one."""
KINDS: dict[str, dict[str, Any]] = {
    "attendance": {
        "scope": f"attendance:write cards:resolve {FEEDS}", "bilim_sector": "bilim", "bilim_schools": "all",
        "bilim_claims": ["name", "given_name", "roles", "grade", "classes", "children", "picture"],
    },
    "canteen": {
        "scope": f"canteen:serve cards:resolve {FEEDS}", "bilim_sector": "bilim",
        "bilim_claims": ["name", "given_name", "picture"],
    },
    "textbooks": {"scope": FEEDS, "bilim_claims": ["given_name", "locale", "grade"]},
    "lms": {"scope": FEEDS, "bilim_claims": ["name", "email", "email_verified", "roles", "classes"]},
    "register": {"scope": FEEDS, "bilim_claims": ["name", "birthdate", "gender", "iin", "phone_number"],
                 "bilim_iin_basis": "№ 456 бұйрық"},
    "bare": {"scope": FEEDS, "bilim_claims": []},
}  # fmt: skip
"""Everything a client may be to the feed: claims wide and narrow, one sector shared and others alone."""
SECRETS = ("Шаңырақ", "aigerim@example.kz", "+77011234567", IIN, "2013-05-17", "female", "Серікова", "pupil")


class Modules:
    def __init__(self, console: Console) -> None:
        self.console = console
        self.parts = console.parts
        self._fill()

    def client(self, kind: str, **changes: Any) -> Client:
        """A client of this kind; all but `attendance` are on at the first school only."""
        fields = {"bilim_schools": [self.console.school], "grant_types": ["client_credentials"]} | KINDS[kind] | changes
        made = document(kind, **fields)
        made.pop("redirect_uris")
        self.parts.clients.add(made, replace=True)
        with self.parts.uow.read() as tx:
            row = clients.find(tx, kind)
        assert row is not None
        return Client(row)

    def page(self, client: Client, kind: str, **asked: Any) -> Page:
        return self.parts.feed.page(client, kind, **asked)

    def sub(self, client: Client, name: str) -> str:
        return self.parts.oidc.subjects.sub(client.record.sector, self.console.people[name])

    def _fill(self) -> None:
        """A pupil about whom everything is known, a card, consents of every purpose, a calendar."""
        console, pupil = self.console, self.console.people["pupil"]
        vault = self.parts.iin_vault
        with self.parts.uow.write() as tx:
            known = {"sex": "female", "email": SECRETS[1], "email_verified": True, "phone": SECRETS[2]}
            known |= {"claims": {"address": {"formatted": SECRETS[0]}, "nickname": SECRETS[0]}}
            tx.connection.execute(update(Person).where(Person.id == pupil).values(known))
            people.set_iin(tx, [(pupil, vault.lookup(IIN), vault.seal(pupil, IIN))])
            tx.connection.execute(
                insert(Photo),
                {"person_id": pupil, "image": b"\xff\xd8jpeg", "sha256": "ab" * 32, "updated_at": BEGINNING,
                 "updated_by": "x"},
            )  # fmt: skip
            for purpose in ("visits", "free_meals", "meal_payment", "textbooks", "other"):
                self._consent(tx, purpose, "textbooks" if purpose == "textbooks" else "")
            day = {"id": new_id(), "kind": "holiday", "title": "Мереке", "begin": date(2026, 12, 16)}
            day |= {"end": date(2026, 12, 17), "grades": []}
            for school in (None, console.school, console.other):
                tx.connection.execute(insert(CalendarDay), day | {"id": new_id(), "school_id": school})
            bell = {"school_id": console.school, "shift": "1", "lesson": 1, "begin": 480, "end": 525}
            tx.connection.execute(insert(Bell), bell | {"id": new_id()})
        office = scopes.of_actor(console.people["secretary"], "secretary", (console.school,))
        self.card = self.parts.cards.issue(office, console.school, "pupil", "0013961168", "dec10")

    def ask(self, purpose: str, recipient: str) -> str:
        """The first school publishes a text; returns its id."""
        with self.parts.uow.write() as tx:
            return self._text(tx, purpose, recipient, published_at=BEGINNING)

    def consent(self, text_id: str, purpose: str, recipient: str, name: str = "pupil") -> str:
        """Somebody consents, and the feed hears of it; returns the record's id."""
        with self.parts.uow.write() as tx:
            record_id = self._given(tx, text_id, purpose, recipient, self.console.people[name])
            feed.append(tx, "consents", "added", [(self.console.school, record_id)], now=self.console.clock.now())
        return record_id

    def _consent(self, tx: Any, purpose: str, recipient: str) -> None:
        text_id = self._text(tx, purpose, recipient)
        self._given(tx, text_id, purpose, recipient, self.console.people["pupil"])

    def _text(self, tx: Any, purpose: str, recipient: str, **more: Any) -> str:
        console, text_id = self.console, new_id()
        text: dict[str, Any] = {
            "id": text_id,
            "school_id": console.school,
            "purpose": purpose,
            "recipient": recipient,
            "version": 2 if more else 1,
        }
        text |= {"title": {}, "body": {}, "contents": {}, "made_by": "x", "made_at": BEGINNING}
        tx.connection.execute(insert(ConsentText), text | more)
        return text_id

    def _given(self, tx: Any, text_id: str, purpose: str, recipient: str, person_id: str) -> str:
        console, record_id = self.console, new_id()
        given: dict[str, Any] = {"id": record_id, "school_id": console.school, "text_id": text_id, "purpose": purpose}
        given |= {"recipient": recipient, "person_id": person_id, "relation": "parent", "channel": "mfa"}
        given |= {"signer_id": console.people["guardian"], "language": "kk", "proof": {}, "seal": b"x"}
        tx.connection.execute(insert(ConsentRecord), given | {"given_at": BEGINNING})
        return record_id
