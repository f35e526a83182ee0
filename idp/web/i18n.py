"""Languages: kk by default, then ru and en. A choice in the page wins, then the client's wish, then the browser's."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, g, request
from flask_babel import Babel, format_datetime
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from idp.web.house import house

LANGUAGES = ("kk", "ru", "en")
_COOKIE = "bilim_lang"
_LONGEST = 200
"""Letters of a header that are looked at."""
_NAMES = [("kk", "Қаз", "ақша"), ("ru", "Рус", "ский"), ("en", "Eng", "lish")]


def init(app: Flask, catalogues: str) -> None:
    """Wires Flask-Babel and what templates need: `lang`, `languages`, `lang_url`, `issuer_host`, `moment`."""
    Babel(
        app,
        locale_selector=language,
        timezone_selector=lambda: "Asia/Almaty",
        default_translation_directories=catalogues,
        default_locale="kk",
    )
    app.context_processor(_context)
    app.after_request(_remember)


def language() -> str:
    """The language of this request."""
    known: str | None = g.get("language")
    if known is None:
        known = g.language = _pick()
    return known


def wish(ui_locales: str) -> None:
    """Takes a client's `ui_locales` (OIDC Core §3.1.2.1) into account; unknown languages are passed over."""
    if not _chosen() and not request.cookies.get(_COOKIE):
        for tag in ui_locales.split():
            if tag.split("-")[0].lower() in LANGUAGES:
                g.language = tag.split("-")[0].lower()
                return


def _pick() -> str:
    for value in (_chosen(), request.cookies.get(_COOKIE)):
        if value in LANGUAGES:
            return value
    return _preferred(request.headers.get("Accept-Language", "")[:_LONGEST])


def _chosen() -> str:
    """What the page's switch put into the address. The query is only taken apart where it may hold that: a message of
    SAML is long."""
    return request.args.get("lang", "") if b"lang=" in request.query_string else ""


@lru_cache(maxsize=512)
def _preferred(header: str) -> str:
    """By the browser's wish (RFC 9110 §12.5.4)."""
    return parse_accept_header(header, LanguageAccept).best_match(LANGUAGES) or "kk"


def _lang_url(code: str) -> str:
    pairs = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{request.path}?{urlencode([*pairs, ('lang', code)])}"


def _context() -> dict[str, object]:
    moment: Callable[..., str] = format_datetime
    return {
        "lang": language(),
        "languages": _NAMES,
        "lang_url": _lang_url,
        "issuer_host": urlsplit(house().issuer).netloc,
        "moment": moment,
    }


def _remember(response: Response) -> Response:
    chosen = _chosen()
    if chosen in LANGUAGES and chosen != request.cookies.get(_COOKIE):
        response.set_cookie(
            _COOKIE, chosen, max_age=365 * 86400, path="/", samesite="Lax", secure=house().is_https, httponly=True
        )
    return response
