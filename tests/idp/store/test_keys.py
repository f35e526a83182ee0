"""store/keys: states change once, whoever asks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from idp.core.clock import FixedClock
from idp.store import keys
from idp.store.session import UnitOfWork


def _add(uow: UnitOfWork, clock: FixedClock, kid: str, state: str) -> None:
    with uow.write() as tx:
        now = clock.now()
        keys.add(tx, kid=kid, use="sign", alg="ES256", sealed=b"x", state=state, now=now, active_from=now)


def test_the_version_changes_with_every_state(uow: UnitOfWork, clock: FixedClock) -> None:
    def version() -> str:
        with uow.read() as tx:
            return keys.version(tx)

    seen = {version()}
    _add(uow, clock, "a", "next")
    seen.add(version())
    with uow.write() as tx:
        assert keys.activate(tx, "a", now=clock.now())
    seen.add(version())
    with uow.write() as tx:
        assert keys.retire(tx, "a", now=clock.now(), gone_at=clock.now() + timedelta(days=1))
    seen.add(version())
    assert len(seen) == 4


def test_a_retired_key_goes_when_its_time_has_come(uow: UnitOfWork, clock: FixedClock) -> None:
    _add(uow, clock, "a", "active")
    with uow.write() as tx:
        keys.retire(tx, "a", now=clock.now(), gone_at=clock.now() + timedelta(days=1))
        assert keys.delete_gone(tx, now=clock.now()) == 0
        assert keys.delete_gone(tx, now=clock.now() + timedelta(days=1)) == 1


def test_of_parallel_nodes_one_activates(uow: UnitOfWork, clock: FixedClock) -> None:
    _add(uow, clock, "a", "next")

    def activate(_: int) -> bool:
        with uow.write() as tx:
            return keys.activate(tx, "a", now=clock.now())

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(activate, range(4))) == 1
