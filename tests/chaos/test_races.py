"""Everything that may happen once, asked for many times at one moment, of four processes on one database.

What follows from a race is part of the promise: a code or refresh token that arrives twice was copied, so the one
answer that was given ends with its whole family (RFC 6749 §4.1.2, RFC 9700 §4.14.2). A client must not send one twice.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil

from idp.core.clock import epoch
from idp.core.ids import new_id
from idp.jose import compact
from idp.methods.password import hash_password
from idp.oidc.client_assertion import TYPE
from idp.services.throttle import Limits
from idp.store import credentials
from tests.factories.live import ASKING, MACHINE, MACHINE_KEY, Live, Pages, authorization_target, code_in, refreshing
from tests.factories.live import redemption as redeeming
from tests.fakes.deadline import wait_until
from tests.fakes.volley import Call, Reply, send, volley

Effort = Callable[[int, int], int]
Counted = Callable[[str, int], None]
_AT_ONCE = 8
_FIRST_PASSWORD = "бірінші құпия"


def _statuses(replies: list[Reply]) -> list[int]:
    return sorted(reply.status for reply in replies)


def _winner(replies: list[Reply]) -> Reply:
    """The only one that got something; all others were told `invalid_grant`."""
    assert _statuses(replies) == [200] + [400] * (len(replies) - 1)
    assert {reply.json()["error"] for reply in replies if reply.status == 400} == {"invalid_grant"}
    return next(reply for reply in replies if reply.status == 200)


def test_a_volley_reaches_every_process(four_processes: Live) -> None:
    wait_until(lambda: _reaches_all(four_processes), seconds=20)


def _reaches_all(live: Live) -> bool:
    """Whether each process got some of many connections. One that does not listen yet gets none, nor later."""
    parts = urlsplit(live.url)
    with ExitStack() as stack:
        for _ in range(64):
            stack.enter_context(socket.create_connection((str(parts.hostname), parts.port or 80)))
        workers = psutil.Process(live.program.pid).children()
        assert len(workers) == 4
        return all(_is_connected(worker) for worker in workers)


def _is_connected(worker: psutil.Process) -> bool:
    return any(connection.status == psutil.CONN_ESTABLISHED for connection in worker.net_connections())


def test_of_parallel_redemptions_of_a_code_one_wins_and_its_family_ends(
    four_processes: Live, effort: Effort, counted: Counted
) -> None:
    live, times = four_processes, effort(10, 100)
    cookie, reused = live.sign_in(), len(live.events("code_reused"))
    for _ in range(times):
        won = _winner(volley(live.url, [redeeming(live.code(cookie))] * _AT_ONCE)).json()
        assert not live.is_active(won["access_token"])
        assert send(live.url, refreshing(won["refresh_token"])).json()["error"] == "invalid_grant"
    assert len(live.events("code_reused")) - reused == times
    counted("races for one code, 8 at once", times)


def test_of_parallel_uses_of_a_refresh_token_one_wins_and_its_family_ends(
    four_processes: Live, effort: Effort, counted: Counted
) -> None:
    live, times = four_processes, effort(10, 100)
    cookie, reused = live.sign_in(), len(live.events("refresh_reused"))
    for _ in range(times):
        first = live.tokens(cookie)
        second = send(live.url, refreshing(first["refresh_token"])).json()
        won = _winner(volley(live.url, [refreshing(second["refresh_token"])] * _AT_ONCE)).json()
        assert not live.is_active(won["access_token"])
        assert send(live.url, refreshing(won["refresh_token"])).json()["error"] == "invalid_grant"
    assert len(live.events("refresh_reused")) - reused == times
    counted("races for one refresh token, 8 at once", times)


def test_different_codes_at_one_moment_all_work(four_processes: Live, effort: Effort, counted: Counted) -> None:
    live, times = four_processes, effort(5, 50)
    cookie = live.sign_in()
    for _ in range(times):
        replies = volley(live.url, [redeeming(live.code(cookie)) for _ in range(_AT_ONCE)])
        assert _statuses(replies) == [200] * _AT_ONCE
        following = volley(live.url, [refreshing(reply.json()["refresh_token"]) for reply in replies])
        assert _statuses(following) == [200] * _AT_ONCE
    counted("volleys of 8 codes, then of 8 refresh tokens", times)


def test_a_client_assertion_is_good_for_one_of_many(four_processes: Live, effort: Effort, counted: Counted) -> None:
    live, times = four_processes, effort(10, 100)
    for _ in range(times):
        now = epoch(live.parts.clock.now())
        claims = {"iss": MACHINE, "sub": MACHINE, "aud": live.url, "iat": now, "exp": now + 60, "jti": new_id()}
        assertion = compact.sign(claims, MACHINE_KEY, typ="JWT")
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": TYPE,
            "client_assertion": assertion,
        }
        replies = volley(live.url, [Call("/oauth/token", form)] * _AT_ONCE)
        assert _statuses(replies) == [200] + [401] * (_AT_ONCE - 1)
        assert {reply.json()["error"] for reply in replies if reply.status == 401} == {"invalid_client"}
    counted("races for one client assertion, 8 at once", times)


def test_a_first_password_is_replaced_by_one_of_many(four_processes: Live, effort: Effort, counted: Counted) -> None:
    live, times = four_processes, effort(2, 30)
    encoded = hash_password(_FIRST_PASSWORD)
    for _ in range(times):
        person, username = live.add_person()
        with live.parts.uow.write() as tx:
            now = live.parts.clock.now()
            credentials.replace(tx, "password", [(person, {"hash": encoded})], must_change=True, now=now)
        page = Pages(live)
        fields = page.open("/login/password")
        change = page.submit("/login/password", fields | {"username": username, "password": _FIRST_PASSWORD})
        assert page.address.endswith("/login/change")
        news = [f"жаңа-құпия-{number}-{new_id()[-6:]}" for number in range(4)]
        calls = [
            Call("/login/change", change | {"new_password": new, "new_password_2": new}, {"Cookie": page.cookies})
            for new in news
        ]
        replies = volley(live.url, calls)
        page.close()
        won = [new for new, reply in zip(news, replies, strict=True) if reply.status == 303]
        assert len(won) == 1, _statuses(replies)
        assert all(400 <= reply.status < 500 for reply in replies if reply.status != 303)
        assert live.count("sessions", person_id=person) == 1
        with live.parts.uow.read() as tx:
            kept = credentials.by_username(tx, username, "password")
        assert kept is not None
        assert not kept.must_change
        assert _signs_in(live, username, won[0])
        assert not _signs_in(live, username, next(new for new in news if new not in won))
    counted("races for one first-password ticket, 4 at once", times)


def _signs_in(live: Live, username: str, password: str) -> bool:
    page = Pages(live)
    form = page.open("/login/password") | {"username": username, "password": password}
    reply = send(live.url, Call("/login/password", form, {"Cookie": page.cookies}))
    page.close()
    assert reply.status in (303, 401)
    return reply.status == 303


def test_a_consent_pressed_twice_is_one_consent(four_processes: Live, effort: Effort, counted: Counted) -> None:
    live, times = four_processes, effort(4, 40)
    for _ in range(times):
        person, _username = live.add_person()
        page = Pages(live, live.sign_in(person))
        fields = page.open(authorization_target(ASKING))
        headers = {"Cookie": page.cookies}
        page.close()
        replies = volley(live.url, [Call("/consent", fields | {"answer": "allow"}, headers)] * _AT_ONCE)
        assert _statuses(replies) == [303] * _AT_ONCE
        assert live.count("consents", person_id=person) == 1
        # Each press goes on by itself, as two tabs would: different codes, each good once.
        back = volley(live.url, [Call(reply.location, headers=headers) for reply in replies[:4]])
        codes = {code_in(reply) for reply in back}
        assert len(codes) == 4
        assert _statuses(volley(live.url, [redeeming(code, ASKING) for code in codes])) == [200] * 4
    counted("consents pressed 8 times at once", times)


def test_signing_out_twice_tells_clients_once(four_processes: Live, effort: Effort, counted: Counted) -> None:
    live, times = four_processes, effort(5, 50)
    for _ in range(times):
        person, _username = live.add_person()
        cookie = live.sign_in(person)
        tokens = live.tokens(cookie)
        told, ended = live.count("outbox"), live.count("audit_events", event="logout", person_id=person)
        call = Call("/oauth/logout", {"id_token_hint": tokens["id_token"]}, {"Cookie": cookie})
        assert _statuses(volley(live.url, [call] * _AT_ONCE)) == [303] * _AT_ONCE
        assert live.count("outbox") - told == 1
        assert live.count("audit_events", event="logout", person_id=person) - ended == 1
        assert send(live.url, refreshing(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    counted("sign-outs pressed 8 times at once", times)


def test_parallel_guesses_are_all_counted(four_processes: Live, effort: Effort, counted: Counted) -> None:
    live, times, allowed = four_processes, effort(4, 40), Limits().account_and_place
    page = Pages(live)
    fields = page.open("/login/password") | {"password": "қате құпия сөз"}
    for number in range(times):
        checked = _hashes(live)
        headers = {"Cookie": page.cookies, "X-Forwarded-For": f"10.1.{number // 200}.{number % 200 + 1}"}
        guess = Call("/login/password", fields | {"username": f"guessed-{number}"}, headers)
        assert _statuses(volley(live.url, [guess] * 4 * allowed)) == [401] * allowed + [429] * 3 * allowed
        assert _hashes(live) - checked == allowed
    page.close()
    counted("volleys of 24 guesses at one account", times)


def test_parallel_guesses_from_many_places_are_counted_by_account(
    four_processes: Live, effort: Effort, counted: Counted
) -> None:
    live, times, allowed = four_processes, effort(1, 10), Limits().account
    page = Pages(live)
    fields = page.open("/login/password") | {"password": "қате құпия сөз"}
    for number in range(times):
        checked = _hashes(live)
        calls = [
            Call(
                "/login/password",
                fields | {"username": f"hunted-{number}"},
                {"Cookie": page.cookies, "X-Forwarded-For": f"10.2.{number}.{place + 1}"},
            )
            for place in range(allowed + 10)
        ]
        assert _statuses(volley(live.url, calls)) == [401] * allowed + [429] * 10
        assert _hashes(live) - checked == allowed
    page.close()
    counted("volleys of 70 guesses at one account from 70 places", times)


def _hashes(live: Live) -> int:
    """How many wrong passwords were really compared, each with one argon2id run."""
    return sum(event.get("why") == "refused" for event in live.events("login_failed"))
