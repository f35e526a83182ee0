"""What may be taken home from /sign/<id>: the document, the signature, the card, and all of it with its evidence."""

from __future__ import annotations

from flask import Response, request
from werkzeug.datastructures import Headers
from werkzeug.http import dump_options_header

from idp.documents.evidence_bundle import evidence_bundle
from idp.documents.signature_card import signature_card
from idp.services.signing import Kept
from idp.web import i18n
from idp.web.house import house
from idp.web.signing_page import needed

_ENDINGS = {"text/plain": "txt", "application/pdf": "pdf"}
_POLICIES = {
    "text/plain": "default-src 'none'; frame-ancestors 'none'; sandbox",
    # Chromium's own PDF viewer stays blank in a sandbox; nosniff keeps the octets from being anything but a PDF.
    "application/pdf": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


def document(request_id: str) -> Response:
    """The octets to be signed, opened in the browser; with `?save=1` saved."""
    paper, octets = house().signing.document(request_id, needed(request_id).person_id)
    media_type = paper.row.media_type
    answer = _file(octets, media_type, _name(request_id, _ENDINGS[media_type]), is_saved="save" in request.args)
    answer.headers["Content-Security-Policy"] = _POLICIES[media_type]
    return answer


def signature(request_id: str) -> Response:
    """The CMS in DER. Its certificate holds the ИИН: only for the signer."""
    return _file(_own(request_id).evidence.cms, "application/pkcs7-signature", _name(request_id, "cms"))


def card(request_id: str) -> Response:
    """What was signed by whom and when, to be read by people."""
    kept = house().signing.kept(request_id, needed(request_id).person_id, language=i18n.language())
    octets = signature_card(kept, issuer=house().issuer)
    return _file(octets, "application/pdf", _name(request_id, "card.pdf"))


def evidence(request_id: str) -> Response:
    """Everything in one archive, only for the signer, too."""
    return _file(evidence_bundle(_own(request_id), issuer=house().issuer), "application/zip", _name(request_id, "zip"))


def _own(request_id: str) -> Kept:
    return house().signing.own(request_id, needed(request_id).person_id, language=i18n.language())


def _name(request_id: str, ending: str) -> str:
    """The last digits tell requests apart; the first ones are the time, alike for those of one day."""
    return f"document-{request_id[-8:]}.{ending}"


def _file(octets: bytes, media_type: str, name: str, *, is_saved: bool = True) -> Response:
    charset = "; charset=utf-8" if media_type == "text/plain" else ""
    headers = Headers()
    headers["Content-Disposition"] = dump_options_header("attachment" if is_saved else "inline", {"filename": name})
    return Response(octets, headers=headers, content_type=media_type + charset)
