"""store/consents: one standing consent per person, client and membership."""

from idp.core.clock import FixedClock
from idp.store import clients, consents
from idp.store.session import UnitOfWork
from tests.factories.oidc import client_row
from tests.factories.rows import add_person


def test_the_newest_answer_counts_and_none_is_standing_elsewhere(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        clients.add(tx, client_row()._asdict() | {"created_at": clock.now(), "updated_at": clock.now()})
        for scopes in (["openid"], ["openid", "email"]):
            clock.advance(days=1)
            consents.give(
                tx,
                person_id=person,
                client_id="textbooks",
                membership_id="m",
                school_id=None,
                scopes=scopes,
                claims=["email"],
                now=clock.now(),
            )
        found = consents.find(tx, person_id=person, client_id="textbooks", membership_id="m")
        assert consents.find(tx, person_id=person, client_id="textbooks", membership_id=None) is None
    assert found is not None
    assert found[:3] == (["openid", "email"], ["email"], clock.now())
