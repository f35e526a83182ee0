"""The one translator: our errors, Werkzeug's and everything unforeseen become a page or JSON with a reference number.

The person gets plain words in their language and a number to read aloud; details go to the log under that number.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core import errors
from idp.core.ids import reference as new_reference
from idp.web.problem import problem

_log = logging.getLogger(__name__)
_STATUS: dict[type[errors.BilimError], int] = {
    errors.NotFound: 404,
    errors.Denied: 403,
    errors.Conflict: 409,
    errors.Invalid: 400,
    errors.TooSoon: 429,
    errors.Unavailable: 503,
}
_HTTP_CODES = {
    400: "invalid",
    404: "not_found",
    405: "method_not_allowed",
    413: "request_too_large",
    415: "unsupported_media_type",
    429: "too_many_attempts",
    503: "unavailable",
}
_RETRY_SECONDS = 5
_MACHINES = (
    "/oauth/", "/egov/", "/saml/soap", "/saml/artifact", "/saml/metadata", "/saml/mdq/", "/scim/", "/ims/",
    "/.well-known/", "/metrics", "/healthz", "/readyz",
)  # fmt: skip
_API = "/api/"
_PEOPLE = ("/oauth/authorize", "/oauth/logout")


def init(app: Flask, outages: Sequence[type[Exception]] = ()) -> None:
    """`outages` are the errors of a database that does not answer: come back later, not a fault of the request."""
    for outage in outages:
        app.register_error_handler(outage, _outage)
    app.register_error_handler(errors.BilimError, _bilim)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def error_page(code: str, status: int, *, detail: str = "", retry_after: int = 0) -> Response:
    """The error page for a code, logged under its reference number; used by doors that may not redirect."""
    return _answer(code, status, description="", detail=detail, retry_after=retry_after)


def api_problem(
    code: str, status: int, *, description: str = "", detail: str = "", wrong: Sequence[tuple[str, str]] = ()
) -> Response:
    """A refusal in the words of /api/v1; `wrong` names the members that are wrong."""
    return _answer(code, status, description=description, detail=detail, wrong=wrong)


def _bilim(error: errors.BilimError) -> Response:
    status = next((value for kind, value in _STATUS.items() if isinstance(error, kind)), 400)
    retry_after = error.retry_after if isinstance(error, errors.TooSoon) else 0
    return _answer(error.code, status, description=error.description, detail=error.detail, retry_after=retry_after)


def _csrf(error: CSRFError) -> Response:
    return _answer("csrf", 400, description="the form is out of date", detail=str(error.description))


def _http(error: HTTPException) -> Response | WerkzeugResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    answer = _answer(_HTTP_CODES.get(status, "server_error" if status >= 500 else "invalid"), status)
    if status == 405:
        answer.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return answer


def _outage(error: Exception) -> Response:
    told = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return _answer("unavailable", 503, retry_after=_RETRY_SECONDS, detail=f"{type(error).__name__}: {told[:200]}")


def _unforeseen(error: Exception) -> Response:
    return _answer("server_error", 500, error=error)


def _answer(
    code: str,
    status: int,
    *,
    description: str = "",
    detail: str = "",
    retry_after: int = 0,
    error: Exception | None = None,
    wrong: Sequence[tuple[str, str]] = (),
) -> Response:
    number = new_reference()
    _log.log(
        logging.ERROR if status >= 500 else logging.INFO,
        "request refused",
        extra={"code": code, "status": status, "reference": number, "detail": detail or description},
        exc_info=error,
    )
    if request.path.startswith(_API):
        response = problem(code, status, reference=number, detail=description, wrong=wrong)
    elif request.path.startswith(_MACHINES) and not request.path.startswith(_PEOPLE):
        body = {"error": code, "reference": number}
        if description:
            body["error_description"] = description
        response = make_response(body, status)
    else:
        minutes = max(1, -(-retry_after // 60))
        page = render_template("errors/error.html", code=code, reference=number, status=status, retry_minutes=minutes)
        response = make_response(page, status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    response.headers["Cache-Control"] = "no-store"
    return response
