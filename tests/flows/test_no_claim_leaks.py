"""No claim leaves outside a client's list: tokens, UserInfo, introspection, feed and /api/v1, every kind of client."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.oidc.scopes import ALL_CLAIMS, SCOPE_CLAIMS
from idp.parts import build
from idp.settings import Settings
from idp.store import consents, people
from idp.store.models.people import Person
from tests.factories import modules
from tests.factories.callers import Caller
from tests.factories.console import Console
from tests.factories.modules import KINDS, Modules
from tests.factories.relying_party import RelyingParty, claims_of
from tests.fakes.browser import Browser

_IIN = "130517600014"
_EVERYTHING = " ".join(SCOPE_CLAIMS)
_TOKENS = {"iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid", "at_hash", "nonce", "client_id", "scope", "jti"}  # fmt: skip  # noqa: E501
_IN_PERSON = "openid profile email phone address school roles classes guardians children birthdate iin me admin"
_CONTENT: dict[str, tuple[str, ...]] = {
    "Серікова": ("name", "family_name", "children", "guardians"),
    "Айгерім": ("name", "given_name", "children"),
    "Болатқызы": ("name", "middle_name", "children"),
    "Гүлнара": ("name", "given_name", "guardians"),
    "Ахметов": ("name", "classes"),
    "Омарова": ("name", "family_name"),
    "Өтегенова": ("name", "family_name"),
    "7 «Ә»": ("classes", "children"),
    "2013-05-17": ("birthdate",),
    "female": ("gender",),
    "aigerim@example.kz": ("email",),
    "+77011234567": ("phone_number",),
    "Шаңырақ": ("address", "nickname"),
    modules.IIN: ("iin",),
    modules.IIN[-4:]: ("iin",),
}
"""What is known on this ground, and which claims may tell it."""
_MEMBERS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in (*ALL_CLAIMS, "username") if name not in ("name", "profile", "school", "classes")},
    "username": ("preferred_username",), "birth_date": ("birthdate",), "sex": ("gender",), "phone": ("phone_number",),
    "language": ("locale", "classes"), "given_name": ("given_name", "children"), "grade": ("grade", "classes"),
    "teacher": ("classes", "name"), "relation": ("children", "guardians"), "class": ("classes", "children"),
    "classes": ("classes", "children"), "child": ("children", "guardians"), "guardian": ("children", "guardians"),
    "school": ("school", "children"),
}  # fmt: skip
"""Members by which an answer names a fact; `name` names schools too, and is held by what it says."""
_OF_PEOPLE = ("/api/v1/me", "/api/v1/schools", "/api/v1/statistics", "/api/v1/breaches")
_SECRETS = ("Айгерім", "Серікова", "2013-05-17", "a@example.kz", "77011234567", _IIN)


@pytest.fixture
def console(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Console]:
    settings = Settings(database_url=sqlite_url, keys_dir=tmp_path, secret_file=tmp_path / "master.key", env="dev")
    make_master_key(settings.secret_file)
    build(settings, clock).keys.init()
    app = create_app(settings, clock)
    made = Console(app, app.extensions["parts"], clock)
    pupil, vault = made.people["pupil"], made.parts.iin_vault
    with made.parts.uow.write() as tx:
        people.set_iin(tx, [(pupil, vault.lookup(_IIN), vault.seal(pupil, _IIN))])
        facts = {"email": "a@example.kz", "phone": "+77011234567", "sex": "female"}
        tx.connection.execute(
            update(Person).where(Person.id == pupil).values(claims={"website": "https://a.kz"}, **facts)
        )
    yield made
    made.parts.engine.dispose()


def test_nothing_is_released_outside_the_list(console: Console) -> None:
    pupil = console.people["pupil"]
    browser = console.browser("pupil", acr=levels.PASSWORD)
    lists = [[], ["name"], ["given_name", "birthdate"], ["email", "school", "roles"], ["iin"], list(ALL_CLAIMS)]
    for approved, kind in itertools.product(lists, ("ask", "implicit", "school")):
        basis = {"bilim_iin_basis": "№ 456 бұйрық"} if "iin" in approved else {}
        schools = [console.school] if kind == "school" else "all"
        client = RelyingParty(
            console.parts.clients, console.app.test_client(), f"c-{new_id()}", scope=_EVERYTHING,
            bilim_claims=approved, bilim_consent="ask" if kind == "ask" else "implicit", bilim_schools=schools, **basis,
        )  # fmt: skip
        if kind == "ask":
            with console.parts.uow.write() as tx:
                consents.give(
                    tx, person_id=pupil, client_id=client.client_id, membership_id=console.memberships["pupil"],
                    school_id=console.school, scopes=_EVERYTHING.split(), claims=approved, now=console.clock.now(),
                )  # fmt: skip
        first = client.tokens(browser, scope=_EVERYTHING)
        second = client.refresh(first["refresh_token"]).get_json()
        told = client.userinfo(second["access_token"]).get_json()
        assert set(told) <= {"sub", *approved}, (approved, kind)
        if approved and "iin" not in approved:
            assert set(told) & set(approved)
        seen = client.post("/oauth/introspect", token=second["access_token"]).get_json()
        tokens = [claims_of(one["id_token"]) for one in (first, second)]
        tokens += [claims_of(one["access_token"], "at+jwt") for one in (first, second)]
        for answer in tokens:
            assert set(answer) <= _TOKENS
        text = json.dumps([*tokens, seen], ensure_ascii=False)
        assert not [secret for secret in _SECRETS if secret in text]
    assert told["iin"] == _IIN


def test_about_whose_data_are_blocked_only_the_code_leaves(console: Console) -> None:
    browser = console.browser("pupil", acr=levels.PASSWORD)
    client = RelyingParty(
        console.parts.clients, console.app.test_client(), scope=_EVERYTHING, bilim_claims=list(ALL_CLAIMS),
        bilim_iin_basis="№ 456 бұйрық",
    )  # fmt: skip
    token = client.tokens(browser, scope=_EVERYTHING)["access_token"]
    assert len(client.userinfo(token).get_json()) > 10
    with console.parts.uow.write() as tx:
        tx.connection.execute(
            update(Person).where(Person.id == console.people["pupil"]).values(restricted_at=console.clock.now())
        )
    assert set(client.userinfo(token).get_json()) == {"sub"}


def test_no_answer_of_the_interface_holds_more_than_the_list(console: Console) -> None:
    assert Modules(console).card
    people = {name: console.browser(name) for name in ("pupil", "guardian", "director")}
    for kind, fields in KINDS.items():
        answered = _everything(console, kind, people)
        reached = {path.partition(" ")[2] for path in answered}
        school = "/api/v1/schools/<school_id>"
        inside = {f"{school}/people", f"{school}/requests/<request_id>", f"{school}/services"}
        assert {"/api/v1/me", "/api/v1/me/children", "people"} | inside <= reached
        approved = set(fields["bilim_claims"])
        found = [(path, what) for path, answer in answered.items() for what in _outside(answer, approved)]
        assert found == [], (kind, found)


def _everything(console: Console, kind: str, people: dict[str, Browser]) -> dict[str, object]:
    """All that an app of this kind can be told, by who was there and where."""
    fields = KINDS[kind] | {
        "scope": f"{KINDS[kind]['scope']} {_IN_PERSON}", "bilim_schools": "all",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    }  # fmt: skip
    client = RelyingParty(console.parts.clients, console.app.test_client(), kind, **fields)
    sub = console.parts.oidc.subjects.sub(fields.get("bilim_sector", "textbooks.example"), console.people["pupil"])
    answered: dict[str, object] = {}
    for name, browser in people.items():
        tokens = client.tokens(browser, scope=_IN_PERSON)
        access = tokens["access_token"]
        parts = [claims_of(tokens["id_token"]), claims_of(access, "at+jwt"), client.userinfo(access).get_json()]
        parts.append(client.post("/oauth/introspect", token=access).get_json())
        answered |= {f"{name} token {place}": part for place, part in enumerate(parts)}
        answered |= _interface(console, Caller(console, access), name, sub)
    own = client.post("/oauth/token", grant_type="client_credentials", scope=modules.FEEDS).get_json()["access_token"]
    for feed in modules.FEEDS.replace("feed:", "").split():
        page = Caller(console, own).get(f"/feed/{feed}?limit=500", "FeedPage")
        assert not page["more"]
        answered[f"feed {feed}"] = page
    return answered


def _interface(console: Console, caller: Caller, name: str, sub: str) -> dict[str, object]:
    """What every address below `me` and `schools` that can be read answers, by its rule; a copy needs a scope apart."""
    pupil, requests = console.people["pupil"], console.parts.protection.requests
    open_ones = [one.id for one in requests.of_person(pupil)]
    asked = {"about": pupil, "school_id": console.school, "text": "Қате жазылған", "fields": {"given_name": "Айгерім"}}
    request_id = open_ones[0] if open_ones else requests.make(pupil, "correction", **asked)  # type: ignore[arg-type]
    known = {"school_id": console.school, "person_id": pupil, "sub": sub, "request_id": request_id}
    found = {}
    for rule in console.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.rule.startswith(_OF_PEOPLE):
            continue
        path = console.app.url_map.bind("localhost").build(
            rule.endpoint, {key: known.get(key, new_id()) for key in rule.arguments}
        )  # fmt: skip
        answer = caller.ask("GET", path.removeprefix("/api/v1"))
        assert answer.status_code in (200, 403, 404), (rule.rule, answer.text)
        assert answer.status_code == 403 or not rule.rule.endswith("/data")
        if answer.status_code == 200:
            found[f"{name} {rule.rule}"] = answer.get_json()
    return found


def _outside(answer: object, approved: set[str]) -> list[str]:
    """Members and facts of an answer for which none of the approved claims stands."""
    text = json.dumps(answer, ensure_ascii=False)
    found = [fact for fact, claims in _CONTENT.items() if fact in text and not approved.intersection(claims)]
    waiting = [answer]
    while waiting:
        one = waiting.pop()
        waiting += list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
        if isinstance(one, dict):
            named = one.keys() - ({"classes"} if "pages" in one else set())
            found += [key for key in named if key in _MEMBERS and not approved.intersection(_MEMBERS[key])]
    return found
