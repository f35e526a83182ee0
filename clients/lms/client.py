"""How the courses are put together: tables, pages, and SAML for the sign-in."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import gettext
from requests.adapters import BaseAdapter

from clients.kit.app import Client, begin, finish
from clients.kit.i18n import ALMATY, long_date
from clients.kit.kit import Kit
from clients.kit.settings import ClientSettings
from clients.lms import courses, learning, store, teaching, views
from clients.lms.saml import pages
from clients.lms.saml.flows import Flows
from clients.lms.saml.identity import Identity
from clients.lms.saml.idp import IdpMetadata
from clients.lms.saml.metadata import Described, own_metadata
from clients.lms.saml.service_provider import ServiceProvider
from clients.lms.saml.settings import SamlSettings
from idp.core.clock import Clock, SystemClock
from idp.core.errors import Unavailable

_HERE = Path(__file__).parent
_NAMES = {"kk": "Сабақтар", "ru": "Уроки", "en": "Lessons"}
_DESCRIPTIONS = {
    "kk": "Пәндер бойынша тапсырмалар: мұғалім береді, оқушы тапсырады, мұғалім бағалап, пікір жазады",
    "ru": "Задания по предметам: учитель задаёт, ученик сдаёт, учитель оценивает и пишет отзыв",
    "en": "Assignments by course: the teacher sets them, pupils hand in, the teacher marks and remarks",
}


def _brand() -> str:
    return str(gettext("Lessons"))


CLIENT = Client(
    name="lms",
    folder=_HERE,
    scope="",
    brand=_brand,
    nav=list,  # one page needs no menu
    blueprints=(views.bp, teaching.bp, learning.bp),
    migrations=store.MIGRATIONS,
    tables=store.KEPT,
    expiring=(store.saml_messages,),
)


def create_app(
    settings: ClientSettings | None = None,
    saml_settings: SamlSettings | None = None,
    *,
    clock: Clock | None = None,
    transport: BaseAdapter | None = None,
) -> Flask:
    """The courses as a WSGI app; settings come from `BILIM_LMS_…` when not given. Raises SettingsError."""
    settings = settings or ClientSettings.from_env(CLIENT.name, os.environ)
    saml_settings = saml_settings or SamlSettings.from_env(settings, os.environ)
    clock = clock or SystemClock()
    identity = own_identity(settings, clock)
    begun = begin(CLIENT, settings, identity.secret, clock)
    idp = IdpMetadata(settings.issuer, saml_settings, clock, transport)
    provider = ServiceProvider(settings.base_url, identity, idp, clock)
    begun.app.extensions["saml"] = pages.Saml(
        provider=provider,
        flows=Flows(begun.login_states, begun.database, store.saml_messages),
        described=described(settings.base_url),
        on_sign_in=lambda person: courses.enter(begun.database, person, clock.now()),
    )
    own = Kit(settings, provider.entity_id, clock, begun.database, begun.sessions)
    finish(begun.app, CLIENT, own, pages.bp, from_elsewhere=(pages.acs,))
    begun.app.jinja_env.filters |= {"day": day, "unbroken": unbroken}
    _read_early(idp)
    return begun.app


def own_identity(settings: ClientSettings, clock: Clock) -> Identity:
    """Made at the first start. Raises SettingsError."""
    return Identity.kept(settings.client_file, host=urlsplit(settings.base_url).hostname or "", now=clock.now())


def metadata_file(settings: ClientSettings, clock: Clock) -> bytes:
    """Our metadata without an end, for an IdP that is given a file. Raises SettingsError."""
    idp = IdpMetadata(settings.issuer, SamlSettings.from_env(settings, os.environ), clock)
    provider = ServiceProvider(settings.base_url, own_identity(settings, clock), idp, clock)
    return own_metadata(provider, settings.base_url, described(settings.base_url), ends=False)


def described(base_url: str) -> Described:
    return Described(
        names=_NAMES,
        descriptions=_DESCRIPTIONS,
        logo=f"{base_url}/static/lms/img/logo.svg",
        template=_HERE / "templates" / "lms" / "metadata.xml",
    )


def day(value: date) -> str:
    """`2 қыркүйек 2026 ж.`, never broken into two lines."""
    return unbroken(long_date(datetime.combine(value, time(12), ALMATY)))


def unbroken(text: str) -> str:
    """Lines may break after a comma alone."""
    return text.replace(" ", "\u00a0").replace(",\u00a0", ", ")


def _read_early(idp: IdpMetadata) -> None:
    """So that the copy is there when the IdP is away later. It need not be up now: services start in any order."""
    with suppress(Unavailable):
        idp.current()
