"""store/retention: only what can never matter again."""

from idp.core.clock import FixedClock
from idp.store import grants, retention
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person
from tests.idp.store.test_grants import add_client, add_grant, add_session


def test_a_session_stays_as_long_as_a_grant_needs_it(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        add_client(tx, clock)
        person = add_person(tx)
        session = add_session(tx, person, clock)
        grant = add_grant(tx, person, session, clock)
    clock.advance(days=1)
    with uow.write() as tx:
        assert retention.delete_some(tx, retention.SESSIONS, before=clock.now(), limit=10) == 0
        assert retention.delete_some(tx, retention.GRANTS, before=clock.now(), limit=10) == 1
        assert grants.history(tx, grant) is None
        assert retention.delete_some(tx, retention.SESSIONS, before=clock.now(), limit=10) == 1


def test_a_batch_is_no_larger_than_asked(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        for number in range(3):
            grants.revoke_token(tx, str(number), expires_at=clock.now())
        assert retention.delete_some(tx, retention.REVOKED_TOKENS, before=clock.now(), limit=2) == 2
        assert retention.delete_some(tx, retention.REVOKED_TOKENS, before=clock.now(), limit=2) == 1
