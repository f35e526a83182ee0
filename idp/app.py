"""The only place where parts and doors meet."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.middleware.proxy_fix import ProxyFix

from idp.core import logs
from idp.core.clock import Clock, SystemClock
from idp.parts import Parts
from idp.services.consent import Consents
from idp.services.eds_names import EdsNames
from idp.services.interactions import Interactions
from idp.settings import Settings
from idp.store.base import Base
from idp.store.session import engine_options, normalise_url, prepare_engine
from idp.web import (
    account,
    account_card,
    account_children,
    account_consents,
    account_data,
    account_email,
    account_factors,
    account_menu,
    account_requests,
    account_security,
    account_services,
    api,
    consent,
    egov,
    errors,
    health,
    i18n,
    incoming,
    login,
    login_again,
    login_eds,
    login_factor,
    login_mail,
    login_passkey,
    login_steps,
    logout,
    oidc,
    saml,
    security_headers,
    signing,
    static_files,
    status,
    verify,
)
from idp.web.admin import doors, lists, menu
from idp.web.cookies import FlowCookies
from idp.web.house import House
from idp.web.incoming import Request
from idp.web.prepared import Prepared, ProtocolDocuments
from idp.web.rules import LateRule

MAX_BODY = 256 * 1024


def templates_folder() -> Path:
    """Inside the package when installed from a wheel, beside it in a checkout."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    logs.configure(settings.log_format)
    templates = templates_folder()
    app = Flask("idp", template_folder=str(templates), static_folder=str(templates / "static"))
    app.request_class = Request
    app.url_rule_class = LateRule
    app.session_interface = FlowCookies()
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
    incoming.init(app)
    CSRFProtect(app)
    errors.init(app, (OperationalError, InterfaceError, PoolTimeout))
    i18n.init(app, str(templates / "i18n"))
    security_headers.init(app)
    static_files.init(app)
    ways_in = (
        login.bp, login_eds.bp, login_passkey.bp, login_mail.bp, login_steps.bp, login_factor.bp, login_again.bp,
        egov.bp,
    )  # fmt: skip
    own = (
        account_card.bp, account_children.bp, account_consents.bp, account_data.bp, account_security.bp,
        account_factors.bp, account_email.bp, account_requests.bp, account_services.bp,
    )  # fmt: skip
    apart = (signing.bp, verify.bp, status.bp)
    for blueprint in (account.bp, *own, *ways_in, oidc.bp, saml.bp, consent.bp, logout.bp, *api.BLUEPRINTS, *apart):
        app.register_blueprint(blueprint)
    for blueprint in doors.BLUEPRINTS:
        app.register_blueprint(blueprint)
    menu.init(app)
    account_menu.init(app)
    lists.init(app)
    status.init(app)
    documents = ProtocolDocuments(parts.oidc)
    app.wsgi_app = Prepared(app.wsgi_app, documents, is_https=settings.is_https)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _house(parts: Parts) -> House:
    settings = parts.settings
    return House(
        issuer=settings.issuer, is_https=settings.is_https, is_dev=settings.is_dev,
        trusted_proxies=settings.trusted_proxies, clock=parts.clock, keys=parts.keys, login=parts.login,
        eds_login=parts.eds_login, sign_in=parts.sign_in, eds_names=EdsNames(parts.uow, parts.clock),
        sessions=parts.sessions, acting=parts.acting, audit_log=parts.audit_log, my_access=parts.my_access,
        my_data=parts.my_data, permissions=parts.permissions, school_services=parts.school_services,
        exports=parts.exports, viewing=parts.viewing, organisations=parts.organisations, classes=parts.classes,
        calendar=parts.calendar, years=parts.years, waiting=parts.waiting, imports=parts.imports,
        protection=parts.protection, cards=parts.cards, card_lists=parts.card_lists,
        card_import=parts.card_import, card_badges=parts.card_badges, reader_cards=parts.reader_cards,
        feed=parts.feed, guardians=parts.guardians, child_classes=parts.child_classes,
        guardian_links=parts.guardian_links,
        guardian_codes=parts.guardian_codes, guardian_desk=parts.guardian_desk, family=parts.family,
        directory=parts.directory, transfers=parts.transfers, merging=parts.merging, photos=parts.photos,
        sheets=parts.sheets, newcomers=parts.newcomers, form_tickets=parts.form_tickets,
        person_edits=parts.person_edits, person_facts=parts.person_facts, people_lists=parts.people_lists,
        credentials=parts.credentials, throttle=parts.throttle, oidc=parts.oidc,
        oidc_stores=parts.oidc_stores, interactions=Interactions(parts.uow, parts.oidc_stores, parts.clock),
        consent_desk=parts.consent_desk,
        consents=Consents(parts.uow, parts.oidc_stores, parts.oidc, parts.clock), logout=parts.logout,
        saml=lambda: parts.saml_door,
        signing=parts.signing, signing_requests=parts.signing_requests,
        signature_check=parts.signature_check, errands=parts.errands, ncalayer_url=settings.ncalayer_url,
        check_ready=parts.check_ready,
    )  # fmt: skip


def serve_app() -> Flask:
    """The factory servers call; reads the environment."""
    app = create_app(Settings.from_env(os.environ))
    logging.getLogger(__name__).info("ready to serve")
    return app
