"""Pages of factors and of mail, each with what its view gives it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from idp.services.factors import Held, Setting
from idp.store.addresses import Address
from idp.store.credentials import CredentialRow
from idp.web.qr import qr_svg

_SEEN = datetime(2026, 9, 2, 3, 3, tzinfo=UTC)
PERSON = SimpleNamespace(name="Серікова Гүлнара", username="gulnara", given_name="Гүлнара", family_name="Серікова")
OPTIONS = '{"challenge": "AAAA", "rpId": "id.mektep12.example", "allowCredentials": []}'
_URI = "otpauth://totp/Bilim%20ID:gulnara?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bilim%20ID"
_SETTING = Setting("ticket", _URI, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
_QR = qr_svg(_URI)
_BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Safari"


def _row(label: str = "", used: datetime | None = _SEEN, **data: object) -> CredentialRow:
    return CredentialRow("0199", "p", data, False, label=label, created_at=_SEEN, last_used_at=used)


def _held(**changes: Any) -> Held:
    values: dict[str, Any] = {
        "address": Address("p", "gulnara", "Гүлнара", "gulnara@mektep.example", True, "kk"),
        "has_password": True, "passkeys": (_row("Менің телефоным", is_backed_up=True), _row(used=None)),
        "totp": _row(), "codes": 7, "eds": _row(), "asks_second": True,
    }  # fmt: skip
    return Held(**values | changes)


_BARE = _held(
    address=Address("p", "gulnara", "Гүлнара", "", False, "kk"), passkeys=(), totp=None, codes=0, eds=None,
    asks_second=False,
)  # fmt: skip
_SESSIONS = [{"id": str(one), "browser": _BROWSER, "last_seen": _SEEN, "current": one == 0} for one in range(3)]
_OTHERS = [("password", "/login/password", "Password", "lock"), ("eds", "/login/eds_ncalayer", "ЭЦҚ", "sign")]
_FACTOR: dict[str, Any] = {"person": PERSON, "may_skip": False, "options": "", "error": "", "interaction_id": "i1"}
_SETUP: dict[str, Any] = {"instead": "", "signing": [], **_FACTOR, "setting": None, "qr_svg": ""}
_AGAIN: dict[str, Any] = {
    "person": PERSON, "client": None, "acr": "urn:bilim:acr:mfa", "needed": "mfa", "way": "totp", "ways": ["passkey"],
    "signing": ["eds_ncalayer", "eds_egov_mobile"], "options": "", "error": "", "interaction_id": "",
}  # fmt: skip
_PASSKEY: dict[str, Any] = {
    "options": OPTIONS, "client": None, "shared": False, "error": "", "interaction_id": "i1", "other_methods": _OTHERS,
}  # fmt: skip
_MAIL: dict[str, Any] = {
    "client": None, "username": "", "off": "", "error": "", "interaction_id": "i1", "other_methods": _OTHERS,
}  # fmt: skip
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "passkey": ("login/passkey.html", _PASSKEY),
    "passkey-wrong": ("login/passkey.html", {**_PASSKEY, "error": "wrong"}),
    "passkey-unverified": ("login/passkey.html", {**_PASSKEY, "error": "uv_needed"}),
    "factor-totp": ("login/factor.html", {**_FACTOR, "way": "totp", "ways": ["passkey", "recovery"]}),
    "factor-wrong": ("login/factor.html", {**_FACTOR, "way": "totp", "ways": ["recovery"], "error": "wrong"}),
    "factor-recovery": ("login/factor.html", {**_FACTOR, "way": "recovery", "ways": ["totp"], "error": "wrong"}),
    "factor-passkey": (
        "login/factor.html", {**_FACTOR, "way": "passkey", "ways": [], "options": OPTIONS, "may_skip": True},
    ),
    "setup-choice": ("login/factor_setup.html", {**_SETUP, "way": ""}),
    "setup-eds": ("login/factor_setup.html", {**_SETUP, "way": "", "instead": "eds", "signing": ["eds_ncalayer"]}),
    "setup-desk": ("login/factor_setup.html", {**_SETUP, "way": "", "instead": "desk"}),
    "setup-totp": (
        "login/factor_setup.html", {**_SETUP, "way": "totp", "setting": _SETTING, "qr_svg": _QR, "error": "wrong"},
    ),
    "setup-passkey": ("login/factor_setup.html", {**_SETUP, "way": "passkey", "options": OPTIONS, "may_skip": True}),
    "again-totp": ("login/again.html", _AGAIN),
    "again-password": (
        "login/again.html", {**_AGAIN, "needed": "password", "way": "password", "ways": [], "error": "wrong"},
    ),
    "again-passkey": ("login/again.html", {**_AGAIN, "way": "passkey", "options": OPTIONS, "error": "uv_needed"}),
    "again-nothing": ("login/again.html", {**_AGAIN, "way": "", "ways": [], "signing": []}),
    "again-eds": ("login/again.html", {**_AGAIN, "way": "", "ways": [], "needed": "eds"}),
    "mail-code": ("login/mail_code.html", _MAIL),
    "mail-code-off": ("login/mail_code.html", {**_MAIL, "off": "no_mail"}),
    "mail-code-enter": ("login/mail_code_enter.html", {"error": "wrong", "shared": False, "interaction_id": ""}),
    "forgot-by-mail": ("login/forgot.html", {"by_mail": True, "username": "", "error": "", "interaction_id": "i1"}),
    "forgot-code": (
        "login/forgot_code.html", {"errors": [("code", "wrong_code")], "minimum": 10, "interaction_id": ""},
    ),
    "security": (
        "account/security.html",
        {
            "person": PERSON, "held": _held(), "can_send": True, "sessions": _SESSIONS, "done": "totp_added",
            "recovered": True, "waits": {"id": "i1", "client": {"name": "Kundelik"}},
        },
    ),
    "security-bare": (
        "account/security.html",
        {
            "person": PERSON, "held": _BARE, "can_send": False, "sessions": _SESSIONS[:1], "done": "",
            "recovered": False, "waits": None,
        },
    ),
    "security-second": ("account/second.html", {"person": PERSON, "held": _held()}),
    "security-second-bare": ("account/second.html", {"person": PERSON, "held": _BARE}),
    "security-passkey-new": ("account/passkey_new.html", {"person": PERSON, "options": OPTIONS, "error": "refused"}),
    "security-passkey": (
        "account/passkey.html", {"person": PERSON, "passkey": _row(is_backed_up=True), "error": "last_way_in"},
    ),
    "security-totp": (
        "account/totp.html",
        {"person": PERSON, "setting": _SETTING, "qr_svg": _QR, "replaces": True, "error": "over"},
    ),
    "security-totp-remove": ("account/totp_remove.html", {"person": PERSON, "held": _held(passkeys=())}),
    "security-codes-ask": ("account/codes.html", {"person": PERSON, "held": _held(), "codes": []}),
    "security-codes": (
        "account/codes.html", {"person": PERSON, "held": _held(), "codes": ["0abc-1def-2ghj-3kmn"] * 10},
    ),
    "security-email": (
        "account/email.html",
        {"person": PERSON, "held": _held(), "email": "x", "error": "format", "can_send": True},
    ),
    "security-email-code": ("account/email_code.html", {"person": PERSON, "error": "wrong"}),
}  # fmt: skip
