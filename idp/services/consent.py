"""Consent: shows a person the very values a client would receive, and remembers the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.ids import fingerprint
from idp.core.names import full_name
from idp.oidc import claims, interaction
from idp.oidc.authorization import Authorization
from idp.oidc.authorize import check_request
from idp.oidc.client import Client
from idp.oidc.errors import PageError
from idp.oidc.ports import OidcUnit, SessionView, Stores
from idp.oidc.request import collect
from idp.oidc.scopes import OFFLINE, claims_for
from idp.oidc.server import Server
from idp.store import audit, consents
from idp.store.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """What the page shows. `values` holds one (claim name, values) pair per claim that has a value."""

    client: dict[str, Any]
    person: dict[str, str]
    membership: dict[str, str] | None
    values: list[dict[str, Any]]
    offline: bool
    redirect_uri: str


class Consents:
    def __init__(self, uow: UnitOfWork, stores: OidcUnit, server: Server, clock: Clock) -> None:
        self._uow = uow
        self._stores = stores
        self._server = server
        self._clock = clock

    def page(self, interaction_id: str, *, session_token: str, browser: str, language: str = "") -> ConsentPage:
        """Raises PageError `link_expired` when the interaction or the session is over, or what the request deserves."""
        with self._stores.read() as stores:
            auth, session = self._waiting(stores, interaction_id, session_token, browser)
            released = claims.release(
                self._server, stores.claims, auth.client, session.person_id, session.membership_id, _names(auth)
            )
            person = stores.claims.person(session.person_id) or {}
            held = stores.claims.memberships(session.person_id, today=local_date(auth.now))
        name = full_name(person.get("family_name", ""), person.get("given_name", ""), person.get("middle_name", ""))
        active = next((row for row in held if row["id"] == session.membership_id), None)
        return ConsentPage(
            client=describe(auth.client, language),
            person={"name": name or session.username},
            membership={"role": active["role"], "school": active["school_name"] or ""} if active else None,
            values=[{"key": name, "values": _as_words(name, value)} for name, value in released.items()],
            offline=OFFLINE in auth.scopes,
            redirect_uri=auth.redirect_uri,
        )

    def allow(self, interaction_id: str, *, session_token: str, browser: str) -> None:
        """Remembers that the person agreed to the scopes and claims of the request. Raises PageError as above."""
        with self._stores.read() as stores:
            auth, session = self._waiting(stores, interaction_id, session_token, browser)
        client_id, now = auth.client.client_id, self._clock.now()
        with self._uow.write() as tx:
            consents.give(
                tx,
                person_id=session.person_id,
                client_id=client_id,
                membership_id=session.membership_id,
                school_id=session.school_id,
                scopes=auth.scopes,
                claims=_names(auth),
                now=now,
            )
            audit.record(
                tx,
                event="consent_given",
                now=now,
                person_id=session.person_id,
                client_id=client_id,
                school_id=session.school_id or "",
                data={"scopes": list(auth.scopes), "claims": list(_names(auth))},
            )

    def note_refusal(self, interaction_id: str, *, session_token: str, browser: str) -> None:
        """Writes down that the person said no. Raises PageError as above."""
        with self._stores.read() as stores:
            auth, session = self._waiting(stores, interaction_id, session_token, browser)
        with self._uow.write() as tx:
            audit.record(
                tx,
                event="consent_refused",
                now=self._clock.now(),
                person_id=session.person_id,
                client_id=auth.client.client_id,
                school_id=session.school_id or "",
                data={"scopes": list(auth.scopes)},
            )

    def _waiting(
        self, stores: Stores, interaction_id: str, session_token: str, browser: str
    ) -> tuple[Authorization, SessionView]:
        """The request, checked again, and the session of the person who is asked."""
        now = self._clock.now()
        waiting = interaction.load(stores.one_time, interaction_id, browser, now=now)
        auth, refusal = check_request(
            self._server, stores, collect(waiting.params), now=now, waiting_since=waiting.created_at
        )
        if refusal is not None:
            raise PageError("invalid_request", refusal.description)
        session = (
            stores.sessions.live(fingerprint(session_token), auth.client.client_id, now=now) if session_token else None
        )
        if session is None:
            raise PageError("link_expired", "the session is over")
        return auth, session


def _names(auth: Authorization) -> tuple[str, ...]:
    return claims_for(auth.scopes, auth.client.approved_claims)


def describe(client: Client, language: str) -> dict[str, Any]:
    """Who asks, as the consent page shows it."""
    shown = {name: client.text(name, language) for name in ("logo_uri", "client_uri", "policy_uri", "tos_uri")}
    return shown | {
        "client_id": client.client_id,
        "name": client.text("client_name", language) or client.client_id,
        "owner": client.record.owner,
        "purpose": client.record.purpose,
        "end_date": client.record.end_date,
    }


_WORD = {"roles": "role", "school": "name", "classes": "title", "children": "name", "guardians": "name"}
"""Which member of a structured claim a person recognises it by."""


def _as_words(claim: str, value: Any) -> list[str]:
    """A claim's values as plain strings; pages translate codes such as roles and `true`."""
    if claim == "licences":
        return [str(one["name"]["kk"]) for one in value]
    if claim == "updated_at":
        return [datetime.fromtimestamp(value, UTC).date().isoformat()]
    if claim == "address":
        parts = value if isinstance(value, dict) else {"formatted": value}
        return [str(parts.get("formatted") or ", ".join(str(part) for part in parts.values()))]
    if claim in _WORD:
        items = value if isinstance(value, list) else [value]
        return list(dict.fromkeys(str(item[_WORD[claim]]) for item in items))
    return [str(value).lower() if isinstance(value, bool) else str(value)]
