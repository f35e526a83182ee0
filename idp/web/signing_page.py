"""What /sign/<id> shows: the document first, then the act, then what came of it (E5)."""

from __future__ import annotations

import base64
from typing import Any

from flask import Response, g, make_response, render_template, request

from idp.core.errors import Conflict, Denied, NotFound, TooSoon, Unavailable
from idp.services.sessions import LiveSession
from idp.services.signing_papers import Paper, oids_of
from idp.web import i18n
from idp.web.cookies import session_token
from idp.web.house import house

_HEX = frozenset("0123456789abcdef")
MOST_INLINE = 12 * 1024
"""Octets of a document that a page carries itself; a longer one is opened, and fetched by the script, on its own."""


def check_id(request_id: str) -> None:
    """Raises NotFound for what can be no request, before a database is asked that may not even hold its letters."""
    if len(request_id) != 32 or not _HEX.issuperset(request_id):
        raise NotFound("no such signing request")


def visitor(request_id: str) -> LiveSession | None:
    """Who is signed in. Raises NotFound for what can be no request."""
    check_id(request_id)
    return house().sessions.current(session_token(request))


def needed(request_id: str) -> LiveSession:
    session = visitor(request_id)
    if session is None:
        raise Denied("the session has ended", code="session_ended")
    return session


def refused(request_id: str, session: LiveSession, error: Denied | Conflict | TooSoon | Unavailable) -> Response:
    """The page again with what went wrong; whoever may not see it any more gets the error page instead."""
    if isinstance(error, TooSoon):
        answer = show(request_id, session, error="throttled", status=429, retry_after=error.retry_after)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    statuses = {Conflict: 409, Unavailable: 503}
    status = next((number for kind, number in statuses.items() if isinstance(error, kind)), 422)
    # A relay that is away is no less the road to the NCA.
    code = "nca_unavailable" if error.code == "unavailable" else error.code
    return show(request_id, session, error=code, status=status)


def show(
    request_id: str, session: LiveSession, *, error: str = "", status: int = 200, retry_after: int = 0
) -> Response:
    paper, document = house().signing.document(request_id, session.person_id, language=i18n.language())
    off = house().signing.why_off()
    is_open = paper.state == "waiting" and paper.may_sign
    can_sign = is_open and not off and paper.has_iin
    if is_open and not paper.has_iin:
        error = error or "eds_account_without_iin"
    if can_sign:
        g.connect_src = [house().ncalayer_url]
    is_short = len(document) <= MOST_INLINE
    signature = paper.signature
    return make_response(
        render_template(
            "sign/page.html",
            **about(paper),
            is_mine=paper.is_mine,
            signer=signature.signer if signature else None,
            received_at=signature.created_at if signature else None,
            proven_at=paper.proven_at,
            text=document.decode().removeprefix("\ufeff")
            if is_short and paper.row.media_type == "text/plain"
            else None,
            capacities=[
                {"role": one.role, "school": _school_name(one.school.name, one.school.name_ru)}
                for one in paper.capacities
            ],
            personally=paper.is_named,
            certificate=paper.certificate,
            can_sign=can_sign,
            off=off,
            error=error or None,
            retry_minutes=max(1, -(-retry_after // 60)),
            document_b64=base64.b64encode(document).decode() if can_sign and is_short else "",
            ncalayer_url=house().ncalayer_url,
            locale=i18n.language(),
            oids=oids_of(paper),
            phone=can_sign and not house().login.why_off("eds_egov_mobile"),
            return_uri=paper.row.return_uri,
        ),
        status,
    )


def about(paper: Paper) -> dict[str, Any]:
    """What every page of a request shows: `document client person state closed_at`."""
    row = paper.row
    return {
        "document": {
            "id": row.id,
            "title": row.title[i18n.language()],
            "media_type": row.media_type,
            "sha256": row.document_sha256,
            "size": row.size,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
        },
        "client": paper.client,
        "person": {"name": paper.person_name},
        "state": paper.state,
        "closed_at": row.closed_at,
    }


def _school_name(name: str, name_ru: str) -> str:
    return name_ru if i18n.language() == "ru" and name_ru else name
