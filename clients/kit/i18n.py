"""Languages: kk by default, then ru and en. `?lang=` wins, then the cookie, the user's claim, the browser."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, request
from flask_babel import Babel, format_datetime, get_locale

from clients.kit.person import LANGUAGES

COOKIE = "bilim_lang"
ALMATY = ZoneInfo("Asia/Almaty")
_YEAR = 31_536_000
SWITCH = (("kk", "Қаз", "ақша"), ("ru", "Рус", "ский"), ("en", "Eng", "lish"))
"""Code, what stays when the bar is narrow, the rest of the word."""
_DATES = {"kk": "d MMMM y 'ж.'", "ru": "d MMMM y 'г.'", "en": "d MMMM y"}


def install_languages(app: Flask, catalogues: list[Path], *, is_https: bool) -> None:
    """`catalogues` are merged in order, the later winning."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(folder) for folder in catalogues)
    app.config["BABEL_DEFAULT_LOCALE"] = "kk"
    Babel(app, locale_selector=chosen_language)
    app.jinja_env.filters.update(long_date=long_date, date_time=date_time)

    @app.after_request
    def _remember(response: Response) -> Response:
        asked = request.args.get("lang", "")
        if asked in LANGUAGES:
            response.set_cookie(COOKIE, asked, max_age=_YEAR, secure=is_https, httponly=True, samesite="Lax")
        return response


def chosen_language() -> str:
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    kept = request.cookies.get(COOKIE, "")
    if kept in LANGUAGES:
        return kept
    person = g.get("person")
    if person is not None and person.locale:
        return str(person.locale)
    return request.accept_languages.best_match(LANGUAGES) or "kk"


def language() -> str:
    locale = get_locale()
    return str(locale.language) if locale is not None else "kk"


def long_date(moment: datetime) -> str:
    """`2 қыркүйек 2026 ж.`, in the time of Almaty."""
    return str(format_datetime(moment.astimezone(ALMATY), _DATES[language()], rebase=False))


def date_time(moment: datetime) -> str:
    """`2 қыркүйек 2026 ж., 08:03`."""
    return f"{long_date(moment)}, {moment.astimezone(ALMATY):%H:%M}"


def lang_url(code: str) -> str:
    """This page in another language, its query kept. After a form it leads to the page's own address."""
    query = request.args.to_dict() if request.method == "GET" else {}
    return f"{request.path}?{urlencode(query | {'lang': code})}"
