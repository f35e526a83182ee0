"""What the pages of ЭЦҚ sign-in, signing and checking are given: every state of each, by the name of the page."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import segno
from markupsafe import Markup

AT = datetime(2026, 9, 2, 3, 3, tzinfo=UTC)
CLIENT = {"client_id": "cabinet", "name": "Мектеп кабинеті", "logo_uri": "", "homepage": ""}
ADDRESSES = {
    "signing.page": "/sign/<request_id>",
    "signing.sign": "/sign/<request_id>/sign",
    "signing.document": "/sign/<request_id>/document",
    "signing.signature": "/sign/<request_id>/signature.cms",
    "signing.card": "/sign/<request_id>/card.pdf",
    "signing.evidence": "/sign/<request_id>/evidence.zip",
    "signing.decline": "/sign/<request_id>/decline",
    "signing.phone": "/sign/<request_id>/phone",
}
"""Endpoints that the pages name."""
_CODES = (
    "eds_refused eds_malformed eds_algorithm_refused eds_other_document eds_bad_signature eds_untrusted "
    "eds_not_yet_valid eds_expired eds_revoked eds_status_unknown eds_wrong_use eds_wrong_holder nca_unavailable "
    "eds_off"
)
EDS_CODES = tuple(_CODES.split())
EDS_ERRORS = ("challenge_over", "second_factor_missing", "onboarding_minor", "membership_ended", "not_for_you")

_TEXT = (
    "Bilim ID: sign-in challenge\n\nОсы мәтінге қол қойсаңыз, id.mektep12.example сайтына кіресіз.\n"
    "Бұл құжат емес, сізге ешқандай міндет жүктемейді.\n\n"
    f"Site: id.mektep12.example\nPurpose: login\nTime: 2026-09-02T03:03:00Z\nCode: K7M 4QX\nNonce: {'0f' * 32}\n"
)
_LINK = "https://id.mektep12.example/egov/" + "a" * 43
_QR = Markup(segno.make(f"mobileSign:{_LINK}", error="m").svg_inline(omitsize=True, border=4))
_OTHERS = [
    ("password", "/login/password", "Логин мен құпиясөз", "lock"),
    ("eds_egov_mobile", "/login/eds_egov_mobile", "eGov Mobile", "phone"),
]
_LAYER = {
    "challenge": "c" * 43,
    "data_b64": base64.b64encode(_TEXT.encode()).decode(),
    "text": _TEXT,
    "ncalayer_url": "wss://127.0.0.1:13579",
    "locale": "kk",
    "oids": ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.1"],
    "error": None,
    "client": CLIENT,
    "interaction_id": "i1",
    "shared": False,
    "other_methods": _OTHERS,
    "off": "",
}
_PHONE: dict[str, Any] = {
    "challenge": "c" * 43,
    "qr_svg": _QR,
    "link": "/egov-mobile",
    "text": _TEXT,
    "code": "K7M 4QX",
    "seconds_left": 170,
    "state": "waiting",
    "refusal": "",
    "person": None,
    "client": CLIENT,
    "interaction_id": "i1",
    "shared": False,
    "other_methods": _OTHERS,
    "off": "",
}
_WELCOME = {
    "names": {"family_name": "Оспанова", "given_name": "Гүлнара", "middle_name": "Серікқызы"},
    "masked_iin": "••••••••0123",
    "role": "guardian",
    "organisation": "",
    "school": "",
    "interaction_id": "i1",
}
_ACCOUNT = {
    "person": {"name": "Оспанова Гүлнара", "username": "gulnara", "given_name": "Гүлнара", "family_name": "Оспанова"},
    "memberships": [{"id": "m1", "role": "guardian", "school": "№ 12 мектеп-гимназия", "current": True}],
    "sessions": [],
    "name_offer": {"current": "Оспанова Гүлнара", "offered": "Ахметова Гүлнара Серікқызы"},
}
_SIGNER = {
    "name": "Сәрсенова Әсел Маратқызы",
    "organisation": "«№ 12 мектеп-гимназия» КММ",
    "bin": "190940000123",
    "roles": ["head", "signs_for"],
    "key_storage": "file",
    "algorithm": "gost2015",
    "is_production": True,
}
_REQUEST: dict[str, Any] = {
    "document": {
        "id": "d" * 26,
        "title": "Қыркүйек айындағы тамақтану есебі",
        "media_type": "text/plain",
        "sha256": "9f" * 32,
        "size": 1834,
        "created_at": AT,
        "expires_at": AT,
    },
    "client": CLIENT,
    "person": {"name": "Сәрсенова Әсел"},
    "state": "waiting",
    "closed_at": None,
    "is_mine": False,
    "signer": None,
    "received_at": None,
    "proven_at": None,
    "text": "Ай сайынғы есеп\n\n" + "№ 12 мектеп-гимназия. Тегін тамақ: 214 оқушы, 21 күн.\n" * 12,
    "capacities": [{"role": "director", "school": "№ 12 мектеп-гимназия"}],
    "personally": False,
    "certificate": "organisation",
    "can_sign": True,
    "off": "",
    "error": None,
    "document_b64": base64.b64encode(b"report").decode(),
    "ncalayer_url": "wss://127.0.0.1:13579",
    "locale": "kk",
    "oids": ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.2"],
    "phone": True,
    "return_uri": "",
}
_SIGNED = {
    **_REQUEST,
    "state": "signed",
    "can_sign": False,
    "is_mine": True,
    "signer": _SIGNER,
    "received_at": AT,
    "closed_at": AT,
    "proven_at": AT,
    "return_uri": "/reports",
}
_SIGN_PHONE: dict[str, Any] = {
    **{key: _REQUEST[key] for key in ("document", "client", "person")},
    **{key: _PHONE[key] for key in ("challenge", "qr_svg", "link", "code", "seconds_left", "state", "refusal", "off")},
    "text": None,
    "signer_name": None,
    "error": None,
    "state_url": "/sign/1/phone/state?c=1",
}
_RESULT = {
    "signer": {**_SIGNER, "iin_masked": "••••••••0123"},
    "sha256": "9f" * 32,
    "size": 1834,
    "is_embedded": False,
    "proven_at": AT,
    "proven_by": "timestamp",
    "authority": "TIMESTAMP AUTHORITY",
    "then": "",
    "now": "",
    "is_held": True,
    "is_production": True,
    "checked_at": AT,
}
_VERIFY = {
    "result": None,
    "error": None,
    "off": "",
    "max_mb": 10,
    "max_signature_kb": 64,
    "document_name": "",
    "signature_name": "",
    "signature_text": "",
}
_CHECKED = {**_VERIFY, "result": _RESULT, "document_name": "есеп.txt", "signature_name": "есеп.cms"}

_Page = tuple[str, dict[str, Any]]
_LAYER_PAGE, _PHONE_PAGE, _SIGN_PHONE_PAGE = "login/eds_ncalayer.html", "login/eds_egov_mobile.html", "sign/phone.html"
PAGES: dict[str, _Page] = {
    "eds-ncalayer": (_LAYER_PAGE, _LAYER),
    "eds-ncalayer-bare": (_LAYER_PAGE, {**_LAYER, "client": None, "interaction_id": "", "other_methods": []}),
    "eds-ncalayer-off": (_LAYER_PAGE, {**_LAYER, "off": "no anchors"}),
    "eds-ncalayer-throttled": (_LAYER_PAGE, {**_LAYER, "error": "throttled", "retry_minutes": 5}),
    **{f"eds-ncalayer-{code}": (_LAYER_PAGE, {**_LAYER, "error": code}) for code in (*EDS_CODES, "challenge_over")},
    "eds-egov": (_PHONE_PAGE, _PHONE),
    "eds-egov-fetched": (_PHONE_PAGE, {**_PHONE, "state": "fetched"}),
    "eds-egov-delivered": (_PHONE_PAGE, {**_PHONE, "state": "delivered", "person": "Оспанова Гүлнара"}),
    "eds-egov-refused": (_PHONE_PAGE, {**_PHONE, "state": "refused", "refusal": "eds_revoked"}),
    "eds-egov-over": (_PHONE_PAGE, {**_PHONE, "state": "over"}),
    "eds-egov-off": (_PHONE_PAGE, {**_PHONE, "off": "no operator", "interaction_id": ""}),
    "eds-second": ("login/second_factor.html", {"person": {"name": "Сәрсенова Әсел"}, "error": None}),
    "eds-second-wrong": (
        "login/second_factor.html",
        {"person": {"name": "Сәрсенова Әсел"}, "error": "wrong", "interaction_id": "i1"},
    ),
    "eds-welcome": ("login/welcome.html", _WELCOME),
    "eds-welcome-staff": (
        "login/welcome.html",
        {**_WELCOME, "role": "staff", "organisation": "КММ", "school": "№ 12 мектеп-гимназия"},
    ),
    "account-offer": ("account/home.html", _ACCOUNT),
    "sign": ("sign/page.html", _REQUEST),
    "sign-pdf": (
        "sign/page.html",
        {**_REQUEST, "text": None, "document": {**_REQUEST["document"], "media_type": "application/pdf"}},
    ),
    "sign-refused": ("sign/page.html", {**_REQUEST, "error": "eds_expired"}),
    "sign-no-iin": ("sign/page.html", {**_REQUEST, "can_sign": False, "error": "eds_account_without_iin"}),
    "sign-off": ("sign/page.html", {**_REQUEST, "can_sign": False, "off": "eds_off"}),
    "sign-signed": ("sign/page.html", _SIGNED),
    "sign-signed-by-other": (
        "sign/page.html",
        {**_SIGNED, "is_mine": False, "proven_at": None, "signer": {**_SIGNER, "is_production": False}},
    ),
    **{
        f"sign-{state}": ("sign/page.html", {**_REQUEST, "state": state, "can_sign": False, "return_uri": "/reports"})
        for state in ("declined", "cancelled", "expired")
    },
    "sign-phone": (_SIGN_PHONE_PAGE, _SIGN_PHONE),
    "sign-phone-fetched": (_SIGN_PHONE_PAGE, {**_SIGN_PHONE, "state": "fetched"}),
    "sign-phone-delivered": (_SIGN_PHONE_PAGE, {**_SIGN_PHONE, "state": "delivered", "signer_name": "Сәрсенова Әсел"}),
    "sign-phone-over": (_SIGN_PHONE_PAGE, {**_SIGN_PHONE, "state": "over"}),
    "verify": ("verify/page.html", _VERIFY),
    "verify-good": ("verify/page.html", _CHECKED),
    "verify-expired-since": ("verify/page.html", {**_CHECKED, "result": {**_RESULT, "now": "eds_expired"}}),
    "verify-revoked-then": (
        "verify/page.html",
        {**_CHECKED, "result": {**_RESULT, "then": "eds_revoked", "now": "eds_revoked"}},
    ),
    "verify-test-key": (
        "verify/page.html",
        {
            **_CHECKED,
            "result": {
                **_RESULT,
                "is_production": False,
                "proven_at": None,
                "proven_by": "",
                "then": "unknown",
                "now": "nca_unavailable",
                "is_embedded": True,
            },
            "document_name": "",
        },
    ),
    **{
        f"verify-{code}": ("verify/page.html", {**_VERIFY, "error": code, "signature_name": "есеп.cms"})
        for code in (
            "verify_signature_missing",
            "verify_document_missing",
            "verify_swapped",
            "verify_document_empty",
            "verify_too_large",
            "verify_signature_too_large",
            "eds_other_document",
            "eds_bad_signature",
        )
    },
    "verify-off": ("verify/page.html", {**_VERIFY, "off": "eds_off"}),
}
