"""The only place where all parts meet: builds them once and hands them over."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.middleware.proxy_fix import ProxyFix

from idp.core import logs
from idp.core.clock import Clock, SystemClock
from idp.core.errors import BilimError
from idp.jobs import backchannel_logout
from idp.jobs.backchannel_logout import BackchannelLogout
from idp.jobs.outbox import Outbox
from idp.jobs.retention import Retention
from idp.jobs.schedule import Job, Worker
from idp.jose.errors import NoSigningKey
from idp.methods.method import Method
from idp.methods.password import Password, hash_password
from idp.oidc.server import Server
from idp.services import scope
from idp.services.clients import Clients
from idp.services.consent import Consents
from idp.services.credentials import Credentials, StoredCredentials
from idp.services.fetch import ClientKeySets, Fetcher
from idp.services.interactions import Interactions
from idp.services.keys import IinVault, Keys
from idp.services.login import Login
from idp.services.logout import Logout
from idp.services.people import People
from idp.services.rosters import Rosters
from idp.services.sessions import Sessions
from idp.services.throttle import Throttle
from idp.settings import Settings, read_master_key
from idp.store.base import Base
from idp.store.oidc import OidcStores
from idp.store.session import UnitOfWork, engine_options, normalise_url, open_engine, prepare_engine
from idp.web import account, consent, errors, health, i18n, login, logout, oidc, security_headers
from idp.web.house import House
from idp.web.incoming import Request
from idp.web.prepared import Prepared, ProtocolDocuments

MAX_BODY = 256 * 1024


@dataclass(frozen=True)
class Parts:
    """Every part that works without HTTP; `app`, `cli` and `jobs` share it."""

    settings: Settings
    engine: Engine
    clock: Clock

    @cached_property
    def uow(self) -> UnitOfWork:
        return UnitOfWork(self.engine)

    @cached_property
    def keys(self) -> Keys:
        path = self.settings.secret_file
        return Keys(self.uow, self.clock, lambda: read_master_key(path))

    @cached_property
    def iin_vault(self) -> IinVault:
        return IinVault(self.keys)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.uow, self.clock)

    @cached_property
    def credentials(self) -> Credentials:
        return Credentials(self.uow, self.clock)

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """A new way of signing in is one line here."""
        stored = StoredCredentials(self.uow)
        ways: list[Method] = [Password(stored)]
        return {method.name: method for method in ways}

    def throttle(self) -> Throttle:
        return Throttle(self.uow, self.clock, self.keys.secret("token"))

    def check_ready(self) -> str:
        """What keeps this installation from serving: `database`, `schema`, `keys`, or nothing."""
        from idp.store import migrations

        try:
            with self.uow.read() as tx:
                if migrations.current(tx.connection) != migrations.HEAD:
                    return "schema"
            self.keys.ring().signing("ES256")
        except DBAPIError:
            return "database"
        except (NoSigningKey, BilimError):
            return "keys"
        return ""

    @cached_property
    def oidc_stores(self) -> OidcStores:
        return OidcStores(self.uow, scope.of_person)

    @cached_property
    def fetcher(self) -> Fetcher:
        return Fetcher(allow=self.settings.fetch_allow, ca_file=self.settings.extra_ca_file)

    @cached_property
    def oidc(self) -> Server:
        return Server(
            issuer=self.settings.issuer,
            clock=self.clock,
            ring=self.keys.ring,
            secret=self.keys.secret,
            client_keys=ClientKeySets(self.fetcher),
            open_iin=self.iin_vault.open,
        )

    @cached_property
    def clients(self) -> Clients:
        return Clients(self.uow, self.clock)

    @cached_property
    def rosters(self) -> Rosters:
        return Rosters(self.uow, self.clock, self.iin_vault, is_dev=self.settings.is_dev)

    @cached_property
    def people(self) -> People:
        return People(self.uow, self.clock, hash_password)

    @cached_property
    def logout(self) -> Logout:
        return Logout(self.uow, self.clock)

    def worker(self) -> Worker:
        """The outbox and every singleton job."""
        handlers = {backchannel_logout.KIND: BackchannelLogout(self.oidc, self.oidc_stores, self.fetcher)}
        jobs = [
            Job("key_rotation", timedelta(hours=1), self.keys.rotate),
            Job("retention", timedelta(hours=1), Retention(self.uow, self.clock)),
        ]
        return Worker(self.uow, self.clock, Outbox(self.uow, self.clock, handlers), jobs)

    @cached_property
    def login(self) -> Login:
        return Login(self.uow, self.clock, self.methods, self.sessions, self.throttle)


def build(settings: Settings, clock: Clock | None = None) -> Parts:
    """All parts on an engine of their own, for commands and workers."""
    return Parts(settings, open_engine(settings.database_url), clock or SystemClock())


def templates_folder() -> Path:
    """Inside the package when installed from a wheel, beside it in a checkout."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    logs.configure(settings.log_format)
    templates = templates_folder()
    app = Flask("idp", template_folder=str(templates), static_folder=str(templates / "static"))
    app.request_class = Request
    app.config.update(
        SQLALCHEMY_DATABASE_URI=normalise_url(settings.database_url),
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        SESSION_COOKIE_NAME="__Host-bilim_flow" if settings.is_https else "bilim_flow",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    database = SQLAlchemy(model_class=Base)
    database.init_app(app)
    with app.app_context():
        engine = database.engine
    prepare_engine(engine)
    parts = Parts(settings, engine, clock or SystemClock())
    app.secret_key = parts.keys.secret("cookie")
    app.extensions["house"] = _house(parts)
    app.extensions["parts"] = parts
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    health.init(app)  # First, so that a refusal of the next one is logged under a request id of its own.
    CSRFProtect(app)
    errors.init(app, (OperationalError, InterfaceError, PoolTimeout))
    i18n.init(app, str(templates / "i18n"))
    security_headers.init(app)
    for blueprint in (account.bp, login.bp, oidc.bp, consent.bp, logout.bp):
        app.register_blueprint(blueprint)
    documents = ProtocolDocuments(parts.oidc)
    app.wsgi_app = Prepared(app.wsgi_app, documents, is_https=settings.is_https)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _house(parts: Parts) -> House:
    settings = parts.settings
    return House(
        issuer=settings.issuer,
        is_https=settings.is_https,
        is_dev=settings.is_dev,
        trusted_proxies=settings.trusted_proxies,
        clock=parts.clock,
        keys=parts.keys,
        login=parts.login,
        sessions=parts.sessions,
        credentials=parts.credentials,
        throttle=parts.throttle,
        oidc=parts.oidc,
        oidc_stores=parts.oidc_stores,
        interactions=Interactions(parts.oidc_stores, parts.clock),
        consents=Consents(parts.uow, parts.oidc_stores, parts.oidc, parts.clock),
        logout=parts.logout,
        check_ready=parts.check_ready,
    )


def serve_app() -> Flask:
    """The factory servers call; reads the environment."""
    app = create_app(Settings.from_env(os.environ))
    logging.getLogger(__name__).info("ready to serve")
    return app
