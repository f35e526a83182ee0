"""/verify: anyone checks a document and its signature, without an account (E5)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from idp.core.errors import Denied, Invalid, TooSoon, Unavailable
from idp.services.signature_check import MAX_SIGNATURE, Checked
from idp.services.signing_submission import MAX_DOCUMENT
from idp.web.house import house
from idp.web.incoming import takes

bp = Blueprint("verify", __name__)
MAX_BODY = MAX_DOCUMENT + MAX_SIGNATURE + 64 * 1024


@dataclass(frozen=True, slots=True)
class Brought:
    """What the visitor gave, by its name, so that the answer can speak of it."""

    document_name: str = ""
    signature_name: str = ""
    signature_text: str = ""


_NOTHING = Brought()


@bp.get("/verify")
def page() -> Response:
    return _show()


@bp.post("/verify")
@takes(MAX_BODY)
def answer() -> Response:
    """Files `document` and `signature`, or `signature_text`. Nothing of them is kept."""
    try:
        files, text = request.files, request.form.get("signature_text", "").strip()
    except RequestEntityTooLarge:
        return _show(error="verify_too_large", status=413)
    document, signature = files.get("document"), files.get("signature")
    brought = Brought(_name(document), _name(signature), text[:MAX_SIGNATURE])
    try:
        checked = _check(document, signature, text)
    except TooSoon as error:
        return _show(brought, error="throttled", status=429, retry_after=error.retry_after)
    except Unavailable as error:
        return _show(brought, error=error.code, status=503)
    except (Denied, Invalid) as error:
        return _show(brought, error=error.code, status=422)
    return _show(brought, checked)


def _check(document: FileStorage | None, signature: FileStorage | None, text: str) -> Checked:
    """Raises Invalid with a code of the page's, or what the check raises."""
    is_document = bool(document and document.filename)
    octets = document.read(MAX_DOCUMENT + 1) if document and is_document else None
    brought: bytes | str = signature.read(MAX_DOCUMENT + 1) if signature and signature.filename else text
    if not brought:
        raise Invalid("no signature came", code="verify_signature_missing")
    if octets is not None and not octets:
        raise Invalid("the document is empty", code="verify_document_empty")
    if octets is not None and len(octets) > _max_bytes():
        raise Invalid("the document is too large", code="verify_too_large")
    return house().signature_check.check(brought, octets, place=request.remote_addr or "")


def _max_bytes() -> int:
    return min(MAX_DOCUMENT, house().signature_check.max_bytes)


def _name(file: FileStorage | None) -> str:
    return (file.filename or "")[:200] if file else ""


def _show(
    brought: Brought = _NOTHING,
    result: Checked | None = None,
    *,
    error: str = "",
    status: int = 200,
    retry_after: int = 0,
) -> Response:
    off = house().signature_check.why_off()
    page = render_template(
        "verify/page.html",
        result=result,
        error=error or None,
        retry_minutes=max(1, -(-retry_after // 60)),
        off=off,
        max_mb=f"{(MAX_DOCUMENT if off else _max_bytes()) / 1024 / 1024:.2g}",
        max_signature_kb=MAX_SIGNATURE // 1024,
        document_name=brought.document_name,
        signature_name=brought.signature_name,
        signature_text=brought.signature_text,
    )
    response = make_response(page, status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


@bp.record_once
def _exempt_from_csrf(state: BlueprintSetupState) -> None:
    """Nothing is changed on the strength of a cookie; a stranger whose browser keeps none may check, too."""
    state.app.extensions["csrf"].exempt(bp)
