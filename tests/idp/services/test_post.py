"""services/post: letters on their way out."""

from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.services.post import Post
from idp.store.addresses import Address
from idp.store.models.work import OutboxItem
from idp.store.session import UnitOfWork


def _secret(use: str) -> bytes:
    return use.encode().ljust(32, b".")


def test_a_letter_lies_sealed_and_is_told_to_a_confirmed_address_alone(uow: UnitOfWork, clock: FixedClock) -> None:
    post, now = Post(_secret, can_send=True), clock.now()
    with uow.write() as tx:
        post.put(tx, "sign_in_code", "g@mektep.example", "ru", {"code": "123456"}, now=now)
        post.tell(tx, Address("p", "g", "Г", "g@mektep.example", False, "kk"), "totp_added", now=now)
        post.tell(tx, None, "totp_added", now=now)
        Post(_secret, can_send=False).put(tx, "x", "g@mektep.example", "ru", {}, now=now)
        (data,) = tx.connection.execute(select(OutboxItem.data)).scalars()
    assert "123456" not in str(data)
    assert "mektep" not in str(data)
    letter = post.open(data)
    assert (letter.to, letter.language, letter.values["code"], letter.until) == ("g@mektep.example", "ru", "123456", 0)
