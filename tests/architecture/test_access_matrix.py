"""Every route of the app and who may pass it: a generated matrix, each cell allowed or refused by rule.

A route of the console, and of the same over the interface, names a right of `services/rights.py`; every other route has
its kind below. A new route without either fails here. Pages are asked in a browser, the interface with a token of the
person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert
from werkzeug.routing import Rule

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.oidc.scopes import MODULE_SCOPES
from idp.parts import build
from idp.services.rights import ALL, CLASS, RIGHTS
from idp.settings import Settings
from idp.store.models.people import ROLES, Photo
from tests.factories.callers import Callers
from tests.factories.console import Console
from tests.factories.relying_party import SECRET, document
from tests.fakes.browser import Browser

KINDS = {
    "public": "anybody may see it; it shows nothing of anybody",
    "sign-in": "a step of signing in, bound to this browser by its own secrets",
    "person": "the signed-in person's own things, bound to the session",
    "protocol": "OAuth, OpenID Connect, SAML: their own rules, tested in tests/idp/oidc and tests/idp/saml",
    "client": "a client's own token with the scope of the endpoint",
    "bearer": "a person's access token with the scope of the endpoint",
    "phone": "an app that holds the secret of one errand",
}
OTHERS: dict[str, str] = {
    "static": "public",
    "health": "public",
    "status": "public",
    "verify": "public",
    "account.index": "public",
    "login": "sign-in",
    "login_eds": "sign-in",
    "login_steps": "sign-in",
    "step_up": "sign-in",
    "account": "person",
    "signing": "person",
    "consent": "person",
    "logout": "person",
    "oidc": "protocol",
    "saml": "protocol",
    "egov": "phone",
    "api": "client",
    "api_me": "bearer",
    "api_me_children": "bearer",
    "api_me_consents": "bearer",
    "api_me_requests": "bearer",
    "api_openapi": "public",
}
"""By endpoint, else by blueprint or by the part of its name before the first underscore."""
SCHOOLS = ("/api/v1/schools", "/api/v1/statistics", "/api/v1/breaches")
BESIDE = {"people.export"}
"""Asked beside the page's own right, when a list is saved as a file (`web/admin/lists.py`)."""
QUIET = {"admin_imports.drop", "admin_calendar.end_session", "admin_calendar.remove_day", "admin_photos.put"}
"""Lead back to the page when there is nothing to do: a second press, a form without a file."""
BODIES: dict[str, dict[str, str]] = {
    "api_schools.change": {"language": "kk"},
    "api_school_cards.issue": {"person": new_id(), "number": "04A1B2C3", "format": "hex"},
    "api_school_cards.block": {"reason": "lost"},
    "api_school_cards.take_back": {"reason": "left"},
    "api_school_requests.answer": {"act": "refuse", "text": "x"},
}


def kind_of(endpoint: str) -> str:
    blueprint = endpoint.partition(".")[0]
    for name in (endpoint, blueprint, blueprint.partition("_")[0]):
        if name in OTHERS:
            return OTHERS[name]
    return ""


@pytest.fixture(scope="module")
def console(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    folder = tmp_path_factory.mktemp("matrix")
    (folder / "matrix.sqlite3").write_bytes(sqlite_template.read_bytes())
    settings = Settings(
        database_url=f"sqlite:///{folder / 'matrix.sqlite3'}", keys_dir=folder, secret_file=folder / "key", env="dev"
    )
    make_master_key(settings.secret_file)
    clock = FixedClock()
    parts = build(settings, clock)
    parts.keys.init()
    parts.engine.dispose()
    app = create_app(settings, clock)
    made = Console(app, app.extensions["parts"], clock)
    picture = {"image": b"\xff\xd8jpeg", "sha256": "ab" * 32, "updated_at": clock.now(), "updated_by": "x"}
    with made.parts.uow.write() as tx:
        tx.connection.execute(insert(Photo), {"person_id": made.people["pupil"], **picture})
    yield made
    app.extensions["parts"].engine.dispose()


def right_of(app: Flask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "right", ""))


def console_rules(app: Flask) -> list[Rule]:
    """Where rights by role are asked: the pages of the console, and the same over the interface."""
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(("/admin", *SCHOOLS))]


def api_rules(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and kind_of(rule.endpoint) != "public"
    ]


def test_every_route_has_a_rule(console: Console) -> None:
    app = console.app
    bare = [rule.rule for rule in console_rules(app) if right_of(app, rule) not in RIGHTS]
    assert bare == []
    ruled = {rule.endpoint for rule in console_rules(app)}
    others = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint not in ruled}
    assert sorted(endpoint for endpoint in others if kind_of(endpoint) not in KINDS) == []


def test_every_right_is_used(console: Console) -> None:
    app = console.app
    used = {right_of(app, rule) for rule in console_rules(app)}
    assert sorted(RIGHTS.keys() - used - BESIDE) == []


def path_of(rule: Rule, console: Console, school_id: str, *, foreign: bool) -> str:
    """The address of a rule at a school, with somebody's or something's id of that school or of the other one."""
    known = {
        "school_id": school_id,
        "person_id": console.people["other_pupil" if foreign else "pupil"],
        "class_id": console.other_klass if foreign else console.klass,
        "kind": "people",
    }
    values = {name: known.get(name, new_id()) for name in rule.arguments}
    return str(console.app.url_map.bind("localhost").build(rule.endpoint, values))


@dataclass(frozen=True)
class Visitor:
    """Somebody in one role, in a browser and with an app."""

    browser: Browser
    token: str


@pytest.fixture(scope="module")
def api(console: Console) -> Callers:
    return Callers(console)


def visitor(console: Console, api: Callers, role: str) -> Visitor:
    return Visitor(console.browser(role), api.of(role).token)


def method_of(rule: Rule) -> str:
    return next((one for one in ("POST", "PATCH", "DELETE") if one in (rule.methods or ())), "GET")


def ask(who: Visitor, rule: Rule, path: str) -> int:
    if not rule.rule.startswith("/api/"):
        return who.browser.client.open(path, method=method_of(rule), headers={"X-CSRFToken": ""}).status_code
    return call(who.browser.client.application, rule, path, who.token)


def call(app: Flask, rule: Rule, path: str, token: str = "") -> int:
    """With a body that would do, so that a refusal is for who asks and not for what was sent."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    options: Any = {} if method_of(rule) in ("GET", "DELETE") else {"json": BODIES.get(rule.endpoint, {})}
    return app.test_client().open(path, method=method_of(rule), headers=headers, **options).status_code


@pytest.fixture(scope="module")
def without_csrf(console: Console) -> Iterator[None]:
    """A forged form would be refused before any right is asked; here the right must do it."""
    console.app.config["WTF_CSRF_ENABLED"] = False
    yield
    console.app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.parametrize("role", ROLES)
def test_a_role_without_the_right_is_refused_everywhere(
    console: Console, api: Callers, without_csrf: None, role: str
) -> None:
    who = visitor(console, api, role)
    own = console.district if role in ("operator", "official") else console.school
    passed = []
    for rule in console_rules(console.app):
        if role not in RIGHTS[right_of(console.app, rule)].reach:
            status = ask(who, rule, path_of(rule, console, own, foreign=False))
            if status != 403:
                passed.append((rule.rule, status))
    assert passed == [], passed


@pytest.mark.parametrize("role", ROLES)
def test_no_role_of_a_school_reaches_another(console: Console, api: Callers, without_csrf: None, role: str) -> None:
    """By the other school's address it is not found; by an id of the other school under the own address neither."""
    who = visitor(console, api, role)
    passed = []
    for rule in console_rules(console.app):
        reach = RIGHTS[right_of(console.app, rule)].reach.get(role)
        if reach in (None, ALL) or "school_id" not in rule.arguments:
            continue
        status = ask(who, rule, path_of(rule, console, console.other, foreign=True))
        if status != 404:
            passed.append((rule.rule, status))
        if rule.arguments - {"school_id"}:
            status = ask(who, rule, path_of(rule, console, console.school, foreign=True))
            if status not in (400, 404, 409, 422) and not (rule.endpoint in QUIET and status == 303):
                passed.append((f"{rule.rule} with a foreign id", status))
    assert passed == [], passed


@pytest.mark.parametrize("role", ROLES)
def test_a_role_with_the_right_comes_in(console: Console, api: Callers, role: str) -> None:
    who = visitor(console, api, role)
    refused = []
    for rule in console_rules(console.app):
        reach = RIGHTS[right_of(console.app, rule)].reach.get(role)
        if reach is None or "GET" not in (rule.methods or ()):
            continue
        at = console.school if reach != ALL or "school_id" in rule.arguments else console.district
        status = ask(who, rule, path_of(rule, console, at, foreign=False)) if method_of(rule) == "GET" else 200
        unknown = rule.arguments - {"school_id", "person_id", "class_id"}
        # A teacher who leads no class reaches nobody by an id.
        is_nobodys = reach == CLASS and role != "class_teacher" and bool(set(rule.arguments) - {"school_id"})
        if status not in (200, 303) and not ((unknown or is_nobodys) and status in (400, 404)):
            refused.append((rule.rule, status))
    assert refused == [], refused


def test_the_interface_takes_the_kind_of_token_that_each_route_is_for(console: Console, api: Callers) -> None:
    """Nobody, a browser's session, a client where a person is needed, a person where a client is, too small a scope."""
    fields = document("robot", grant_types=["client_credentials"], scope=" ".join(MODULE_SCOPES), bilim_claims=[])
    fields.pop("redirect_uris")
    console.parts.clients.add(fields)
    answer = console.app.test_client().post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=("robot", SECRET)
    )
    robot, person = answer.get_json()["access_token"], api.of("director").token
    narrow = api.of("director", scope="openid").token
    signed_in = console.browser("director").client
    passed = []
    for rule in api_rules(console.app):
        path = path_of(rule, console, console.school, foreign=False)
        is_clients = kind_of(rule.endpoint) == "client" and not right_of(console.app, rule)
        cookie = signed_in.open(path, method=method_of(rule)).status_code
        found = (
            call(console.app, rule, path), cookie, call(console.app, rule, path, narrow),
            call(console.app, rule, path, person if is_clients else robot),
        )  # fmt: skip
        if found != (401, 401, 403, 403):
            passed.append((rule.rule, found))
    assert passed == [], passed
