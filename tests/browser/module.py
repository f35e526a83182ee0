"""A module that has papers signed: registered by the operator, it speaks to the IdP over HTTP as any client does."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import requests
from sqlalchemy import select

from idp.cli.dev.addresses import Addresses
from idp.cli.dev.folder import Folder
from idp.parts import build
from idp.settings import Settings
from idp.store.models.people import Membership, Person
from tests.factories.relying_party import SECRET, document
from tests.fakes.servers import Dev

CLIENT = "reports"
REPORT = ("Қыркүйек айындағы есеп\n\n" + "Тегін тамақ: 214 оқушы, 21 күн.\n" * 30).encode()
TITLE = {"kk": "Қыркүйек айындағы есеп", "ru": "Отчёт за сентябрь", "en": "Report for September"}


@dataclass(frozen=True)
class Module:
    """`school` is the director's; `back` is where signers return to."""

    url: str
    http: requests.Session
    school: str
    back: str

    def ask(self, content: bytes = REPORT, *, media_type: str = "text/plain", certificate: str = "any") -> str:
        """Has the director of the demo school asked for a signature; returns the address to send her to."""
        body = {
            "document": base64.b64encode(content).decode(),
            "sha256": hashlib.sha256(content).hexdigest(),
            "media_type": media_type,
            "title": TITLE,
            "signers": {"roles": [{"role": "director", "school_id": self.school}], "certificate": certificate},
            "return_uri": self.back,
        }
        answer = self.http.post(f"{self.url}/api/v1/signing-requests", json=body, timeout=30)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["sign_uri"])

    def told(self, sign_uri: str) -> dict[str, Any]:
        """What the IdP says of a request."""
        request_id = sign_uri.rpartition("/")[2]
        answer = self.http.get(f"{self.url}/api/v1/signing-requests/{request_id}", timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def module_of(dev: Dev) -> Module:
    """Registers it, if need be again, and fetches its token."""
    folder = Folder(dev.program.log.parent / "demo", Addresses(dev.urls), "")
    parts = build(Settings.from_env(folder.idp_environment()))
    back = f"{dev.urls['cabinet']}/"
    fields = document(
        CLIENT,
        **{
            "client_name": "Есептер",
            "client_name#ru": "Отчёты",
            "client_name#en": "Reports",
            "redirect_uris": [back],
            "grant_types": ["authorization_code", "client_credentials"],
            "scope": "openid profile signing:request",
        },
    )
    parts.clients.add(fields, replace=True)
    director = select(Membership.school_id).join(Person, Person.id == Membership.person_id)
    with parts.uow.read() as tx:
        school = tx.connection.scalar(director.where(Person.username == "saule", Membership.role == "director"))
    parts.engine.dispose()
    http = requests.Session()
    form = {"grant_type": "client_credentials", "scope": "signing:request"}
    answer = http.post(f"{dev.urls['idp']}/oauth/token", data=form, auth=(CLIENT, SECRET), timeout=30)
    assert answer.status_code == 200, answer.text
    http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return Module(dev.urls["idp"], http, str(school), back)
