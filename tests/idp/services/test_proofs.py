"""services/proofs: what a proof uses up."""

from concurrent.futures import ThreadPoolExecutor

from idp.core import levels
from idp.core.clock import FixedClock
from idp.methods.method import Proof, Spends
from idp.services import proofs
from idp.store import credentials
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person


def _proof(person: str, credential: str, **spends: object) -> Proof:
    return Proof(person, credential, levels.MFA, ("otp",), spends=Spends(**spends))  # type: ignore[arg-type]


def test_of_any_number_of_parallel_uses_one_is_good(uow: UnitOfWork, clock: FixedClock) -> None:
    """RFC 6238 §5.2, a passkey's challenge, a recovery code."""
    now = clock.now()
    with uow.write() as tx:
        person = add_person(tx)
        totp, code, passkey = (credentials.add(tx, person, method, {}, now=now) for method in ("totp", "recovery", "p"))

    def use(proof: Proof) -> str:
        with uow.write() as tx:
            return proofs.spend(tx, proof, now=now)

    for proof in (
        _proof(person, totp, counter=5),
        _proof(person, code, whole=True),
        _proof(person, passkey, counter=0, counts_from_zero=True, once="challenge"),
    ):
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(use, [proof] * 4))
        assert sorted(results) == ["", "used_before", "used_before", "used_before"]


def test_a_counter_that_goes_back_is_told_of_the_person(uow: UnitOfWork, clock: FixedClock) -> None:
    now = clock.now()
    with uow.write() as tx:
        person = add_person(tx)
        key = credentials.add(tx, person, "passkey", {"is_backed_up": True}, now=now, counter=9)
        assert proofs.spend(tx, _proof(person, key, counter=9, once="a"), now=now) == "counter_back"
        zero = _proof(person, key, counter=0, counts_from_zero=True, once="b")
        assert proofs.spend(tx, zero, now=now) == "counter_back", "0 follows 0 only"
        notes = {"is_backed_up": False}
        assert not proofs.spend(tx, _proof(person, key, counter=10, once="c", notes=notes), now=now)
        assert credentials.of_person(tx, person)[0].data == notes
        assert proofs.spend(tx, _proof(person, "gone", counter=11, once="d"), now=now) == "replaced"
        assert proofs.spend(tx, Proof(person, "gone", levels.PASSWORD, ("pwd",)), now=now) == "replaced"
        assert not proofs.spend(tx, Proof(person, "", levels.PASSWORD, ("otp",)), now=now)
