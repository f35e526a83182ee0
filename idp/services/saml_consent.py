"""Consent at a SAML sign-on: the page shows the very values that the assertion would carry, and the answer is kept.

What is kept is the answer's own kind of row, so that «my services» lists and takes back both protocols alike.
"""

from __future__ import annotations

import json
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.ids import fingerprint
from idp.core.names import full_name
from idp.oidc.client import Client
from idp.saml import name_id, release, sso
from idp.saml.errors import PageError, SamlError
from idp.saml.name_id import NameId
from idp.saml.ports import SamlUnit, Stores
from idp.saml.server import Server
from idp.saml.sign_on import SignOn
from idp.services.consent import ConsentPage, describe
from idp.store import audit, clients, consents
from idp.store.session import UnitOfWork

SCOPE = "saml"
_WORD = {"bilimRoles": "role", "bilimSchool": "name", "bilimClasses": "title"}
"""Which member of a structured value a person recognises it by."""


class SamlConsents:
    def __init__(self, uow: UnitOfWork, stores: SamlUnit, server: Server, clock: Clock) -> None:
        self._uow = uow
        self._stores = stores
        self._server = server
        self._clock = clock

    def page(self, interaction_id: str, *, session_token: str, browser: str, language: str = "") -> ConsentPage:
        """Raises PageError `link_expired` when the interaction or the session is over, or what the request deserves."""

        with self._stores.read() as stores:
            on = self._waiting(stores, interaction_id, session_token, browser)
            session, today = on.session, local_date(on.now)
            released = release.released(self._server, stores.facts, on.record, session, on.names, today=today)
            values = [
                {"key": one.name, "values": [_as_words(one.name, value) for value in one.values]} for one in released
            ]
            values += self._named_by(on, [one.name for one in released], stores)
            person = stores.facts.person(session.person_id) or {}
            held = stores.facts.memberships(session.person_id, today=today)
        with self._uow.read() as tx:
            row = clients.find(tx, on.record.client_id)
        assert row is not None
        name = full_name(person.get("family_name", ""), person.get("given_name", ""), person.get("middle_name", ""))
        active = next((one for one in held if one["id"] == session.membership_id), None)
        return ConsentPage(
            client=describe(Client(row), language),
            person={"name": name or session.username},
            membership={"role": active["role"], "school": active["school_name"] or ""} if active else None,
            values=values,
            offline=False,
            redirect_uri=on.consumer.location,
        )

    def _named_by(self, on: SignOn, shown: list[str], stores: Stores) -> list[dict[str, Any]]:
        """What a NameID gives away that no attribute does: an address, or a username."""
        form = name_id.choose(on.request, on.record)
        source = name_id.source(on.record, form)
        if not source or source in shown:
            return []
        try:
            named = name_id.make(self._server, stores.facts, on.record, on.session, form)
        except SamlError:
            return []  # The service will be told that there is no such name; nothing goes.
        return [{"key": source, "values": [named.value]}] if named else []

    def allow(self, interaction_id: str, *, session_token: str, browser: str) -> None:
        """Remembers that the person agreed to attributes and to what the NameID tells. Raises PageError as above."""
        with self._stores.read() as stores:
            on = self._waiting(stores, interaction_id, session_token, browser)
        session, now = on.session, self._clock.now()
        told = list(dict.fromkeys((*on.names, *name_id.tells(on.record, name_id.choose(on.request, on.record)))))
        who = {"person_id": session.person_id, "client_id": on.record.client_id}
        with self._uow.write() as tx:
            consents.give(
                tx, **who, membership_id=session.membership_id, school_id=session.school_id, scopes=[SCOPE],
                claims=told, now=now,
            )  # fmt: skip
            audit.record(
                tx, event="consent_given", now=now, **who, school_id=session.school_id or "",
                data={"scopes": [SCOPE], "claims": told},
            )  # fmt: skip

    def note_refusal(self, interaction_id: str, *, session_token: str, browser: str) -> None:
        """Writes down that the person said no. Raises PageError as above."""
        with self._stores.read() as stores:
            on = self._waiting(stores, interaction_id, session_token, browser)
        with self._uow.write() as tx:
            audit.record(
                tx, event="consent_refused", now=self._clock.now(), person_id=on.session.person_id,
                client_id=on.record.client_id, school_id=on.session.school_id or "", data={"scopes": [SCOPE]},
            )  # fmt: skip

    def _waiting(self, stores: Stores, interaction_id: str, session_token: str, browser: str) -> SignOn:
        """The sign-on, checked again, and the session of the person who is asked."""

        on = sso.waiting(self._server, stores, interaction_id, browser)
        if session_token:
            on.session_or_none = stores.sessions.live(fingerprint(session_token), on.record.client_id, now=on.now)
        if on.session_or_none is None:
            raise PageError("link_expired", "the session is over")
        index = on.request.attribute_index if on.request else None
        on.names = release.names(on.record, index, on.session.withheld)
        return on


def _as_words(name: str, value: str | NameId) -> str:
    if isinstance(value, NameId):
        return value.value
    return str(json.loads(value)[_WORD[name]]) if name in _WORD else value
