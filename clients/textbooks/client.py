"""How the reader is put together: scope, menu, tables, pages."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, g, request
from flask_babel import gettext
from requests.adapters import BaseAdapter

from clients.kit.app import Client, make_app
from clients.kit.settings import ClientSettings
from clients.textbooks import store, views
from idp.core.clock import Clock

SCOPE = "openid profile school roles classes"


def _brand() -> str:
    return str(gettext("Textbooks"))


def _nav() -> list[tuple[str, str, str, bool]]:
    if not g.person.taught_classes:
        return []  # one page needs no menu, and a phone needs the room for reading
    in_classes = request.path.startswith("/classes")
    return [
        ("/", gettext("Books"), "book", not in_classes),
        ("/classes", gettext("My classes"), "people", in_classes),
    ]


CLIENT = Client(
    name="textbooks",
    folder=Path(__file__).parent,
    scope=SCOPE,
    brand=_brand,
    nav=_nav,
    blueprints=(views.bp,),
    migrations=store.MIGRATIONS,
    tables=tuple(store.metadata.sorted_tables),
)


def create_app(
    settings: ClientSettings | None = None, *, clock: Clock | None = None, transport: BaseAdapter | None = None
) -> Flask:
    """The reader as a WSGI app; settings come from `BILIM_TEXTBOOKS_…` when not given."""
    return make_app(CLIENT, settings, clock=clock, transport=transport)
