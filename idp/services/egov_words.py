"""What eGov Mobile is told, in its own format (nca.md §6): who asks, what is to be signed, and the code to compare."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

LAUNCH = "https://m.egov.kz/mobileSign/"
_LOCAL = timezone(timedelta(hours=5))
_DESCRIPTIONS = {
    "login": {
        "kk": "{site} сайтына кіру. Код: {code}. Компьютер экранында осы код тұрмаса, қол қоймаңыз.",
        "ru": "Вход на сайт {site}. Код: {code}. Если на экране компьютера другой код, не подписывайте.",
        "en": "Sign-in at {site}. Code: {code}. If the computer screen shows another code, do not sign.",
    },
    "document": {
        "kk": "{site}: «{title}» құжатына қол қою. Код: {code}. Экранда осы код тұрмаса, қол қоймаңыз.",
        "ru": "{site}: подписание документа «{title}». Код: {code}. Если на экране другой код, не подписывайте.",
        "en": "{site}: signing «{title}». Code: {code}. If the screen shows another code, do not sign.",
    },
}
_LOGIN_TITLE = {"kk": "{site} сайтына кіру", "ru": "Вход на сайт {site}", "en": "Sign-in at {site}"}
_MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this installation; `number` is its БИН."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Slip:
    """What the phone shows of one errand beside its document. `titles` has kk, ru and en; empty for a sign-in."""

    purpose: str
    site: str
    code: str
    titles: Mapping[str, str]
    media_type: str

    def title(self, language: str) -> str:
        titles = self.titles or {key: words.format(site=self.site) for key, words in _LOGIN_TITLE.items()}
        return str(titles.get(language) or titles.get("kk") or "")[:_MOST_LETTERS]

    def description(self, language: str) -> str:
        words = _DESCRIPTIONS[self.purpose]
        chosen = words.get(language, words["kk"])
        return chosen.format(site=self.site, code=self.code, title=self.title(language))


def face(
    slip: Slip, operator: Operator, *, language: str, expires_at: datetime, uri: str, token: str
) -> dict[str, Any]:
    """API1: who asks and where the document lies."""
    return {
        "description": slip.description(language),
        "expiry_date": moment(expires_at),
        "organisation": {
            "nameRu": operator.name,
            "nameKz": operator.name,
            "nameEn": operator.name,
            "bin": operator.number,
        },
        "document": {"uri": uri, "auth_type": "Token", "auth_token": token},
    }


def documents(slip: Slip, content: bytes) -> dict[str, Any]:
    """API2: the one document, of which the phone returns only a signature."""
    media_type = slip.media_type.split(";")[0].strip()
    document = {
        "id": 1,
        "nameRu": slip.title("ru"),
        "nameKz": slip.title("kk"),
        "nameEn": slip.title("en"),
        "meta": [{"name": "code", "value": slip.code}],
        "document": {"file": {"mime": media_type, "data": base64.b64encode(content).decode()}},
    }
    return {"signMethod": "CMS_SIGN_ONLY", "version": 1, "documentsToSign": [document]}


def signature_in(body: Any) -> str | None:
    """The signature of a returned API2 document; None unless there is exactly one of the expected shape."""
    found = body.get("documentsToSign") if isinstance(body, dict) else None
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
        return None
    document = found[0].get("document")
    file = document.get("file") if isinstance(document, dict) else None
    data = file.get("data") if isinstance(file, dict) else None
    return data if isinstance(data, str) and data.strip() else None


def moment(at: datetime) -> str:
    """`2026-11-23T16:21:37.06+0500`, as the app reads it."""
    local = at.astimezone(_LOCAL)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 10_000:02d}+0500"


def qr_text(address: str) -> str:
    return f"mobileSign:{address}"


def link(address: str) -> str:
    """What opens the app on the same device."""
    return f"{LAUNCH}?{urlencode({'link': address})}"
