"""Documents of our own that somebody signs on /sign/<id>, as modules have theirs signed.

They belong to a client that nobody can act as: it has no secret, no address and no way of getting a token. It is made
when it is first needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.oidc.subjects import Subjects
from idp.store import audit, clients, signing
from idp.store.session import UnitOfWork

CLIENT_ID = "bilim-id"
WAIT = timedelta(days=1)
_NAME = {
    "client_name": "Білім ID",
    "client_name#kk": "Білім ID",
    "client_name#ru": "Білім ID",
    "client_name#en": "Bilim ID",
}


class OwnSigning:
    def __init__(self, uow: UnitOfWork, clock: Clock, subjects: Subjects) -> None:
        self._uow = uow
        self._clock = clock
        self._subjects = subjects

    def ask(
        self, text: str, title: Mapping[str, str], person_id: str, *, about: Mapping[str, Any], return_uri: str
    ) -> str:
        """Keeps a plain text for one person to sign with a personal key; returns the request's id.

        `about` comes back with the signature. `return_uri` is a page of ours.
        """
        self._be_registered()
        document, now, request_id = text.encode(), self._clock.now(), new_id()
        digest = hashlib.sha256(document).hexdigest()
        row = {
            "id": request_id,
            "client_id": CLIENT_ID,
            "title": dict(title),
            "media_type": "text/plain",
            "document": document,
            "document_sha256": digest,
            "signers": {
                "subs": [self._subjects.sub(CLIENT_ID, person_id)],
                "roles": [],
                "certificate": "person",
                "about": dict(about),
            },
            "return_uri": return_uri,
            "state": "waiting",
            "person_id": None,
            "created_at": now,
            "expires_at": now + WAIT,
            "closed_at": None,
        }
        with self._uow.write() as tx:
            signing.add(tx, row)
            data = {"request": request_id, "sha256": digest, "schools": []}
            audit.record(tx, event="signing_requested", now=now, client_id=CLIENT_ID, actor_id=person_id, data=data)
        return request_id

    def _be_registered(self) -> None:
        with self._uow.read() as tx:
            if clients.find(tx, CLIENT_ID) is not None:
                return
        now = self._clock.now()
        row = {
            "client_id": CLIENT_ID,
            "secret_hash": "",
            # `client_secret_basic` with no secret: no authentication can succeed.
            "metadata": _NAME
            | {"token_endpoint_auth_method": "client_secret_basic", "redirect_uris": [], "grant_types": ["none"]},
            "profile": "modern",
            "sector": CLIENT_ID,
            "owner": "Bilim ID",
            "purpose": "Documents of this site that people sign with an ЭЦҚ",
            "consent": "implicit",
            "approved_scopes": [],
            "approved_claims": [],
            "resources": [],
            "all_schools": False,
            "end_date": None,
            "is_disabled": False,
            "created_at": now,
            "updated_at": now,
        }
        try:
            with self._uow.write() as tx:
                clients.add(tx, row)
                audit.record(tx, event="client_added", now=now, client_id=CLIENT_ID, data={"schools": []})
        except IntegrityError:
            pass  # Somebody else was first.
