"""jobs/deliveries: letters by SMTP, to a real server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from idp.jobs.deliveries import KIND, Deliveries
from idp.jobs.outbox import Outbox
from idp.services.post import Post
from tests.factories.factor_ground import FactorGround, factor_house
from tests.fakes.databases import free_port


@dataclass
class Mailbox:
    """What the server took; `answer` is its word after DATA."""

    answer: str = "250 OK"
    letters: list[bytes] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, to: str, _options: Any) -> str:
        if to.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.letters.append(envelope.content)
        return self.answer

    def allow(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss", handled=False)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[str]:
    port = free_port()
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=port, authenticator=mailbox.allow, auth_require_tls=False, decode_data=False
    )
    controller.start()
    yield f"127.0.0.1:{port}"
    controller.stop()


def _secret(use: str) -> bytes:
    return use.encode().ljust(32, b".")


@pytest.fixture
def ground(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[FactorGround]:
    with factor_house(sqlite_url, tmp_path, clock) as made:
        yield made


def _deliveries(ground: FactorGround, url: str) -> Deliveries:
    sender = "Bilim ID <id@mektep.example>"
    return Deliveries(ground.clock, ground.parts.sign_in.post, url, sender, site="https://id.mektep.example")


def _put(ground: FactorGround, to: str = "gulnara@mektep.example", ttl: timedelta | None = None) -> None:
    post: Post = ground.parts.sign_in.post
    values = {"name": "Гүлнара", "username": "gulnara", "code": "012345"}
    with ground.parts.uow.write() as tx:
        post.put(tx, "sign_in_code", to, "kk", values, now=ground.clock.now(), ttl=ttl)


def test_a_letter_arrives_whole_and_is_sent_once(ground: FactorGround, server: str, mailbox: Mailbox) -> None:
    outbox = Outbox(ground.parts.uow, ground.clock, {KIND: _deliveries(ground, f"smtp://user:p%40ss@{server}")})
    _put(ground)
    assert outbox.drain() == 1
    assert outbox.drain() == 0
    (raw,) = mailbox.letters
    letter = message_from_bytes(raw, policy=default)
    assert mailbox.logins == [(b"user", b"p@ss")]
    assert letter["To"] == "gulnara@mektep.example"
    assert letter["From"] == "Bilim ID <id@mektep.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "012345" in letter["Subject"]
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Сәлеметсіз бе, Гүлнара" in text.get_content()
    assert "012345" in html.get_content()


def test_what_did_not_leave_is_tried_again_without_names_in_the_log(
    ground: FactorGround, server: str, mailbox: Mailbox
) -> None:
    mailbox.answer = "451 later gulnara@mektep.example"
    _put(ground)
    wrong_password = f"smtp://user:other@{server}"
    nobody_there = "smtp://127.0.0.1:9"
    no_tls = f"smtp://{server}?starttls=1"
    for url in (f"smtp://{server}", wrong_password, nobody_there, no_tls, ""):
        outbox = Outbox(ground.parts.uow, ground.clock, {KIND: _deliveries(ground, url)})
        assert outbox.drain() == 1
        with ground.parts.uow.read() as tx:
            error, attempts, is_done = tx.connection.exec_driver_sql(
                "SELECT last_error, attempts, done_at IS NOT NULL FROM outbox"
            ).one()
        assert not is_done
        assert "gulnara" not in error
        assert attempts >= 1
        ground.clock.advance(hours=1)


def test_a_code_that_is_over_and_a_mailbox_that_is_none_are_let_go(
    ground: FactorGround, server: str, mailbox: Mailbox
) -> None:
    deliveries = _deliveries(ground, f"smtp://{server}")
    _put(ground, ttl=timedelta(minutes=10))
    _put(ground, to="nobody@mektep.example")
    ground.clock.advance(minutes=10)
    outbox = Outbox(ground.parts.uow, ground.clock, {KIND: deliveries})
    assert outbox.drain() == 2
    assert outbox.drain() == 0
    assert mailbox.letters == []
    with pytest.raises(Unavailable):
        _deliveries(ground, "")({})
