"""What the contract suite of the engine's stores stands on: the same client, person and session on either kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.ids import fingerprint, new_id
from idp.oidc.ports import OidcUnit
from idp.services import scope
from idp.store import clients
from idp.store.models.clients import ClientSchool
from idp.store.models.people import Membership, Person
from idp.store.models.sessions import LoginSession
from idp.store.oidc import OidcStores, SessionRow
from idp.store.session import UnitOfWork
from tests.factories.oidc import client_row
from tests.factories.rows import add_membership, add_person, add_school
from tests.fakes.oidc_stores import FakeUnit

PERSON, SESSION, MEMBERSHIP, SCHOOL = (new_id() for _ in range(4))
COOKIE = fingerprint("cookie")


class Ground:
    """A unit of stores with one client, one person, one session; `end` takes one of the latter away."""

    def __init__(self, unit: OidcUnit, end: Callable[[str], None], clock: FixedClock) -> None:
        self.unit = unit
        self.end = end
        self.clock = clock

    def add(self, **changes: Any) -> str:
        now = self.clock.now()
        row: dict[str, Any] = {
            "id": new_id(),
            "client_id": "textbooks",
            "person_id": PERSON,
            "session_id": SESSION,
            "membership_id": MEMBERSHIP,
            "scope": "openid profile",
            "resource": ["https://canteen.example"],
            "redirect_uri": "https://textbooks.example/callback",
            "nonce": "n",
            "code_challenge": "c",
            "acr": levels.PASSWORD,
            "amr": ["pwd"],
            "auth_time": now,
            "code_hash": fingerprint("code"),
            "code_expires_at": now + timedelta(seconds=60),
            "created_at": now,
            "expires_at": now + timedelta(days=1),
        } | changes
        with self.unit.write() as stores:
            stores.grants.add(row)
        return str(row["id"])

    def redeem(self, grant_id: str, **changes: Any) -> Any:
        now = self.clock.now()
        bound = {
            "id": grant_id,
            "code_hash": fingerprint("code"),
            "client_id": "textbooks",
            "redirect_uri": "https://textbooks.example/callback",
            "code_challenge": "c",
            "now": now,
            "today": now.date(),
            "refresh_hash": fingerprint("refresh 1"),
            "refresh_expires_at": now + timedelta(days=30),
            "expires_at": now + timedelta(days=40),
        } | changes
        with self.unit.write() as stores:
            return stores.grants.redeem(bound)

    def rotate(self, grant_id: str, old: str, new: str, **changes: Any) -> Any:
        now = self.clock.now()
        bound = {
            "id": grant_id,
            "refresh_hash": fingerprint(old),
            "client_id": "textbooks",
            "now": now,
            "today": now.date(),
            "next_hash": fingerprint(new),
            "next_expires_at": now + timedelta(days=30),
        } | changes
        with self.unit.write() as stores:
            return stores.grants.rotate(bound)

    def standing(self, grant_id: str, jti: str = "") -> Any:
        with self.unit.read() as stores:
            return stores.tokens.standing(grant_id=grant_id, client_id="textbooks", jti=jti, now=self.clock.now())


def on_fakes(clock: FixedClock) -> Ground:
    unit = FakeUnit()
    now = clock.now()
    unit.world.clients["textbooks"] = client_row()
    unit.world.sessions[COOKIE] = SessionRow(
        SESSION, PERSON, MEMBERSHIP, SCHOOL, levels.PASSWORD, ["pwd"], now, "aigerim", now, True
    )
    ids = {"person": PERSON, "session": SESSION, "membership": MEMBERSHIP}
    return Ground(unit, lambda what: unit.world.gone.add(ids[what]), clock)


def on_sql(uow: UnitOfWork, clock: FixedClock) -> Ground:
    now = clock.now()
    with uow.write() as tx:
        add_person(tx, id=PERSON)
        add_school(tx, id=SCHOOL)
        add_membership(tx, PERSON, SCHOOL, id=MEMBERSHIP)
        clients.add(tx, client_row()._asdict() | {"created_at": now, "updated_at": now})
        tx.connection.execute(
            insert(ClientSchool), {"client_id": "textbooks", "school_id": SCHOOL, "switched_by": "operator"}
        )
        tx.connection.execute(
            insert(LoginSession),
            {
                "id": SESSION,
                "token_hash": COOKIE,
                "person_id": PERSON,
                "membership_id": MEMBERSHIP,
                "acr": levels.PASSWORD,
                "amr": ["pwd"],
                "auth_time": now,
                "created_at": now,
                "last_seen_at": now,
                "idle_seconds": 86_400 * 400,
                "expires_at": now + timedelta(days=400),
            },
        )
    endings: dict[str, Any] = {
        "person": update(Person).where(Person.id == PERSON).values(status="ended"),
        "session": update(LoginSession).where(LoginSession.id == SESSION).values(ended_at=now),
        "membership": update(Membership).where(Membership.id == MEMBERSHIP).values(end=now.date()),
    }

    def end(what: str) -> None:
        with uow.write() as tx:
            tx.connection.execute(endings[what])

    return Ground(OidcStores(uow, scope.of_person), end, clock)
