"""The app in this process with something of everything to aim at: a session, codes, tokens, tickets, open pages.

`secrets` names every value that must not turn up in a log; `bases` are right requests to spoil, by endpoint.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask
from sqlalchemy import func, literal, select, union_all, update

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.core.clock import FixedClock
from idp.core.logs import JsonFormatter
from idp.methods.password import hash_password
from idp.oidc.client_assertion import TYPE
from idp.parts import Parts, build
from idp.saml import names
from idp.saml.entity import Endpoint
from idp.settings import Settings
from idp.store import credentials
from idp.store.base import Base
from idp.store.models.grants import Grant
from idp.store.models.sessions import LoginSession
from idp.xml.parser import Element
from tests.factories.eds_targets import EdsTargets
from tests.factories.oidc import basic
from tests.factories.relying_party import REDIRECT, SECRET, VERIFIER, RelyingParty
from tests.factories.rows import add_membership, add_person, add_school
from tests.factories.saml_ground import HOST, Heard, SamlGround
from tests.factories.signing_ground import SCHOOL_BIN
from tests.factories.spoilable import Pairs, Spoilable
from tests.fakes.browser import Browser

PASSWORD = "тау мен көл 1871"
IIN = "060101500017"
AFTER_LOGOUT = "https://textbooks.example/bye"
AFTER_SLO = "https://lms.example/slo"
MAY_GROW = frozenset(("audit_events", "throttles", "one_time_values"))
"""What a refused request may leave behind: its trace, its count, a page that waits."""
_CSRF = re.compile('name="csrf_token" value="([^"]+)"')
_TABLES = Base.metadata.tables
_COUNTS = union_all(
    *(select(literal(name), func.count()).select_from(_TABLES[name]) for name in sorted(set(_TABLES) - MAY_GROW))
)
_CONTENTS = {
    name: select(*(column for column in _TABLES[name].c if column.name != "revoked_at")).order_by(
        *_TABLES[name].primary_key.columns
    )
    for name in ("sessions", "grants", "credentials", "consents", "memberships")
}


class Targets:
    """Made by `build_targets`; `log` collects what the app logs, formatted as in production."""

    def __init__(self, app: Flask, secrets: Mapping[str, str], bases: Mapping[str, list[Spoilable]]) -> None:
        self.app = app
        self.parts: Parts = app.extensions["parts"]
        self.secrets = secrets
        self.bases = bases
        self.log = io.StringIO()
        self._handler = logging.StreamHandler(self.log)
        self._handler.setFormatter(JsonFormatter())
        logging.getLogger().addHandler(self._handler)

    def close(self) -> None:
        logging.getLogger().removeHandler(self._handler)
        self.parts.engine.dispose()

    def logged(self) -> str:
        """What was logged since the last call."""
        text = self.log.getvalue()
        self.log.seek(0)
        self.log.truncate()
        return text

    def restore(self) -> None:
        """After a request that succeeded: whoever was signed out is in again, no family is revoked."""
        with self.parts.uow.write() as tx:
            tx.connection.execute(update(LoginSession).values(ended_at=None))
            tx.connection.execute(update(Grant).values(revoked_at=None))

    def rows(self) -> dict[str, Any]:
        """What a refused request must leave alone: how many rows every table has, and what stands in those of people's
        sign-ins. Without `revoked_at` of grants: a replay is refused and takes its family along, as it must.
        """
        with self.parts.uow.read() as tx:
            found: dict[str, Any] = {row[0]: row[1] for row in tx.connection.execute(_COUNTS)}
            for name, query in _CONTENTS.items():
                found[f"rows of {name}"] = [tuple(row) for row in tx.connection.execute(query)]
        return found

    def audited(self) -> str:
        """The data of all audit events, as text."""
        with self.parts.uow.read() as tx:
            rows = tx.connection.execute(select(_TABLES["audit_events"]))
            return "\n".join(str(tuple(row)) for row in rows)


def build_targets(database_url: str, folder: Path) -> Targets:
    clock = FixedClock()
    settings = Settings(
        database_url=database_url,
        keys_dir=folder,
        secret_file=folder / "master.key",
        operator_bin=SCHOOL_BIN,
        env="dev",
    )
    make_master_key(settings.secret_file)
    parts = build(settings, clock)
    parts.keys.init()
    parts.engine.dispose()
    app = create_app(settings, clock)
    parts = app.extensions["parts"]
    _add_people(parts)
    client = RelyingParty(parts.clients, app.test_client(), post_logout_redirect_uris=[AFTER_LOGOUT])
    vendor = RelyingParty(parts.clients, app.test_client(), "vendor", bilim_consent="ask")
    here = _sign_in(app, "aigerim")
    csrf = _csrf_of(here, "/account/password")
    first = _sign_in(app, "dias")
    tokens, spare = client.tokens(here), client.tokens(here)
    code = client.code(here)
    here.go(vendor.address())
    interaction = here.page.request.args["i"]
    secrets = {
        "session": _cookie(here, "bilim_id"),
        "code": code,
        "refresh_token": tokens["refresh_token"],
        "access_token": tokens["access_token"],
        "id_token": tokens["id_token"],
        "client_secret": SECRET,
        "password": PASSWORD,
        "iin": IIN,
        "verifier": VERIFIER,
        "interaction": interaction,
    }
    saml = SamlGround(app, metadata={"slo": (Endpoint(names.REDIRECT, AFTER_SLO),)})
    heard = saml.enter(here)
    secrets["name_id"] = heard.name_id["value"]
    jar, jar_first = _cookies(here), _cookies(first)
    bases = _pages(csrf, interaction, jar) | _machines(client, secrets, spare, jar)
    bases["login.change"] = [
        Spoilable(
            "POST",
            "/login/change",
            (("csrf_token", _csrf_of(first, "/login/change")), ("new_password", "x"), ("new_password_2", "x")),
            {"Cookie": jar_first},
        )
    ]
    bases["login.change_page"] = [Spoilable("GET", "/login/change", headers={"Cookie": jar_first})]
    bases |= _saml(saml, heard, jar)
    eds = EdsTargets(app, clock, hash_password(PASSWORD), _sign_in)
    director = eds.director
    bases |= eds.bases(jar, _cookies(director), _csrf_of(director, "/account/password"))
    return Targets(app, secrets | eds.secrets, bases)


def _add_people(parts: Parts) -> None:
    now, encoded = parts.clock.now(), hash_password(PASSWORD)
    with parts.uow.write() as tx:
        school = add_school(tx)
        for username, must_change in (("aigerim", False), ("dias", True)):
            person = add_person(tx, username, family_name="Оспан", given_name=username.title())
            add_membership(tx, person, school, is_primary=True)
            credentials.replace(tx, "password", [(person, {"hash": encoded})], must_change=must_change, now=now)


def _sign_in(app: Flask, username: str) -> Browser:
    browser = Browser(app.test_client())
    browser.go("/login")
    browser.submit("/login/password", username=username, password=PASSWORD)
    assert browser.page.request.path in ("/account", "/login/change")
    return browser


def _csrf_of(browser: Browser, path: str) -> str:
    found = _CSRF.search(browser.go(path).text)
    assert found
    return unescape(found[1])


def _cookie(browser: Browser, name: str) -> str:
    cookie = browser.client.get_cookie(name)
    assert cookie
    return str(cookie.value)


def _cookies(browser: Browser) -> str:
    names = ("bilim_id", "bilim_flow")
    return "; ".join(f"{name}={_cookie(browser, name)}" for name in names if browser.client.get_cookie(name))


_PASSKEY = '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30"}}'


def _pages(csrf: str, interaction: str, jar: str) -> dict[str, list[Spoilable]]:
    held = {"Cookie": jar}
    form: Pairs = (("csrf_token", csrf),)
    login: Pairs = (*form, ("username", "aigerim"), ("password", PASSWORD), ("i", interaction), ("shared", "1"))
    change: Pairs = (*form, ("old_password", PASSWORD), ("new_password", "x"), ("new_password_2", "x"))
    return {
        "account.home": [Spoilable("GET", "/account", headers=held)],
        "account.index": [Spoilable("GET", "/", headers=held)],
        "account_security.page": [Spoilable("GET", "/account/security", (("done", "password"),), held)],
        "account_security.password_page": [Spoilable("GET", "/account/password", headers=held)],
        "account_security.change_password": [Spoilable("POST", "/account/security/password", change, held)],
        "account_security.second": [Spoilable("POST", "/account/security/second", (*form, ("on", "1")), held)],
        "account_factors.add_passkey": [
            Spoilable("POST", "/account/security/passkeys/new", (*form, ("response", _PASSKEY), ("label", "x")), held)
        ],
        "account_factors.add_totp": [
            Spoilable("POST", "/account/security/totp", (*form, ("setting", "x"), ("code", "000000")), held)
        ],
        "account_email.begin": [Spoilable("POST", "/account/security/email", (*form, ("email", "x")), held)],
        "account_email.confirm": [Spoilable("POST", "/account/security/email/code", (*form, ("code", "000000")), held)],
        "account_services.page": [Spoilable("GET", "/account/services", (("done", "1"),), held)],
        "account_services.withdraw": [Spoilable("POST", "/account/services/unknown/withdraw", form, held)],
        "account.switch_membership": [Spoilable("POST", "/account/membership", (*form, ("membership", "0199")), held)],
        "account.end_session": [Spoilable("POST", "/account/sessions/0199/end", form, held)],
        "login.choose": [Spoilable("GET", "/login", (("i", interaction),), held)],
        "login.page": [Spoilable("GET", "/login/password", (("i", interaction), ("lang", "ru")), held)],
        "login.answer": [Spoilable("POST", "/login/password", login, held)],
        "login_mail.forgot": [Spoilable("GET", "/login/forgot", (("i", interaction),))],
        "login_mail.code": [Spoilable("POST", "/login/mail_code/code", (*form, ("code", "000000")), held)],
        "login_passkey.answer": [Spoilable("POST", "/login/passkey", (*form, ("response", _PASSKEY)), held)],
        "login_factor.answer": [Spoilable("POST", "/login/factor", (*form, ("way", "totp"), ("code", "0")), held)],
        "step_up.page": [Spoilable("GET", "/login/again", (("acr", "urn:bilim:acr:mfa"), ("way", "totp")), held)],
        "step_up.answer": [
            Spoilable("POST", "/login/again", (*form, ("acr", "1"), ("way", "password"), ("password", "x")), held)
        ],
        "consent.page": [Spoilable("GET", "/consent", (("i", interaction),), held)],
        "consent.answer": [Spoilable("POST", "/consent", (*form, ("i", interaction), ("answer", "allow")), held)],
        "static": [Spoilable("GET", "/static/css/base.css")],
    }


def _machines(
    client: RelyingParty, secrets: Mapping[str, str], spare: Mapping[str, Any], jar: str
) -> dict[str, list[Spoilable]]:
    auth, held = {"Authorization": basic(client.client_id, SECRET)}, {"Cookie": jar}
    bearer = {"Authorization": f"Bearer {secrets['access_token']}"}
    request: Pairs = tuple(client.request(id_token_hint=secrets["id_token"], max_age="600", prompt="login").items())
    redeem: Pairs = (
        ("grant_type", "authorization_code"),
        ("code", secrets["code"]),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    )
    refresh: Pairs = (("grant_type", "refresh_token"), ("refresh_token", secrets["refresh_token"]))
    by_post: Pairs = (*refresh, ("client_id", client.client_id), ("client_secret", SECRET))
    by_key: Pairs = (
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", secrets["id_token"]),
    )
    logout: Pairs = (
        ("id_token_hint", secrets["id_token"]),
        ("post_logout_redirect_uri", AFTER_LOGOUT),
        ("client_id", client.client_id),
        ("state", "s"),
    )
    shown: Pairs = (("token", secrets["refresh_token"]), ("token_type_hint", "refresh_token"))
    given: Pairs = (("token", str(spare["access_token"])),)
    return {
        "oidc.authorize": [
            Spoilable("GET", "/oauth/authorize", request, held),
            Spoilable("POST", "/oauth/authorize", request, held),
            Spoilable("GET", "/oauth/authorize", (("interaction", secrets["interaction"]),), held),
        ],
        "oidc.token_endpoint": [
            Spoilable("POST", "/oauth/token", redeem, auth),
            Spoilable("POST", "/oauth/token", refresh, auth),
            Spoilable("POST", "/oauth/token", by_post),
            Spoilable("POST", "/oauth/token", by_key),
        ],
        "oidc.introspection_endpoint": [Spoilable("POST", "/oauth/introspect", shown, auth)],
        "oidc.revocation_endpoint": [Spoilable("POST", "/oauth/revoke", given, auth)],
        "oidc.userinfo_endpoint": [
            Spoilable("GET", "/oauth/userinfo", (), bearer),
            Spoilable("POST", "/oauth/userinfo", (("access_token", secrets["access_token"]),)),
        ],
        "logout.end_session": [
            Spoilable("GET", "/oauth/logout", logout, held),
            Spoilable("POST", "/oauth/logout", (*logout, ("answer", "yes"), ("csrf_token", "x")), held),
        ],
    }


def _saml(sp: SamlGround, heard: Heard, jar: str) -> dict[str, list[Spoilable]]:
    """Right messages of a registered service; each is good once, so a second sending is a replay."""

    def query(root: Element) -> Pairs:
        return tuple(parse_qsl(sp.by_redirect(root, relay_state="back").decode()))

    held = {"Cookie": jar}
    sso, slo = f"{HOST}/saml/sso", f"{HOST}/saml/slo"
    out = query(sp.logout_request(heard.name_id, destination=slo))
    answer = query(sp.logout_response("_nothing", destination=slo))
    return {
        "saml.sso": [
            Spoilable("GET", "/saml/sso", query(sp.authn_request(destination=sso)), held),
            Spoilable("POST", "/saml/sso", tuple(sp.by_post(sp.authn_request(destination=sso))), held),
            Spoilable("POST", "/saml/sso", tuple(sp.by_simple_sign(sp.authn_request(destination=sso)))),
            Spoilable("GET", "/saml/sso", (("providerId", sp.entity_id), ("target", "x"), ("shire", "y")), held),
        ],
        "saml.slo": [Spoilable("GET", "/saml/slo", out, held), Spoilable("GET", "/saml/slo", answer, held)],
    }
