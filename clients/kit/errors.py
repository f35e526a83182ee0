"""The one translator of errors into pages: a code, a reference number to read aloud, never the error's own text."""

from __future__ import annotations

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from clients.kit.access import say_session_ended
from clients.kit.api import SessionEnded
from clients.kit.logs import log
from idp.core.errors import BilimError, Conflict, Denied, Invalid, NotFound, TooSoon, Unavailable
from idp.core.ids import reference

_STATUS: dict[type[BilimError], int] = {
    NotFound: 404,
    Denied: 403,
    Conflict: 409,
    Invalid: 400,
    TooSoon: 429,
    Unavailable: 503,
}
_HTTP_CODES = {
    403: "denied",
    404: "not_found",
    405: "method_not_allowed",
    413: "request_too_large",
    429: "too_many_attempts",
}


def install_errors(app: Flask) -> None:
    app.register_error_handler(SessionEnded, say_session_ended)
    app.register_error_handler(BilimError, _known)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _unknown)


def error_page(code: str, status: int, *, detail: str = "", traceback: bool = False) -> ResponseReturnValue:
    number = reference()
    told = {"code": code, "reference": number, "status": status, "detail": detail}
    log.log(40 if status >= 500 else 30, "error", extra=told, exc_info=traceback)
    headers = {"Retry-After": "5"} if status == 503 else {}
    return render_template("kit/error.html", code=code, reference=number), status, headers


def _known(error: BilimError) -> ResponseReturnValue:
    status = next((number for kind, number in _STATUS.items() if isinstance(error, kind)), 500)
    return error_page(error.code, status, detail=error.detail or error.description)


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    return error_page("csrf", 400)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    return error_page(_HTTP_CODES.get(status, "server_error" if status >= 500 else "invalid"), status)


def _database(error: DBAPIError) -> ResponseReturnValue:
    """Our database is away or locked: worth trying again. Anything else it says is our own mistake."""
    if isinstance(error, OperationalError | InterfaceError):
        return error_page("unavailable", 503, detail=type(error).__name__)
    return error_page("server_error", 500, traceback=True)


def _unknown(_error: Exception) -> ResponseReturnValue:
    return error_page("server_error", 500, traceback=True)
