"""web/api/feed: the feed over HTTP with real tokens, down into a module's own copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clients.kit import tables
from clients.kit.db import Database
from clients.kit.own_token import OwnCalls
from clients.kit.projection import Projection
from clients.kit.settings import Credentials
from clients.kit.testing import WsgiTransport
from idp.services import scope as scopes
from idp.store import feed
from tests.factories.console import Console
from tests.factories.modules import Modules
from tests.factories.relying_party import SECRET


@pytest.fixture
def ground(console: Console) -> Modules:
    return Modules(console)


def _token(http: FlaskClient, client_id: str, scope: str) -> dict[str, str]:
    data = {"grant_type": "client_credentials", "scope": scope}
    answer = http.post("/oauth/token", data=data, auth=(client_id, SECRET))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def _refused(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json", answer.text
    return answer.status_code, str(answer.get_json(force=True)["type"]).rpartition(":")[2]


def test_pages_cursors_and_refusals(ground: Modules) -> None:
    console, http = ground.console, ground.console.app.test_client()
    client = ground.client("canteen")
    people = _token(http, "canteen", "feed:people cards:resolve")
    path = "/api/v1/feed/people"
    page = http.get(f"{path}?limit=2&school={console.school}", headers=people).get_json()
    assert (page["kind"], len(page["records"]), page["more"], page["snapshot"]) == ("people", 2, True, True)
    following = http.get(f"{path}?limit=2&school={console.school}&after={page['cursor']}", headers=people)
    assert following.get_json()["records"] != page["records"]
    for query, refused in {
        "?after=made-up": (400, "invalid_cursor"),
        f"?after={page['cursor']}": (400, "invalid_cursor"),
        "?limit=0": (400, "invalid"),
        "?limit=x": (400, "invalid"),
        f"?school={console.other}": (404, "not_found"),
        "?school=%00": (400, "invalid_characters"),
    }.items():
        assert _refused(http.get(path + query, headers=people)) == refused
    assert _refused(http.get("/api/v1/feed/cards", headers=people)) == (403, "insufficient_scope")
    for kind in ("nothing", "a%0d%0ab: c", "%22, x=%22y", "ә"):
        for given in (people, {}):
            assert _refused(http.get(f"/api/v1/feed/{kind}", headers=given)) == (404, "not_found"), kind
    assert _refused(http.get(path)) == (401, "invalid_token")
    console.clock.advance(days=31)
    late = _token(http, "canteen", "feed:people")
    old = http.get(f"{path}?school={console.school}&after={page['cursor']}", headers=late)
    assert _refused(old) == (410, "cursor_too_old")
    records = http.get(f"{path}?school={console.school}", headers=late).get_json()["records"]
    [address] = [one["picture"] for one in records if one["sub"] == ground.sub(client, "pupil")]
    assert address.endswith(f"&school={console.school}")
    picture = http.get(address, headers=late)
    assert (picture.status_code, picture.content_type, picture.data) == (200, "image/jpeg", b"\xff\xd8jpeg")
    assert picture.headers["Cache-Control"] == "no-store"
    for odd in ("/api/v1/people/x/photo", address.partition("?")[0], f"{address}x"):
        assert _refused(http.get(odd, headers=late)) == (404, "not_found")


def test_a_reader_posts_a_number(ground: Modules) -> None:
    console, http = ground.console, ground.console.app.test_client()
    client = ground.client("canteen")
    bearer = _token(http, "canteen", "cards:resolve")

    def ask(**body: Any) -> TestResponse:
        return http.post("/api/v1/cards/resolve", json=body, headers=bearer)

    found = ask(number="0013961168", school=console.school, format="dec10").get_json()
    assert (set(found), found["sub"], found["state"]) == (
        {"card", "sub", "school", "state"}, ground.sub(client, "pupil"), "active",
    )  # fmt: skip
    assert ask(number="213,02000", school=console.school).get_json() == found
    assert _refused(ask(number="0013961168", school=console.school)) == (400, "card_number_ambiguous")
    assert _refused(ask(number="zz", school=console.school)) == (400, "card_number_unreadable")
    assert _refused(ask(number="0000001001", school=console.school, format="dec10")) == (404, "card_unknown")
    assert _refused(ask(number="0013961168", school=console.other, format="dec10")) == (404, "not_found")
    assert _refused(ask(number="1", school="\x00")) == (400, "invalid_characters")
    for body in ({"number": "1"}, {"number": 1, "school": "x"}, {"number": "1", "school": "x", "pin": "1"}):
        assert _refused(ask(**body)) == (400, "invalid")
    assert _refused(http.get("/api/v1/cards/resolve", headers=bearer)) == (405, "method_not_allowed")


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'canteen.sqlite3'}", tables.MIGRATIONS)
    database.upgrade()
    yield database
    database.engine.dispose()


def test_a_block_in_the_console_reaches_a_modules_copy(ground: Modules, own_database: Database) -> None:
    console = ground.console
    client = ground.client("canteen")
    transport = WsgiTransport(console.app.wsgi_app)
    credentials = Credentials("canteen", SECRET)
    calls = OwnCalls("http://localhost:8000", credentials, "feed:people feed:cards", console.clock, transport)
    copy = Projection(own_database, calls, console.clock, ("people", "cards"))
    came = copy.pull()
    assert (came["cards"], came["people"] > 5) == (1, True)
    pupil = copy.one("people", ground.sub(client, "pupil"))
    assert pupil is not None
    assert pupil["given_name"] == "Айгерім"
    guard = scopes.of_actor(console.people["guard"], "guard", (console.school,))
    console.parts.cards.block(guard, ground.card, "lost")
    assert copy.pull() == {"people": 0, "cards": 1}
    [card] = copy.records("cards")
    assert (card["sub"], card["state"]) == (pupil["sub"], "blocked")

    # The operator takes one kind away: its copy goes, the other one is kept up.
    ground.client("canteen", scope="canteen:serve feed:people")
    console.clock.advance(minutes=10)
    with console.parts.uow.write() as tx:
        feed.append(tx, "people", "changed", [(console.school, console.people["pupil"])], now=console.clock.now())
    assert copy.pull() == {"people": 1}
    assert (list(copy.records("cards")), copy.age("cards")) == ([], None)
