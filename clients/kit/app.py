"""`make_app`: the Flask app every client shares. A client adds its blueprint, tables, templates and menu.

One that signs people in by another protocol than OpenID Connect calls `begin` and `finish` itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, g
from flask_wtf import CSRFProtect
from jinja2 import FileSystemLoader
from requests.adapters import BaseAdapter
from sqlalchemy import Table

import idp.core
from clients.kit import health, oidc, session_pages, tables
from clients.kit.cookies import flow_name
from clients.kit.db import Database, Migration
from clients.kit.errors import install_errors
from clients.kit.headers import install_headers
from clients.kit.i18n import SWITCH, install_languages, lang_url, language
from clients.kit.kit import Kit, OidcKit
from clients.kit.login_states import LoginStates
from clients.kit.logs import configure_logs, install_request_log
from clients.kit.own_token import OwnCalls
from clients.kit.projection import Projection
from clients.kit.provider import ProviderApp
from clients.kit.sealing import Sealer, derive_key
from clients.kit.sessions import Sessions
from clients.kit.settings import ClientSettings, read_credentials
from idp.core.clock import Clock, SystemClock

_HERE = Path(__file__).parent
_MAX_BODY = 65_536


@dataclass(frozen=True, slots=True)
class Client:
    """What makes one client itself."""

    name: str
    """As in the environment's variables: `cabinet`, `textbooks`."""
    folder: Path
    """Holds `templates/`, `static/` and `i18n/`."""
    scope: str
    """Of OpenID Connect; empty for a client that signs people in by another protocol."""
    brand: Callable[[], str]
    """The client's name in the language of the page."""
    nav: Callable[[], list[tuple[str, str, str, bool]]]
    """The menu: (address, label, icon, whether it is this page)."""
    blueprints: Sequence[Blueprint]
    migrations: Sequence[Migration] = ()
    tables: Sequence[Table] = ()
    """The client's own, in the order in which rows may be inserted; backed up."""
    feeds: Sequence[str] = ()
    """Kinds of the IdP's feed of which the worker keeps a copy (`clients.kit.projection`)."""
    expiring: Sequence[Table] = ()
    """The client's own tables with `expires_at`: not backed up, and the worker deletes what has expired."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What exists before it is known how people sign in."""

    app: Flask
    database: Database
    sessions: Sessions
    login_states: LoginStates


def shared_templates() -> Path:
    """The folder `templates`: beside `idp` in a checkout, inside it in an installed wheel."""
    package = Path(idp.core.__file__).resolve().parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def open_projection(
    client: Client,
    settings: ClientSettings,
    database: Database,
    clock: Clock | None = None,
    transport: BaseAdapter | None = None,
) -> Projection:
    """The client's copy of the feed. Raises SettingsError."""
    clock = clock or SystemClock()
    scope = " ".join(f"feed:{kind}" for kind in client.feeds)
    calls = OwnCalls(settings.issuer, read_credentials(settings.client_file), scope, clock, transport)
    return Projection(database, calls, clock, client.feeds)


def open_database(client: Client, settings: ClientSettings, clock: Clock | None = None) -> Database:
    return Database(settings.database_url, [*tables.MIGRATIONS, *client.migrations], clock)


def make_app(
    client: Client,
    settings: ClientSettings | None = None,
    *,
    clock: Clock | None = None,
    transport: BaseAdapter | None = None,
) -> Flask:
    """Raises SettingsError. Upgrades the client's database. `transport` is how tests reach an IdP without a socket."""
    settings = settings or ClientSettings.from_env(client.name, os.environ)
    credentials = read_credentials(settings.client_file)
    clock = clock or SystemClock()
    begun = begin(client, settings, credentials.client_secret, clock)
    oauth = OAuth(begun.app, cache=begun.login_states)
    provider = oauth.register(
        "bilim",
        client_cls=ProviderApp.speaking_to(settings.issuer, transport),
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        client_kwargs={
            "scope": client.scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
        },
    )
    own = OidcKit(settings, credentials.client_id, clock, begun.database, begun.sessions, provider)
    # A logout token is signed; other sites may begin a login (OIDC Core §4), which changes nothing here.
    return finish(begun.app, client, own, oidc.bp, from_elsewhere=(oidc.backchannel_logout, oidc.login))


def begin(client: Client, settings: ClientSettings, secret: str, clock: Clock) -> Begun:
    """Upgrades the database and makes the app. `secret` is the client's own: the keys of cookies and seals."""
    configure_logs(settings.log_format)
    database = open_database(client, settings, clock)
    database.upgrade()
    sealer = Sealer(derive_key(secret, f"{client.name} tokens at rest"))
    return Begun(
        _flask(client, settings, secret),
        database,
        Sessions(database, sealer, clock),
        LoginStates(database, sealer, clock),
    )


def finish(
    app: Flask, client: Client, own: Kit, sign_in: Blueprint, *, from_elsewhere: Sequence[Callable[..., Any]]
) -> Flask:
    """Adds pages, languages, headers and errors. `sign_in` has `/login` and `POST /logout`.

    `from_elsewhere` are its views that take forms of other sites, and so no form token.
    """
    app.extensions["kit"] = own
    app.extensions["client"] = client
    install_request_log(app, client.name)
    catalogues = [shared_templates() / "i18n", _HERE / "i18n", client.folder / "i18n"]
    install_languages(app, catalogues, is_https=own.settings.is_https)
    install_headers(app, own.settings)
    install_errors(app)
    csrf = CSRFProtect(app)
    for view in from_elsewhere:
        csrf.exempt(view)
    own_static = Blueprint(
        "own", client.name, static_folder=str(client.folder / "static"), static_url_path=f"/static/{client.name}"
    )
    for blueprint in (sign_in, session_pages.bp, health.bp, own_static, *client.blueprints):
        app.register_blueprint(blueprint)
    app.context_processor(lambda: _page(client, own.settings))
    return app


def _flask(client: Client, settings: ClientSettings, secret: str) -> Flask:
    shared = shared_templates()
    app = Flask(f"clients.{client.name}", root_path=str(client.folder), static_folder=str(shared / "static"))
    app.jinja_loader = FileSystemLoader([client.folder / "templates", _HERE / "templates", shared])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config.update(
        SECRET_KEY=derive_key(secret, f"{client.name} flow cookie"),
        SESSION_COOKIE_NAME=flow_name(settings),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=_MAX_BODY,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # it reads the Referer, which our own Referrer-Policy withholds
    )
    return app


def _page(client: Client, settings: ClientSettings) -> dict[str, Any]:
    """What every template may show; `layouts/app.html` names it."""
    person = g.get("person")
    return {
        "lang": language(),
        "languages": SWITCH,
        "lang_url": lang_url,
        "app_name": client.name,
        "brand_name": client.brand(),
        "nav_items": client.nav() if person else [],
        "person": person,
        "person_name": person.name if person else "",
        "person_initials": person.initial if person else "",
        "sign_out_url": "/logout",
        "account_url": f"{settings.issuer}/account" if person else "",
    }
