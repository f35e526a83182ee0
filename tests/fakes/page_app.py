"""The pages alone, with the context every app gives them; no database, no views."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from flask import Flask, g, render_template, request
from flask_babel import Babel
from werkzeug.serving import make_server

from tests.factories import eds_pages
from tests.fakes.source import ROOT

LANGUAGES = [("kk", "Қаз", "ақша"), ("ru", "Рус", "ский"), ("en", "Eng", "lish")]
_TEMPLATES = ROOT / "templates"


@cache
def build_app() -> Flask:
    """`g.lang` is the language of a page."""
    app = Flask(
        "pages",
        template_folder=str(_TEMPLATES),
        static_folder=str(_TEMPLATES / "static"),
        static_url_path="/static",
    )
    app.config.update(
        SECRET_KEY="pages", BABEL_TRANSLATION_DIRECTORIES=str(_TEMPLATES / "i18n"), BABEL_DEFAULT_LOCALE="kk"
    )
    Babel(app, locale_selector=lambda: g.get("lang", "kk"), timezone_selector=lambda: "Asia/Almaty")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_token"] = lambda: "csrf"
    for endpoint, address in eds_pages.ADDRESSES.items():
        app.add_url_rule(address, endpoint)

    @app.context_processor
    def page_context() -> dict[str, Any]:
        return {
            "lang": g.get("lang", "kk"),
            "languages": LANGUAGES,
            "lang_url": lambda code: f"?lang={code}",
            "issuer_host": "id.mektep12.example",
        }

    return app


@contextmanager
def serving(pages: Mapping[str, tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """Serves `/page/<name>?lang=` of `pages` (template and context by name); the address it listens at."""
    app = Flask("served", static_folder=str(_TEMPLATES / "static"), static_url_path="/static")
    inner = build_app()

    @app.get("/page/<name>")
    def page(name: str) -> str:
        (template, values), language = pages[name], request.args["lang"]
        with inner.test_request_context("/page"):
            g.lang = language
            return render_template(template, **values)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
