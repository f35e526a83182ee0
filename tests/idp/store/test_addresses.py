"""store/addresses: who is meant by a username or an address, and whose address it is."""

from idp.core.clock import FixedClock
from idp.store import addresses
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person


def test_a_person_is_found_by_username_or_confirmed_address(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        mine = add_person(tx, "gulnara", email="g@mektep.example", email_verified=True)
        add_person(tx, "marat", email="m@mektep.example")
        add_person(tx, "ended", email="e@mektep.example", email_verified=True, status="ended")
        found = [addresses.named(tx, name) for name in ("gulnara", "g@mektep.example")]
        assert [one.person_id for one in found if one] == [mine, mine]
        assert addresses.named(tx, "m@mektep.example") is None
        assert addresses.named(tx, "e@mektep.example") is None
        add_person(tx, "twin", email="g@mektep.example", email_verified=True)
        assert addresses.named(tx, "g@mektep.example") is None, "two share it"
        addresses.confirm(tx, mine, "new@mektep.example", now=clock.now())
        after = addresses.of_person(tx, mine)
        assert after is not None
        assert (after.email, after.is_verified) == ("new@mektep.example", True)
        assert addresses.forget(tx, mine, now=clock.now())
        assert not addresses.forget(tx, mine, now=clock.now())
