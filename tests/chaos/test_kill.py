"""`kill -9` of every process of the server, again and again, while people sign in.

A ledger notes what every request became: answered in full, or sent and never answered. Afterwards what was given and
not used must work once, and nothing may work twice. Of what was sent without an answer either outcome is right.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import func, select, text

from idp.store.models.audit import AuditEvent
from idp.store.models.grants import Grant
from idp.store.session import UnitOfWork
from tests.factories import live
from tests.factories.live import Live, authorization, code_in, refreshing
from tests.factories.live import redemption as redeeming
from tests.fakes.deadline import wait_until
from tests.fakes.servers import running_idp
from tests.fakes.volley import Call, NotSent, Reply, Unanswered, send

_VISITORS = 8
_BACK_SECONDS = 90
_CODE_SECONDS = 50
"""Codes live for 60 s; those that waited longer than this are left out."""


@dataclass
class Ledger:
    """Codes and refresh tokens by what became of them."""

    held_codes: list[tuple[str, float]] = field(default_factory=list)
    held_tokens: list[str] = field(default_factory=list)
    used_codes: list[str] = field(default_factory=list)
    used_tokens: list[str] = field(default_factory=list)
    doubtful_codes: list[str] = field(default_factory=list)
    doubtful_tokens: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """Answers that were neither what was asked for nor a lost connection."""
    signed_in: int = 0
    cut_off: int = 0


class Visitors:
    """Threads that sign in with a session they have, whatever happens to the server."""

    def __init__(self, here: Live, total: int) -> None:
        self._here = here
        self._numbers = iter(range(total))
        self._lock = threading.Lock()
        self.is_up = threading.Event()
        self.ledger = Ledger()
        self._begun = 0

    def run(self, cookie: str) -> None:
        while (number := self._next()) is not None:
            try:
                self._sign_in(cookie, number)
                self.ledger.signed_in += 1
            except Unanswered:
                self.ledger.cut_off += 1

    def has_begun(self, sign_ins: int) -> bool:
        return self._begun >= sign_ins

    def _next(self) -> int | None:
        with self._lock:
            number = next(self._numbers, None)
            self._begun += number is not None
        return number

    def _sign_in(self, cookie: str, number: int) -> None:
        """authorize → code → token → refresh; every fifth keeps its code, every third its first refresh token."""
        ledger = self.ledger
        code = code_in(self._sent(authorization(cookie), 303))
        if number % 5 == 0:
            ledger.held_codes.append((code, time.monotonic()))
            return
        token = self._spent(redeeming(code), code, ledger.used_codes, ledger.doubtful_codes)
        if number % 3:
            token = self._spent(refreshing(token), token, ledger.used_tokens, ledger.doubtful_tokens)
        ledger.held_tokens.append(token)

    def _spent(self, call: Call, value: str, used: list[str], doubtful: list[str]) -> str:
        """The refresh token that one value gave; an answer to a value never used must be a good one."""
        try:
            reply = self._sent(call, 200)
        except Unanswered:
            doubtful.append(value)
            raise
        used.append(value)
        return str(reply.json()["refresh_token"])

    def _sent(self, call: Call, status: int) -> Reply:
        """Waits out a server that is down, because a request nobody saw may be sent again."""
        while True:
            try:
                reply = send(self._here.url, call)
            except NotSent:
                assert self.is_up.wait(_BACK_SECONDS)
                continue
            if reply.status != status:
                self.ledger.strange.append(f"{call.target[:40]}: {reply.status} {reply.body[:200]!r}")
                raise Unanswered("a strange answer")
            return reply


def test_nothing_answered_is_lost_and_nothing_works_twice(
    database_url: str, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    total, kills = effort(150, 1000), effort(2, 10)
    with running_idp(database_url, workers=4) as idp, live.on(idp) as here:
        visitors = Visitors(here, total)
        ledger = visitors.ledger
        cookies = [here.sign_in() for _ in range(_VISITORS)]
        visitors.is_up.set()
        kept_codes = 0
        with ThreadPoolExecutor(_VISITORS) as pool:
            running = [pool.submit(visitors.run, cookie) for cookie in cookies]
            for number in range(1, kills + 1):
                mark = total * number // (kills + 1)
                wait_until(partial(visitors.has_begun, mark), seconds=_BACK_SECONDS, why=idp.text)
                visitors.is_up.clear()
                idp.kill()
                idp.start()
                visitors.is_up.set()
                kept_codes += _redeem_held(here, ledger)
            for thread in running:
                thread.result()
        kept_codes += _redeem_held(here, ledger)
        assert ledger.strange == []
        assert ledger.signed_in + ledger.cut_off == total
        assert kept_codes > 0
        _settle(here, ledger)
        _check_books(here.parts.uow)
        counted("sign-ins through kill -9", total)
        counted("kill -9 of four processes and their parent", kills)
        counted("requests cut off by a kill", ledger.cut_off)
        counted("codes kept over a kill, each good once", kept_codes)
        counted("refresh tokens kept over a kill, each good once", len(ledger.held_tokens))


def _redeem_held(here: Live, ledger: Ledger) -> int:
    """Redeems the codes that waited over a kill; returns how many."""
    held, ledger.held_codes = ledger.held_codes, []
    fresh = [code for code, since in held if time.monotonic() - since < _CODE_SECONDS]
    replies = _together(here, (redeeming(code) for code in fresh))
    assert {reply.status for reply in replies} <= {200}, [reply.body for reply in replies if reply.status != 200]
    ledger.used_codes += fresh
    ledger.held_tokens += [reply.json()["refresh_token"] for reply in replies]
    return len(fresh)


def _settle(here: Live, ledger: Ledger) -> None:
    """Uses what was given and not used, then tries everything once more: replays come last, as they end families."""
    replies = _together(here, map(refreshing, ledger.held_tokens))
    assert {reply.status for reply in replies} == {200}, [reply.body for reply in replies if reply.status != 200]
    doubtful = [*map(redeeming, ledger.doubtful_codes), *map(refreshing, ledger.doubtful_tokens)]
    assert {reply.status for reply in _together(here, doubtful)} <= {200, 400}
    spent = [*map(redeeming, ledger.used_codes), *map(refreshing, ledger.used_tokens + ledger.held_tokens), *doubtful]
    replayed = _together(here, spent)
    assert {(reply.status, reply.json()["error"]) for reply in replayed} == {(400, "invalid_grant")}


def _together(here: Live, calls: Iterable[Call]) -> list[Reply]:
    with ThreadPoolExecutor(_VISITORS) as pool:
        return list(pool.map(send, itertools.repeat(here.url), calls))


def _check_books(uow: UnitOfWork) -> None:
    """Fact and trace stand in one transaction, so they must agree; and the file itself is whole."""
    with uow.read() as tx:
        run = tx.connection.execute
        by_event = {row[0]: row[1] for row in run(select(AuditEvent.event, func.count()).group_by("event"))}
        redeemed = run(
            select(func.count()).where(
                AuditEvent.event == "tokens_issued", AuditEvent.data["by"].as_string() == "authorization_code"
            )
        ).scalar_one()
        consumed = Grant.code_consumed_at.is_not(None)
        assert by_event["code_issued"] == run(select(func.count()).select_from(Grant)).scalar_one()
        assert redeemed == run(select(func.count()).select_from(Grant).where(consumed)).scalar_one()
        if tx.connection.dialect.name == "sqlite":
            assert run(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert run(text("PRAGMA foreign_key_check")).all() == []
